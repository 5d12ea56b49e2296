/** Reads and writes the headers of tus 1.0: https://tus.io/protocols/resumable-upload */
import type { Json } from "../../contract/json.ts";
import { mostResumableBytes } from "../../contract/limits.ts";
import type { Rule } from "../../contract/payload-rule.ts";
import { Problem } from "../../contract/problem.ts";
import { checksumAlgorithms } from "./actor.ts";

export const VERSION = "1.0.0";

/** What OPTIONS tells, and the version every answer has. */
export const abilities: Readonly<Record<string, string>> = {
  "Tus-Resumable": VERSION,
  "Tus-Version": VERSION,
  "Tus-Max-Size": String(mostResumableBytes),
  "Tus-Extension": "creation,creation-with-upload,creation-defer-length,expiration,checksum,termination",
  "Tus-Checksum-Algorithm": Object.keys(checksumAlgorithms).join(","),
};

/** What pages of other origins have to read, besides what every answer shows them. */
export const EXPOSED = [
  "Location",
  "Upload-Offset",
  "Upload-Length",
  "Upload-Metadata",
  "Upload-Expires",
  ...Object.keys(abilities),
];

/** @throws Problem `precondition_failed` */
export function checkVersion({ headers }: Request): void {
  if (headers.get("Tus-Resumable") === VERSION) return;
  throw new Problem("precondition_failed", {
    detail: `Send "Tus-Resumable: ${VERSION}".`,
    headers: { "Tus-Version": VERSION },
  });
}

/** What the body of a PATCH, and of a creation that brings bytes, is declared as. */
export const isChunk = ({ headers }: Request): boolean =>
  headers.get("Content-Type")?.trim().toLowerCase() === "application/offset+octet-stream";

/** A number of bytes; null: the header is not there. @throws Problem `parameter_invalid` */
export function readByteCount(headers: Headers, name: "Upload-Length" | "Upload-Offset"): number | null {
  const text = headers.get(name);
  if (text === null) return null;
  const bytes = Number(text);
  if (!/^\d{1,16}$/.test(text) || !Number.isSafeInteger(bytes)) throw headerFault(name, "is no number of bytes");
  return bytes;
}

/** Null: it will be told later. @throws Problem `parameter_invalid` */
export function readLength(headers: Headers): number | null {
  const length = readByteCount(headers, "Upload-Length");
  const deferred = headers.get("Upload-Defer-Length");
  if (deferred === null && length !== null) return length;
  if (deferred === "1" && length === null) return null;
  throw headerFault("Upload-Length", 'is missing: send it, or "Upload-Defer-Length: 1"');
}

/** What a creation says of its file. */
export interface Metadata {
  readonly fileName: string;
  readonly declaredType: string | null;
  readonly field: string;
  /** All else. */
  readonly payload: Readonly<Record<string, Json>>;
}

const MOST_METADATA = 8192;
const KEY = /^[!-+\--~]+$/;

/** Keys of clients that say nothing of the file. */
const ignored = new Set(["relativePath"]);

/**
 * `filename`, or what some call `name`; `filetype`, or `type`; `field`. A field of the payload has its name for itself.
 * @throws Problem `parameter_invalid`
 */
export function readMetadata(header: string | null, payloadRules: readonly Rule[]): Metadata {
  const entries = header === null || header.trim() === "" ? [] : header.split(",").map(readEntry);
  if ((header?.length ?? 0) > MOST_METADATA)
    throw headerFault("Upload-Metadata", `is over ${MOST_METADATA} characters`);
  const values = new Map(entries);
  const isField = (name: string) =>
    payloadRules.some((rule) => rule.kind === "object" && rule.fields.some((field) => field.name === name));
  if (values.size < entries.length) throw headerFault("Upload-Metadata", "names a key twice");
  const take = (...names: string[]) => {
    const name = names.find((one) => values.has(one) && !isField(one));
    const value = name === undefined ? null : (values.get(name) ?? null);
    if (name !== undefined) values.delete(name);
    return value;
  };
  const fileName = take("filename", "name") ?? "";
  const declaredType = take("filetype", "type");
  const field = take("field") ?? "file";
  const rest = [...values].filter(([name]) => !ignored.has(name));
  const payload = Object.fromEntries(rest);
  return { fileName, declaredType: declaredType === "" ? null : declaredType, field, payload };
}

function readEntry(text: string): readonly [name: string, value: string] {
  const [name = "", value = "", ...more] = text.trim().split(" ");
  if (!KEY.test(name) || more.length > 0) throw headerFault("Upload-Metadata", "is no list of keys and values");
  try {
    const bytes = Uint8Array.from(atob(value), (character) => character.charCodeAt(0));
    return [name, new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes)];
  } catch (cause) {
    const detail = `has a value of "${name.slice(0, 100)}" that is not UTF-8 in Base64`;
    throw headerFault("Upload-Metadata", detail, cause);
  }
}

export function headerFault(parameter: string, fault: string, cause?: unknown): Problem {
  return new Problem("parameter_invalid", { detail: `${parameter} ${fault}.`, members: { parameter }, cause });
}
