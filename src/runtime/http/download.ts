/** `GET` and `HEAD` `/files/<storage key>`: who may read a file, which range of it, and under which headers. */
import type { AskedThumbnail } from "../call/pictures.ts";
import { readabilityOf } from "../files/readable.ts";
import type { FileRecord } from "../files/record.ts";
import type { LinkableFile, LinkRegistry } from "../links/registry.ts";
import { Problem } from "../../contract/problem.ts";
import type { ObjectKey } from "../storage/object-key.ts";
import type { ByteRange, ObjectBody, ObjectStore } from "../storage/object-store.ts";
import { methodNotAllowed } from "./exact-routes.ts";
import { isNotModified, isRangeCurrent, meetsPreconditions, type Validators } from "./conditional.ts";
import { formatDisposition, readDisposition } from "../media/disposition.ts";
import { readFileKey } from "../links/file-url.ts";
import { openLink } from "../links/open.ts";
import { readRange } from "./range.ts";
import { contentTypeOf, isHarmlessType, isInlineType } from "../media/served-type.ts";
import type { LinkKey, LinkPlace, LinkVerdict } from "../links/signed-link.ts";

export interface DownloadOptions {
  readonly links: Pick<LinkRegistry, "find" | "spend">;
  readonly store: ObjectStore;
  readonly linkKey: LinkKey;
  readonly place: LinkPlace;
  /** The request's arrival. */
  readonly now: Date;
  /** What of the file is asked for, if not the file. */
  readonly asked: (request: Request, verdict: LinkVerdict | null) => AskedThumbnail | null;
}

const METHODS = ["GET", "HEAD"];
/** A year, the longest lifetime that caches heed; what is stored under a key never changes. */
const MAX_AGE_SECONDS = 31_536_000;

/** Nothing in a stored file may run or load, wherever it is opened; `nosniff` is on every answer of the app. */
const guardHeaders = {
  "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
  // Pictures are shown on other sites' pages.
  "Cross-Origin-Resource-Policy": "cross-origin",
  // A signed address is a secret that a document must not leak.
  "Referrer-Policy": "no-referrer",
};

/**
 * Answers 200, 206 or 304. A valid link opens public and private files; without a link only public ones open. A file
 * that a caller may not read and one that does not exist are the same `file_not_found`. Throws Problem `link_invalid`,
 * `link_expired`, `link_revoked`, `link_used_up`, `file_not_found`, `file_expired`, `precondition_failed`, `range_not_satisfiable`,
 * `method_not_allowed`, or what `links` and `store` throw.
 *
 * The link is checked before the look-up begins: that takes a fraction of a millisecond, and a forged link then costs
 * neither a query nor a read. The object is opened while its row is looked up. Each request looks the row up, so one
 * that begins after a revocation or a deletion was answered sees it.
 */
export async function serveFile(request: Request, options: DownloadOptions): Promise<Response> {
  if (!METHODS.includes(request.method)) {
    throw methodNotAllowed(METHODS);
  }
  const verdict = await openLink(options.linkKey, request, options.now, options.place);
  const presentation = readPresentation(verdict);
  const key = verdict?.key ?? readFileKey(new URL(request.url).pathname, options.place.mount);
  if (key === null) throw new Problem("file_not_found");
  const thumbnail = options.asked(request, verdict);
  const early = wantsWhole(request) ? openEarly(options.store, thumbnail?.keyIn(key) ?? key) : null;
  try {
    const found = readable(await options.links.find(key), options.now, verdict);
    const file = thumbnail?.of(found) ?? found;
    const cacheControl =
      thumbnail?.cacheControl(file, options.now) ?? cacheControlOf(file, verdict !== null, options.now);
    return await answer(request, options, { file, verdict, presentation, early, cacheControl });
  } catch (error) {
    await early?.discard();
    throw error;
  }
}

/** A request that may be answered, and the object if it was opened already. */
interface Reading {
  /** Or its thumbnail. */
  readonly file: FileRecord;
  readonly cacheControl: string;
  readonly verdict: LinkVerdict | null;
  readonly presentation: Presentation;
  readonly early: EarlyObject | null;
}

async function answer(request: Request, options: DownloadOptions, reading: Reading): Promise<Response> {
  const { file, verdict, presentation, early, cacheControl } = reading;
  const validators = validatorsOf(file);
  const known = { ...validatorHeaders(validators), "Cache-Control": cacheControl };
  // In the order of RFC 9110 §13.2.2.
  if (!meetsPreconditions(request.headers, validators)) throw new Problem("precondition_failed");
  if (isNotModified(request.headers, validators)) return new Response(null, { status: 304, headers: known });
  const headers = { ...known, ...contentHeaders(file, presentation) };
  if (request.method === "HEAD") return new Response(null, { headers });
  const range = rangeOf(request, file, validators);
  const stream = await open(options.store, file, range, early);
  // Last of all: what cannot be sent must not be counted.
  if (verdict !== null) await spend(options.links, verdict, file, range, stream);
  if (range === null) return new Response(stream, { headers });
  const part = {
    "Content-Length": String(range.length),
    "Content-Range": `bytes ${range.offset}-${range.offset + range.length - 1}/${file.fileSize}`,
  };
  return new Response(stream, { status: 206, headers: { ...headers, ...part } });
}

interface Presentation {
  readonly type: string | null;
  readonly kind: "inline" | "attachment";
  readonly fileName: string | null;
}

const AS_STORED: Presentation = { type: null, kind: "inline", fileName: null };

/**
 * How a link asks for a file to be shown. A value that `signLink` never lets pass is refused before the file is looked
 * up.
 */
function readPresentation(verdict: LinkVerdict | null): Presentation {
  const type = verdict?.type ?? null;
  if (type !== null && !isHarmlessType(type))
    throw new Problem("link_invalid", { reason: "the link's type is not inert" });
  const asked = verdict?.disposition ?? null;
  if (asked === null) return type === null ? AS_STORED : { ...AS_STORED, type };
  const disposition = readDisposition(asked);
  if (disposition === null) throw new Problem("link_invalid", { reason: "the link's disposition is malformed" });
  return { type, ...disposition };
}

/** @throws Problem `file_not_found`, `link_revoked`, `file_expired` */
function readable(found: LinkableFile | null, now: Date, verdict: LinkVerdict | null): FileRecord {
  if (found === null) throw new Problem("file_not_found");
  const { file, epoch } = found;
  const readability = readabilityOf(file, verdict === null ? "anyone" : "link", now);
  if (readability === "hidden") throw new Problem("file_not_found");
  // Also for a public file: whoever revoked its links wants those addresses dead.
  if (verdict !== null && verdict.epoch !== epoch) {
    throw new Problem("link_revoked", { reason: `a link of epoch ${verdict.epoch}, now ${epoch}` });
  }
  if (readability === "expired") throw new Problem("file_expired");
  return file;
}

function validatorsOf(file: FileRecord): Validators {
  const seconds = Math.floor(Date.parse(file.createdAt) / 1000);
  return {
    etag: file.checksumSha256 === null ? null : `"${file.checksumSha256}"`,
    // The bytes are as old as the file; `updatedAt` moves with the row.
    lastModified: new Date(seconds * 1000),
  };
}

function validatorHeaders({ etag, lastModified }: Validators): Readonly<Record<string, string>> {
  return { "Last-Modified": lastModified.toUTCString(), ...(etag === null ? {} : { ETag: etag }) };
}

/**
 * What is answered to a signature belongs to whoever holds the link, even when the file is public. Nobody on the way may
 * recode the file: a proxy that compresses it would have to drop its strong validator (RFC 9110 §8.8.1).
 */
function cacheControlOf(file: FileRecord, isSigned: boolean, now: Date): string {
  if (isSigned) return "private, no-store, no-transform";
  const leftSeconds = file.expiresAt === null ? Infinity : (Date.parse(file.expiresAt) - now.getTime()) / 1000;
  return `public, max-age=${Math.min(MAX_AGE_SECONDS, Math.floor(leftSeconds))}, immutable, no-transform`;
}

function contentHeaders(file: FileRecord, asked: Presentation) {
  const type = asked.type ?? file.fileType;
  // Asking for `inline` cannot make a type safe.
  const kind = isInlineType(type) ? asked.kind : "attachment";
  const fileName = asked.fileName ?? file.originalFileName;
  return {
    ...guardHeaders,
    "Content-Type": contentTypeOf(type),
    "Content-Disposition": formatDisposition({ kind, fileName }),
    "Content-Length": String(file.fileSize),
    "Accept-Ranges": "bytes",
  };
}

/** @throws Problem `range_not_satisfiable` */
function rangeOf(request: Request, file: FileRecord, validators: Validators): ByteRange | null {
  if (!isRangeCurrent(request.headers, validators)) return null;
  const range = readRange(request.headers.get("Range"), file.fileSize);
  if (range !== "unsatisfiable") return range;
  throw new Problem("range_not_satisfiable", { headers: { "Content-Range": `bytes */${file.fileSize}` } });
}

/** Charges the bytes to a counted link's downloads. @throws Problem `link_used_up` */
async function spend(
  links: DownloadOptions["links"],
  { id, maxDownloads }: LinkVerdict,
  file: FileRecord,
  range: ByteRange | null,
  stream: ReadableStream<Uint8Array>,
): Promise<void> {
  if (maxDownloads === null || id === null) return;
  const lengthBytes = range?.length ?? file.fileSize;
  const isPaid = await links
    .spend({ id, fileId: file.id, lengthBytes, fileBytes: file.fileSize })
    .catch(async (error: unknown) => {
      await stream.cancel();
      throw error;
    });
  if (isPaid) return;
  await stream.cancel();
  throw new Problem("link_used_up", { reason: `link ${id} has no download left` });
}

async function open(
  store: ObjectStore,
  file: FileRecord,
  range: ByteRange | null,
  early: EarlyObject | null,
): Promise<ReadableStream<Uint8Array>> {
  const { storageKey } = file;
  const whole = async () => {
    const opening = early?.take(storageKey);
    if (opening !== undefined) return opening;
    const [object] = await Promise.all([store.get(storageKey), early?.discard()]);
    return object;
  };
  const object = await (range === null ? whole() : store.get(storageKey, range));
  if (object === null) throw new Problem("file_not_found", { reason: `file ${file.id} has a row but no object` });
  if (object.size === file.fileSize) return object.stream;
  await object.stream.cancel();
  throw new Problem("internal", { reason: `file ${file.id} has ${object.size} bytes, its row says ${file.fileSize}` });
}

/** An object that is opened before it is known whether it may be read. */
interface EarlyObject {
  /** Whoever takes it owns its stream. Undefined: it is the object of another key. */
  take(key: ObjectKey): Promise<ObjectBody | null> | undefined;
  /** Closes what was opened, unless it was taken. */
  discard(): Promise<void>;
}

const conditional = ["Range", "If-Match", "If-Unmodified-Since", "If-None-Match", "If-Modified-Since"];

/** True when only the whole file can answer the request. */
function wantsWhole({ method, headers }: Request): boolean {
  return method === "GET" && !conditional.some((name) => headers.has(name));
}

function openEarly(store: ObjectStore, key: ObjectKey): EarlyObject {
  const opening = store.get(key);
  // A refusal may come first, and then nobody awaits this.
  opening.catch(() => undefined);
  let isTaken = false;
  return {
    take(wanted) {
      if (wanted !== key) return undefined;
      isTaken = true;
      return opening;
    },
    async discard() {
      if (isTaken) return;
      isTaken = true;
      const object = await opening.catch(() => null);
      await object?.stream.cancel();
    },
  };
}
