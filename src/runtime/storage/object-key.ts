/**
 * Object keys: the only place that makes or accepts one. A client's file name can never become a key, because nothing
 * else can produce an `ObjectKey`.
 */

declare const brand: unique symbol;

/** A key in the object store: `<folder>/…/<file name>`, no leading slash, at most 1,024 bytes. */
export type ObjectKey = string & { readonly [brand]: true };

/** R2's limit on an object key: https://developers.cloudflare.com/r2/platform/limits/ */
const MAX_KEY_BYTES = 1024;
/** One path segment, as file systems have it; keeps exported trees usable. */
const MAX_SEGMENT_BYTES = 255;

const encoder = new TextEncoder();
// Control characters, both slashes, and the invisible characters that make a name read differently than it is.
// oxlint-disable-next-line no-control-regex
const forbidden = /[\u0000-\u001f\u007f-\u009f/\\\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/;

/** True when the text can stand between two slashes of a key and mean nothing but itself. */
export function isKeySegment(text: string): boolean {
  if (text === "" || text === "." || text === "..") return false;
  if (forbidden.test(text) || !text.isWellFormed()) return false;
  return encoder.encode(text).length <= MAX_SEGMENT_BYTES;
}

/** The key of text that should be one (from a URL, a payload or a row), or null when it cannot be. */
export function readObjectKey(text: string): ObjectKey | null {
  if (encoder.encode(text).length > MAX_KEY_BYTES) return null;
  return text.split("/").every(isKeySegment) ? (text as ObjectKey) : null;
}

/** `<folder>/<nanoid or uuid>.<extension>`, as upload/describe-file makes them, and those of thumbnails. */
const ownForm = /\/(?:[\w-]{21}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.[a-z0-9]{1,8}(?:~[1-3])?$/;

/** The key of text in the form of the runtime's own keys; null for what only somebody else can have put there. */
export function readOwnKey(text: string): ObjectKey | null {
  return ownForm.test(text) ? readObjectKey(text) : null;
}

/** The key of the file whose object it is, or beside whose object it is: see thumbnails/thumbnail-key. */
export const fileKeyOf = (key: string): string => (ownForm.test(key) ? key.replace(/~\d$/, "") : key);

/** Joins folder segments and a generated file name; null when a segment is not one or the whole is too long. */
export function makeObjectKey(folder: readonly string[], fileName: string): ObjectKey | null {
  if (![...folder, fileName].every(isKeySegment)) return null;
  return readObjectKey([...folder, fileName].join("/"));
}
