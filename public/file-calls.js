// The page's calls to the file API, and its answers in the page's own terms. Knows no element.

import { askServer, Refusal } from "./server.js";

/** @param readToken the token to call with, asked for at every call */
export function createFileCalls(readToken) {
  const call = (method, path, payload) => askServer(method, `/v1/upload${path}`, { token: readToken(), payload });
  return {
    /** A page of files, the newest first. `cursor` is the `next` of the page before; null begins, and only then counts. */
    async list(limit, cursor) {
      const query = new URLSearchParams({ limit: String(limit), ...(cursor === null ? {} : { cursor }) });
      const { count, data, nextCursor } = await call("GET", `?${query}`);
      return { count, files: data.map(readFile), next: nextCursor ?? null };
    },
    remove: (id) => call("DELETE", `/${id}`),
    restore: async (id) => readFile(await call("POST", `/${id}/restore`)),
    /** A signed link. @param disposition `inline` or `attachment` */
    link: ({ id }, { expiresSeconds, disposition }) =>
      call("GET", `/url/${id}?${new URLSearchParams({ expires: String(expiresSeconds), disposition })}`),
    /** As `link`, but it opens once. */
    linkOnce: async ({ id }, { expiresSeconds, disposition }) => {
      const terms = { expires: expiresSeconds, disposition, max_downloads: 1 };
      const { url } = await call("POST", `/${id}/links`, terms);
      return url;
    },
    upload: (file, options) => upload(readToken(), file, options),
  };
}

/**
 * `fetch` cannot tell how much of a body has been sent: XMLHttpRequest can. Rejects with an AbortError when `signal`
 * says so; the server then undoes what it has begun.
 * @param key the same for every attempt: none stores the file again when an earlier one has, unheard
 * @param onProgress takes a share from 0 to 1
 */
function upload(token, file, { isPrivate, key, signal, onProgress }) {
  const form = new FormData();
  form.append("file", file);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const abort = () => request.abort();
    request.open("POST", isPrivate ? "/v1/upload/private" : "/v1/upload");
    request.setRequestHeader("Authorization", `Bearer ${token}`);
    request.setRequestHeader("Idempotency-Key", key);
    request.responseType = "json";
    request.upload.addEventListener("progress", (event) => onProgress(event.loaded / event.total));
    request.addEventListener("loadend", () => signal.removeEventListener("abort", abort));
    request.addEventListener("abort", () => reject(new DOMException("Cancelled", "AbortError")));
    request.addEventListener("error", () =>
      reject(new Error("The connection was lost. Try again: nothing is stored twice.")),
    );
    request.addEventListener("load", () => {
      if (request.status === 200 || request.status === 201) resolve(readFile(request.response.data));
      else reject(new Refusal(request.status, { get: (name) => request.getResponseHeader(name) }, request.response));
    });
    signal.addEventListener("abort", abort);
    request.send(form);
  });
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
    checksum: meta.checksumSha256 ?? null,
    createdAt: answer.createdAt,
    expiresAt: meta.expiresAt ?? null,
  };
}
