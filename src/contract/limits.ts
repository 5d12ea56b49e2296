/** Limits that the compiler checks and the Worker enforces. */

/** The longest delay of a queue's message: https://developers.cloudflare.com/queues/platform/limits/ */
export const maxDelaySeconds = 43_200;

/** The most elements of a list that a `multi` statement runs for in one call: keeps a batch within D1's limits. */
export const maxElements = 1000;

/** bcrypt's highest cost that is computed: more than two seconds of a Worker's processor for each password. */
export const maxBcryptCost = 15;

/** The most thumbnails of one file. */
export const mostThumbnails = 3;
/** Of a thumbnail: it stands in addresses as it is. */
export const thumbnailName = /^[a-z0-9][a-z0-9_-]{0,31}$/;
/** Pixels of a thumbnail's longer side. */
export const leastEdge = 16;
export const mostEdge = 1280;

/** Where nobody says anything else of a thumbnail. */
export const defaultQuality = 80;
export const defaultBackground = [255, 255, 255] as const;

/** All parts of a resumable upload but the last: R2 wants them equal. Bytes. */
export const resumablePartBytes = 8 * 1024 * 1024;
/** R2 takes 10,000 parts: https://developers.cloudflare.com/r2/platform/limits/ */
export const mostResumableBytes = 10_000 * resumablePartBytes;

/** Of upload links, where an ABI sets no other bounds, and the furthest that it may set. */
export const defaultLinkUploads = 1000;
export const mostLinkUploads = 1_000_000;
export const defaultLinkSeconds = 604_800;
export const mostLinkSeconds = 31_622_400;
/** The query parameter of an upload link that has all its terms. */
export const uploadLinkParameter = "upload";
