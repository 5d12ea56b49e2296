/**
 * The body of a call: text fields and JSON become the payload, files are handed on as they arrive. Read once, and
 * only as far as asked. Knows nothing of plans or of where files go.
 */
import { within, type ByteSource } from "../bytes.ts";
import { parseBoundary } from "../multipart/boundary.ts";
import { defaultMultipartLimits, readMultipart, type Part } from "../multipart/read-multipart.ts";
import { tooSlow } from "../multipart/refusals.ts";
import { readText } from "../multipart/read-text.ts";
import type { Json } from "../plan.ts";
import { Problem } from "../problem.ts";
import { parseJson } from "./parse-json.ts";

/** Limits of the deployment, over those of a plan. Bytes. */
export interface RequestLimits {
  readonly maxRequestBytes: number;
  readonly maxJsonBytes: number;
  readonly maxFieldBytes: number;
  readonly maxParts: number;
  /** The longest wait for the body's next bytes. */
  readonly maxIdleMilliseconds: number;
}

/** A file part whose bytes have not been read. Valid until the next one is asked for. */
export interface IncomingFile {
  readonly field: string;
  /** The client's words. Empty when a browser sent an empty file field. */
  readonly fileName: string;
  readonly declaredType: string | null;
  readonly body: ByteSource;
}

export interface IncomingBody {
  /** What is known so far: the fields read yet, or the whole JSON value. */
  readonly payload: Json;
  /** The payload is the fields of a form: texts, or lists of texts. */
  readonly isForm: boolean;
  /** No field can follow. */
  readonly isComplete: boolean;
  /** Reads the text fields that stand before the first file, or the JSON. Later calls do nothing. */
  readFields(): Promise<void>;
  /** The files in order; fields between and after them join the payload. */
  files(): AsyncGenerator<IncomingFile>;
  /** Lets go of what was not read. Never throws. */
  close(): Promise<void>;
}

export type AcceptedBody = "multipart" | "json" | "any";

/** @throws Problem `content_type_unsupported` or `body_malformed` (no boundary) before anything is read */
export function openBody(request: Request, accepted: AcceptedBody, limits: RequestLimits): IncomingBody {
  const contentType = request.headers.get("content-type");
  // Clients that send no body still announce its length on POST (RFC 9110 §8.6), and then there is a stream of nothing.
  if (request.body === null || request.headers.get("content-length") === "0") return emptyBody(accepted);
  const boundary = parseBoundary(contentType ?? "");
  if (boundary !== null && accepted !== "json") return multipartBody(request.body, boundary, limits);
  const isJson = /^application\/json\s*(?:;|$)/i.test(contentType?.trim() ?? "");
  if (isJson && accepted !== "multipart") return jsonBody(request.body, limits);
  throw new Problem("content_type_unsupported", { detail: expectation[accepted] });
}

const expectation: Readonly<Record<AcceptedBody, string>> = {
  multipart: "Send multipart/form-data.",
  json: "Send application/json.",
  any: "Send application/json or multipart/form-data.",
};

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

function jsonBody(stream: ReadableStream<Uint8Array>, limits: RequestLimits): IncomingBody {
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
      payload = readJson(await readText(sourceOf(stream, limits.maxIdleMilliseconds), limits.maxJsonBytes));
    },
    files: noFiles,
    close: async () => {
      if (!read) await stream.cancel().catch(() => undefined);
    },
  };
}

/** A plain source over a stream, cancelled when its reader stops early through an error. */
function sourceOf(stream: ReadableStream<Uint8Array>, maxIdleMilliseconds: number): ByteSource {
  const reader = stream.getReader();
  return {
    async read() {
      try {
        const { done, value } = await within(reader.read(), maxIdleMilliseconds, () => tooSlow(maxIdleMilliseconds));
        return done ? null : value;
      } catch (cause) {
        await reader.cancel().catch(() => undefined);
        if (cause instanceof Problem) throw cause;
        throw new Problem("body_malformed", { detail: "The body ended before it was complete.", cause });
      }
    },
  };
}

function readJson(text: string): Json {
  if (text.trim() === "") return null;
  try {
    return parseJson(text);
  } catch (cause) {
    throw new Problem("body_malformed", { detail: "The body is not valid JSON, or nested too deep.", cause });
  }
}

function multipartBody(stream: ReadableStream<Uint8Array>, boundary: string, limits: RequestLimits): IncomingBody {
  // No prototype: a field may be named anything.
  const fields = Object.create(null) as Record<string, Json>;
  const parts = readMultipart(stream, boundary, {
    ...defaultMultipartLimits,
    maxParts: limits.maxParts,
    maxBodyBytes: limits.maxRequestBytes,
    maxIdleMilliseconds: limits.maxIdleMilliseconds,
  });
  let waiting: Part | null = null;

  const nextFile = async (): Promise<Part | null> => {
    for (let next = await parts.next(); next.done !== true; next = await parts.next()) {
      if (next.value.fileName !== null) return next.value;
      addField(fields, next.value.name, await readField(next.value, limits));
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

async function readField(part: Part, limits: RequestLimits): Promise<string> {
  try {
    return await readText(part.body, limits.maxFieldBytes);
  } catch (error) {
    const isField = error instanceof Problem && error.members["limit"] === limits.maxFieldBytes;
    if (!isField) throw error;
    throw new Problem("body_too_large", {
      detail: `A field is over the limit of ${limits.maxFieldBytes} bytes.`,
      members: { field: part.name.slice(0, 100), limit: limits.maxFieldBytes },
      cause: error,
    });
  }
}
