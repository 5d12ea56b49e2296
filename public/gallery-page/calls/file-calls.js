// The file API as the page uses it, with answers in the page's own terms. Knows no element.
import { createClient } from "./client.js";
import { once, withWords } from "./refusals.js";

/** @param readToken the token to call with, asked for at every call */
export function createFileCalls(readToken) {
  const { files } = createClient("", { endpoints: {}, token: readToken, storage: null });
  const asked = (call) => call.catch(withWords());
  return {
    /**
     * A page of files. `cursor` is the `next` of the page before; null begins, and only then counts.
     * @param query what narrows and orders the list, in the file API's terms
     */
    async list(limit, cursor, query) {
      const { count, data, nextCursor } = await asked(
        files.list({ ...query, limit, cursor: cursor ?? undefined }, once),
      );
      return { count, files: data.map(readFile), next: nextCursor };
    },
    /** What an upload may be, and how much of the quota is used: `{ maxFileBytes, types, quota }`. */
    limits: () => asked(files.limits(once)),
    get: async (id) => readFile(await asked(files.get(id, once))),
    rename: async ({ id }, name) => readFile(await asked(files.rename(id, name, once))),
    remove: (id) => asked(files.delete(id, once)),
    restore: async (id) => readFile(await asked(files.restore(id, once))),
    /** A signed link. @param disposition `inline` or `attachment` */
    link: ({ id }, { expiresSeconds, disposition }) =>
      asked(files.link(id, { expires: expiresSeconds, disposition }, once)),
    /** As `link`, but it opens once. */
    linkOnce: async ({ id }, { expiresSeconds, disposition }) => {
      const terms = { expires: expiresSeconds, disposition, max_downloads: 1 };
      return (await asked(files.issue(id, terms, once))).url;
    },
    /** All that were given out, the newest first, without their addresses. */
    links: async ({ id }) => (await asked(files.links(id, once))).map(readLink),
    revoke: ({ id }) => asked(files.revoke(id, once)),
    /**
     * Rejects when `signal` says so; the server then undoes what it has begun.
     * @param key the same for every attempt: none stores the file again when an earlier one has, unheard
     * @param onProgress takes a share from 0 to 1
     */
    async upload(file, { isPrivate, key, signal, onProgress }) {
      const progress = ({ loaded, total }) => onProgress(loaded / total);
      const options = { ...once, isPrivate, signal, idempotencyKey: key, onProgress: progress };
      const lost = withWords("The connection was lost. Try again: nothing is stored twice.");
      return readFile(await files.upload(file, options).catch(lost));
    },
  };
}

function readFile(answer) {
  const { meta } = answer;
  return {
    id: answer._id,
    key: answer.name,
    name: meta.originalName,
    type: answer.type,
    bytes: Number(answer.size),
    url: answer.url,
    isPrivate: meta.visibility === "private",
    width: meta.width ?? null,
    height: meta.height ?? null,
    color: meta.dominantColor ?? null,
    thumbhash: meta.thumbhash ?? null,
    /** Smaller pictures of it: `{ width, url }`, whose addresses open as they are. */
    thumbnails: meta.thumbnails ?? [],
    checksum: meta.checksumSha256 ?? null,
    createdAt: answer.createdAt,
    expiresAt: meta.expiresAt ?? null,
    restorableUntil: meta.restorableUntil ?? null,
  };
}

function readLink(answer) {
  return {
    id: answer.id,
    isLive: answer.state === "live",
    issuedAt: answer.issued_at,
    expiresAt: answer.expires_at,
    downloads: answer.downloads,
    most: answer.max_downloads,
  };
}
