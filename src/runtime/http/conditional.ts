/** Conditional requests (RFC 9110 §13): whether the client's copy is still the file. The caller supplies the validators. */

export interface Validators {
  /** Strong, quotes included; null when the file has none. */
  readonly etag: string | null;
  /** In whole seconds, as Last-Modified states it. */
  readonly lastModified: Date;
}

/**
 * False when If-Match, or without it If-Unmodified-Since, says that the client wants another state of the file than
 * there is: the answer is 412.
 */
export function meetsPreconditions(headers: Headers, { etag, lastModified }: Validators): boolean {
  const match = headers.get("If-Match");
  if (match !== null) return matchesStrongly(match, etag);
  const since = readHttpDate(headers.get("If-Unmodified-Since"));
  return since === null || lastModified <= since;
}

/** True when If-None-Match, or without it If-Modified-Since, says that the client has this file: the answer is 304. */
export function isNotModified(headers: Headers, validators: Validators): boolean {
  const noneMatch = headers.get("If-None-Match");
  if (noneMatch !== null) return listsTag(noneMatch, validators.etag);
  const since = readHttpDate(headers.get("If-Modified-Since"));
  return since !== null && validators.lastModified <= since;
}

/**
 * True when a Range header applies: there is no If-Range, or it names exactly this file. A weak tag never does. A date
 * must be our own Last-Modified, letter for letter; that one is strong, since a stored file never changes (§13.1.5).
 */
export function isRangeCurrent(headers: Headers, validators: Validators): boolean {
  const ifRange = headers.get("If-Range");
  return ifRange === null || ifRange === validators.etag || ifRange === validators.lastModified.toUTCString();
}

/**
 * Weak comparison, as §13.1.2 requires for If-None-Match. A list without tags matches nothing.
 * @param list null: there is no such header
 * @param etag without the mark of a weak one
 */
export function listsTag(list: string | null, etag: string | null): boolean {
  if (list === null) return false;
  if (list.trim() === "*") return true;
  return etag !== null && tagsOf(list).some((tag) => tag.replace(/^W\//, "") === etag);
}

/** Strong comparison, as §13.1.1 requires for If-Match: a weak tag never matches. */
function matchesStrongly(list: string, etag: string | null): boolean {
  return list.trim() === "*" || (etag !== null && tagsOf(list).includes(etag));
}

/** Tags may hold commas, so the list is read tag by tag rather than split. */
const tagsOf = (list: string): readonly string[] => list.match(/(?:W\/)?"[\u0021\u0023-\u007e\u0080-\u00ff]*"/g) ?? [];

/** The three formats that §5.6.7 requires a recipient to accept. */
const httpDates = [
  /^\w{3}, \d{2} \w{3} \d{4} \d{2}:\d{2}:\d{2} GMT$/,
  /^\w{6,9}, \d{2}-\w{3}-\d{2} \d{2}:\d{2}:\d{2} GMT$/,
  /^\w{3} \w{3} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/,
];

function readHttpDate(text: string | null): Date | null {
  if (text === null || !httpDates.some((form) => form.test(text))) return null;
  // Only the last format names no zone; it is UTC as well.
  const date = new Date(text.endsWith("GMT") ? text : `${text} GMT`);
  return Number.isNaN(date.getTime()) ? null : date;
}
