/** Parses the `; name=value` list that Content-Type and Content-Disposition share (RFC 9110 §5.6.6, RFC 2183 §2). */

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** True for a token of RFC 9110 §5.6.2: the names of headers and parameters, the halves of a media type. */
export function isToken(text: string): boolean {
  return TOKEN.test(text);
}

function isBlank(character: string | undefined): boolean {
  return character === " " || character === "\t";
}

/**
 * The text without the spaces and tabs around it. Unlike a regular expression, linear in the length of any run of
 * blanks.
 */
export function trimBlanks(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text[start])) start++;
  while (end > start && isBlank(text[end - 1])) end--;
  return text.slice(start, end);
}

interface ValueRead {
  readonly value: string;
  /** Index of the first character after the value. */
  readonly end: number;
}

/** `from` is after the opening quote. Null when the closing one is missing. */
function readQuoted(text: string, from: number, quotedPairs: boolean): ValueRead | null {
  let value = "";
  let copied = from;
  for (let at = from; at < text.length; at++) {
    if (text[at] === '"') return { value: value + text.slice(copied, at), end: at + 1 };
    const next = text[at + 1];
    if (quotedPairs && text[at] === "\\" && (next === '"' || next === "\\")) {
      value += text.slice(copied, at) + next;
      copied = at + 2;
      at++;
    }
  }
  return null;
}

/** Everything up to the next blank or semicolon: wider than a token, since clients leave paths and `=` unquoted. */
function readBare(text: string, from: number): ValueRead | null {
  let end = from;
  while (end < text.length && !isBlank(text[end]) && text[end] !== ";" && text[end] !== '"') end++;
  return end === from ? null : { value: text.slice(from, end), end };
}

/**
 * The parameters in `text` from index `from` on, where a semicolon or the end must stand; names in lower case, values
 * without quotes. Null when the list breaks the grammar or names a parameter twice. Empty list members are skipped.
 * With `quotedPairs`, `\"` and `\\` inside quotes stand for their second character; any other backslash is itself,
 * because old clients send `C:\folder\file` unescaped.
 */
export function parseParameters(text: string, from: number, quotedPairs: boolean): Map<string, string> | null {
  const parameters = new Map<string, string>();
  let at = from;
  for (;;) {
    while (isBlank(text[at])) at++;
    if (at >= text.length) return parameters;
    if (text[at] !== ";") return null;
    at++;
    while (isBlank(text[at])) at++;
    if (at >= text.length || text[at] === ";") continue;
    const equals = text.indexOf("=", at);
    if (equals === -1) return null;
    const name = text.slice(at, equals).toLowerCase();
    if (!isToken(name) || parameters.has(name)) return null;
    const quoted = text[equals + 1] === '"';
    const read = quoted ? readQuoted(text, equals + 2, quotedPairs) : readBare(text, equals + 1);
    if (read === null) return null;
    parameters.set(name, read.value);
    at = read.end;
  }
}
