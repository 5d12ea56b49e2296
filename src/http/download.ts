/**
 * `GET` and `HEAD` `/files/<storage key>`: who may read a file, which part of it, and under which headers. It knows
 * nothing of the database or the bucket behind `find` and `store`.
 */
import type { FileRecord } from "../files/file-record.ts";
import { Problem } from "../problem.ts";
import type { ObjectKey } from "../storage/object-key.ts";
import type { ByteRange, ObjectStore } from "../storage/object-store.ts";
import { isNotModified, isRangeCurrent, type Validators } from "./conditional.ts";
import { formatDisposition, readDisposition } from "./content-disposition.ts";
import { readFileKey } from "./file-url.ts";
import { readRange } from "./range.ts";
import { contentTypeOf, isHarmlessType, isInlineType } from "./served-type.ts";
import { type LinkKey, type LinkVerdict, verifyLink } from "./signed-link.ts";

export interface DownloadServices {
  /** The file's row in whatever state; null when there is none. */
  find(key: ObjectKey): Promise<FileRecord | null>;
  readonly store: ObjectStore;
  readonly linkKey: LinkKey;
  readonly now: Date;
}

const METHODS = ["GET", "HEAD"];
/** A year, the longest life that caches heed; what lies under a key never changes. */
const MAX_AGE_SECONDS = 31_536_000;

/** Nothing that a stored file says may run, load or be read as another type, wherever it is opened. */
const guardHeaders = {
  "X-Content-Type-Options": "nosniff",
  "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
  // Pictures are shown on other sites' pages.
  "Cross-Origin-Resource-Policy": "cross-origin",
  // A signed address is a secret that a document must not pass on.
  "Referrer-Policy": "no-referrer",
};

/**
 * Answers 200, 206 or 304. A valid link opens public and private files, no link only public ones; what a caller may not
 * read and what does not exist are the same `file_not_found`. Throws Problem `link_invalid`, `link_expired`,
 * `file_not_found`, `file_expired`, `range_not_satisfiable`, `method_not_allowed`, or what `find` and `store` throw.
 *
 * The link is checked before the look-up begins: that takes a fraction of a millisecond, and a forged link then costs
 * no query.
 */
export async function serveFile(request: Request, services: DownloadServices): Promise<Response> {
  if (!METHODS.includes(request.method)) {
    throw new Problem("method_not_allowed", { headers: { Allow: METHODS.join(", ") } });
  }
  const verdict = await verifyLink(services.linkKey, request, services.now);
  const presentation = readPresentation(verdict);
  const file = await findReadable(request, services, verdict !== null);

  const validators = validatorsOf(file);
  const headers = new Headers({
    "Cache-Control": cacheControlOf(file, verdict !== null, services.now),
    "Last-Modified": validators.lastModified.toUTCString(),
  });
  if (validators.etag !== null) headers.set("ETag", validators.etag);
  if (isNotModified(request.headers, validators)) return new Response(null, { status: 304, headers });

  setContentHeaders(headers, file, presentation);
  if (request.method === "HEAD") return new Response(null, { headers });
  return send(request, services.store, file, validators, headers);
}

interface Presentation {
  readonly type: string | null;
  readonly kind: "inline" | "attachment";
  readonly fileName: string | null;
}

/** What a link asks a file to be shown as. A value that no `signLink` lets pass is refused before the file is looked up. */
function readPresentation(verdict: LinkVerdict | null): Presentation {
  const type = verdict?.type ?? null;
  if (type !== null && !isHarmlessType(type))
    throw new Problem("link_invalid", { reason: "the link's type is not inert" });
  const asked = verdict?.disposition ?? null;
  if (asked === null) return { type, kind: "inline", fileName: null };
  const disposition = readDisposition(asked);
  if (disposition === null) throw new Problem("link_invalid", { reason: "the link's disposition is malformed" });
  return { type, ...disposition };
}

async function findReadable(request: Request, services: DownloadServices, isSigned: boolean): Promise<FileRecord> {
  const key = readFileKey(new URL(request.url).pathname);
  const file = key === null ? null : await services.find(key);
  if (file?.status !== "stored" || (file.visibility !== "public" && !isSigned)) throw new Problem("file_not_found");
  if (file.expiresAt !== null && services.now >= new Date(file.expiresAt)) throw new Problem("file_expired");
  return file;
}

function validatorsOf(file: FileRecord): Validators {
  const seconds = Math.floor(Date.parse(file.createdAt) / 1000);
  return {
    etag: file.checksumSha256 === null ? null : `"${file.checksumSha256}"`,
    // The bytes are those of the first day; `updatedAt` moves with the row.
    lastModified: new Date(seconds * 1000),
  };
}

/** What came through a signature belongs to whoever holds it, also when the file is public. */
function cacheControlOf(file: FileRecord, isSigned: boolean, now: Date): string {
  if (isSigned) return "private, no-store";
  const leftSeconds = file.expiresAt === null ? Infinity : (Date.parse(file.expiresAt) - now.getTime()) / 1000;
  return `public, max-age=${Math.min(MAX_AGE_SECONDS, Math.floor(leftSeconds))}, immutable`;
}

function setContentHeaders(headers: Headers, file: FileRecord, asked: Presentation): void {
  const type = asked.type ?? file.fileType;
  // Asking for `inline` cannot make a type safe.
  const kind = isInlineType(type) ? asked.kind : "attachment";
  const fileName = asked.fileName ?? file.originalFileName;
  for (const [name, value] of Object.entries(guardHeaders)) headers.set(name, value);
  headers.set("Content-Type", contentTypeOf(type));
  headers.set("Content-Disposition", formatDisposition({ kind, fileName }));
  headers.set("Content-Length", String(file.fileSize));
  headers.set("Accept-Ranges", "bytes");
}

async function send(
  request: Request,
  store: ObjectStore,
  file: FileRecord,
  validators: Validators,
  headers: Headers,
): Promise<Response> {
  const range = isRangeCurrent(request.headers, validators)
    ? readRange(request.headers.get("Range"), file.fileSize)
    : null;
  if (range === "unsatisfiable") {
    throw new Problem("range_not_satisfiable", { headers: { "Content-Range": `bytes */${file.fileSize}` } });
  }
  const stream = await open(store, file, range);
  if (range === null) return new Response(stream, { headers });
  headers.set("Content-Length", String(range.length));
  headers.set("Content-Range", `bytes ${range.offset}-${range.offset + range.length - 1}/${file.fileSize}`);
  return new Response(stream, { status: 206, headers });
}

async function open(
  store: ObjectStore,
  file: FileRecord,
  range: ByteRange | null,
): Promise<ReadableStream<Uint8Array>> {
  const object = await (range === null ? store.get(file.storageKey) : store.get(file.storageKey, range));
  if (object === null) throw new Problem("file_not_found", { reason: `file ${file.id} has a row but no object` });
  if (object.size === file.fileSize) return object.stream;
  await object.stream.cancel();
  throw new Problem("internal", { reason: `file ${file.id} has ${object.size} bytes, its row says ${file.fileSize}` });
}
