/** The runtime's own routes, whose addresses no ABI may take. */

export const healthPath = "/healthz";
export const filesPath = "/files";
export const fileApiPath = "/v1/upload";
/** What the rows of its uploads have as their endpoint. No ABI can have this id: theirs contain no slash. */
export const fileApiEndpoint = "v1/upload";
export const jobsPath = "/jobs";

/** Below it, under its endpoint's id, each resumable upload has its address. */
export const resumablePath = "/v1/uploads";

/** Below it are those of the file API, whose callers know nothing of endpoints. */
export const fileApiUploadsPath = "/v1/upload/uploads";

/** Reserved with everything below them. Where nothing is resumable the last one would be mistaken for the file API. */
export const ownFolders = [filesPath, fileApiPath, resumablePath];

/** What stands behind `jobsPath` in the address of a job; all else there is an ABI's to take. */
export const isJobId = (segment: string): boolean => segment.length === jobIdLength && /^[0-9a-f]+$/.test(segment);
export const jobIdLength = 32;

/** True for the folder's own path and every path below it. */
export function isWithin(folder: string, path: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

/** A segment of a resource that stands for any one: a path parameter. */
export const isParameter = (segment: string): boolean => segment.startsWith(":");

/** Whether the segments of a path are the resource's, both as they are written: an encoded slash is none. */
export const fitsResource = (resource: readonly string[], segments: readonly string[]): boolean =>
  resource.length === segments.length &&
  resource.every((word, at) => (isParameter(word) ? segments[at] !== "" : segments[at] === word));

/** The names of a resource's path parameters, in order. */
export const parametersOf = (resource: string): string[] =>
  resource.split("/").flatMap((segment) => (isParameter(segment) ? segment.slice(1) : []));
