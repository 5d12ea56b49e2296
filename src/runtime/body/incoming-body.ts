/**
 * The body of a call: text fields and JSON become the payload, files are handed on as they arrive. It is read once, and
 * only as far as asked.
 */
import { FIELD_BYTES, FIELD_FACTOR, JSON_FACTOR } from "../admission/costs.ts";
import type { CallAccount } from "../admission/ledger.ts";
import type { ByteSource } from "../bytes.ts";
import { bufferBytesFor } from "../multipart/body-window.ts";
import { parseBoundary } from "../multipart/boundary.ts";
import { defaultMultipartLimits, readMultipart, type MultipartLimits, type Part } from "../multipart/read-multipart.ts";
import { tooLarge } from "../multipart/refusals.ts";
import { readText } from "../multipart/read-text.ts";
import type { AcceptedBody, Json } from "../../contract/plan.ts";
import type { Visibility } from "../../contract/plan/files.ts";
import { Problem } from "../../contract/problem.ts";
import type { ObjectKey } from "../storage/object-key.ts";
import { parseJson } from "./parse-json.ts";

/** Limits of the deployment, which apply besides those of a plan. Bytes. */
export interface RequestLimits {
  readonly maxRequestBytes: number;
  readonly maxJsonBytes: number;
  readonly maxFieldBytes: number;
  /** Of all text fields of a form together, with their names. */
  readonly maxFormBytes: number;
  readonly maxParts: number;
}

/** A file that is in the store already. */
export interface KeptFile {
  /** What its row says, whatever its bytes are. */
  readonly row: {
    readonly id: string;
    readonly storageKey: ObjectKey;
    readonly visibility: Visibility;
    readonly expiresAt: string | null;
    readonly createdAt: string;
  };
  /** Undefined: its bytes have to be read for it. */
  readonly checksumSha256: string | undefined;
}

/** A file part whose bytes have not been read. Valid until the next one is asked for. */
export interface IncomingFile {
  readonly field: string;
  /** As the client sent it. Empty when a browser sent an empty file field. */
  readonly fileName: string;
  readonly declaredType: string | null;
  readonly body: ByteSource;
  /** Absent: its bytes come with the body, and have to be stored. */
  readonly kept?: KeptFile;
}

export interface IncomingBody {
  /** What is known so far: the fields read so far, or the whole JSON value. */
  readonly payload: Json;
  /** The payload is the fields of a form: texts, or lists of texts. */
  readonly isForm: boolean;
  /** No field can follow. */
  readonly isComplete: boolean;
  /** Reads the text fields that stand before the first file, or the JSON. Later calls do nothing. */
  readFields(): Promise<void>;
  /** The files in order; fields between and after them join the payload. */
  files(): AsyncGenerator<IncomingFile>;
  /** Releases what was not read. Never throws. */
  close(): Promise<void>;
}

export interface Reception {
  readonly limits: RequestLimits;
  /** The account that pays for what the body holds. Whoever opened it closes it. */
  readonly account: CallAccount;
  /** The most memory that storing one file of the body takes; 0 = no file is stored. */
  readonly fileBufferBytes: number;
}

/**
 * Resolves when there is room for the body; nothing of it is read before.
 * @throws Problem `content_type_unsupported`, `body_malformed` (no boundary), `overloaded`
 */
export async function openBody(request: Request, accepted: AcceptedBody, reception: Reception): Promise<IncomingBody> {
  const { limits, account, fileBufferBytes } = reception;
  const contentType = request.headers.get("content-type");
  refuseEncoding(request.headers.get("content-encoding"));
  // Clients that send no body still announce its length on POST (RFC 9110 §8.6), and the stream is then empty.
  if (request.body === null || request.headers.get("content-length") === "0") return emptyBody(accepted);
  const boundary = parseBoundary(contentType ?? "");
  if (boundary !== null && accepted !== "json") {
    const announcedBytes = mostBytesOf(request);
    const bufferBytes = bufferBytesFor(announcedBytes);
    await account.enter({ bytes: bufferBytes + fileBufferBytes, uploads: fileBufferBytes > 0 ? 1 : 0 });
    // Memory is set aside for what is announced: a body that goes on behind it would get more.
    const maxRequestBytes = Math.min(limits.maxRequestBytes, announcedBytes);
    return multipartBody(request.body, boundary, { ...limits, maxRequestBytes, bufferBytes }, account);
  }
  const isJson = /^application\/json\s*(?:;|$)/i.test(contentType?.trim() ?? "");
  if (isJson && accepted !== "multipart") return jsonBody(request.body, limits, account);
  // A body without a length may turn out to be none (RFC 9112 §6.3).
  if (contentType === null && (await sourceOf(request.body, account).read()) === null) return emptyBody(accepted);
  throw new Problem("content_type_unsupported", { detail: expectation[accepted] });
}

/** RFC 9110 §15.5.16: the answer names what is accepted. @throws Problem `content_type_unsupported` */
export function refuseEncoding(encoding: string | null): void {
  if (encoding === null || /^(?:identity)?$/i.test(encoding.trim())) return;
  throw new Problem("content_type_unsupported", {
    detail: "Send the body as it is, without a Content-Encoding.",
    headers: { "Accept-Encoding": "identity" },
  });
}

const expectation: Readonly<Record<AcceptedBody, string>> = {
  multipart: "Send multipart/form-data.",
  json: "Send application/json.",
  any: "Send application/json or multipart/form-data.",
};

/** No body has more bytes than its request says: the platform ends the body there (RFC 9112 §6.2). */
export function mostBytesOf({ headers }: Request): number {
  const length = headers.get("content-length") ?? "";
  // A value that is not a number says nothing: NaN would be held for ever.
  return /^\d+$/.test(length) ? Number(length) : Infinity;
}

async function* noFiles(): AsyncGenerator<IncomingFile> {
  // A body without files has none to give.
}

function emptyBody(accepted: AcceptedBody): IncomingBody {
  if (accepted === "multipart") {
    throw new Problem("content_type_unsupported", { detail: "Send multipart/form-data with at least one file." });
  }
  const nothing = async () => undefined;
  return { payload: null, isForm: false, isComplete: true, readFields: nothing, files: noFiles, close: nothing };
}

function jsonBody(stream: ReadableStream<Uint8Array>, limits: RequestLimits, account: CallAccount): IncomingBody {
  let payload: Json = null;
  let read = false;
  return {
    get payload() {
      return payload;
    },
    isForm: false,
    get isComplete() {
      return read;
    },
    async readFields() {
      if (read) return;
      read = true;
      const maxBytes = limits.maxJsonBytes;
      const text = await readText(sourceOf(stream, account), {
        what: "The JSON",
        maxBytes,
        tooLong: () => tooLarge("The JSON is too long.", maxBytes),
        keep: (bytes) => account.take(bytes * JSON_FACTOR),
      });
      payload = readJson(text);
    },
    files: noFiles,
    close: async () => {
      if (!read) await stream.cancel().catch(() => undefined);
    },
  };
}

/** A plain source over a stream, cancelled when its reader stops early because of an error. */
function sourceOf(stream: ReadableStream<Uint8Array>, account: CallAccount): ByteSource {
  const reader = stream.getReader();
  const next = async () => (await reader.read()).value ?? new Uint8Array(0);
  return {
    async read() {
      try {
        const bytes = await account.receive(next());
        return bytes.length === 0 ? null : bytes;
      } catch (cause) {
        await reader.cancel().catch(() => undefined);
        if (cause instanceof Problem) throw cause;
        throw new Problem("body_malformed", { detail: "The body ended before it was complete.", cause });
      }
    },
  };
}

function readJson(written: string): Json {
  // A byte order mark may be passed over (RFC 8259 §8.1).
  const text = written.replace(/^\ufeff/, "");
  if (text.trim() === "") return null;
  try {
    return parseJson(text);
  } catch (cause) {
    if (cause instanceof Problem) throw cause;
    throw new Problem("body_malformed", { detail: "The body is not valid JSON, or nested too deep.", cause });
  }
}

function multipartBody(
  stream: ReadableStream<Uint8Array>,
  boundary: string,
  limits: RequestLimits & Pick<MultipartLimits, "bufferBytes">,
  account: CallAccount,
): IncomingBody {
  // No prototype: a field may be named anything.
  const fields = Object.create(null) as Record<string, Json>;
  const parts = readMultipart(stream, boundary, {
    ...defaultMultipartLimits,
    maxParts: limits.maxParts,
    maxBodyBytes: limits.maxRequestBytes,
    bufferBytes: limits.bufferBytes,
    receive: (reading) => account.receive(reading),
  });
  const readField = createFieldReader(limits, account);
  let waiting: Part | null = null;

  const nextFile = async (): Promise<Part | null> => {
    for (let next = await parts.next(); next.done !== true; next = await parts.next()) {
      if (next.value.fileName !== null) return next.value;
      const text = await readField(next.value);
      // RFC 7578 §4.6
      if (next.value.name === "_charset_" && !/^utf-?8$/i.test(text)) {
        throw new Problem("body_malformed", { detail: "The form says that it is not in UTF-8: send UTF-8." });
      }
      addField(fields, next.value.name, text);
    }
    return null;
  };
  let started = false;
  const readFields = async () => {
    if (started) return;
    started = true;
    waiting = await nextFile();
  };

  return {
    payload: fields,
    isForm: true,
    get isComplete() {
      return started && waiting === null;
    },
    readFields,
    async *files() {
      await readFields();
      while (waiting !== null) {
        const { name, fileName, contentType, body } = waiting;
        yield { field: name, fileName: fileName ?? "", declaredType: contentType, body };
        waiting = await nextFile();
      }
    },
    close: async () => {
      await parts.return(undefined).catch(() => undefined);
    },
  };
}

/** A field that is sent more than once becomes an array, in order. */
function addField(fields: Record<string, Json>, name: string, value: string): void {
  const present = fields[name];
  if (present === undefined) fields[name] = value;
  else fields[name] = Array.isArray(present) ? [...(present as readonly Json[]), value] : [present, value];
}

/** Reads the text fields of one form, each and together under their limits. */
function createFieldReader({ maxFieldBytes, maxFormBytes }: RequestLimits, account: CallAccount) {
  let left = maxFormBytes;
  const keep = (bytes: number) => {
    left -= bytes;
    account.take(bytes * FIELD_FACTOR);
  };
  return async (part: Part): Promise<string> => {
    account.take(FIELD_BYTES);
    keep(part.name.length);
    const isRestLess = left < maxFieldBytes;
    const tooLong = () =>
      isRestLess
        ? tooLarge(`The fields together are over the limit of ${maxFormBytes} bytes.`, maxFormBytes)
        : new Problem("body_too_large", {
            detail: `A field is over the limit of ${maxFieldBytes} bytes.`,
            members: { field: part.name.slice(0, 100), limit: maxFieldBytes },
          });
    if (left < 0) throw tooLong();
    const what = `The text field "${part.name.slice(0, 100)}"`;
    return readText(part.body, { what, maxBytes: Math.min(maxFieldBytes, left), tooLong, keep });
  };
}
