/**
 * Reads the file names that clients write: percent escapes of browsers, names that were encoded as a whole, and encoded
 * words of mail (RFC 2047), which HTTP libraries borrow from their mail packages.
 */

const percentEscapes = new Map([
  ["%22", '"'],
  ["%0D", "\r"],
  ["%0A", "\n"],
]);
const ESCAPE = /%[0-9a-f]{2}/i;
const ENCODED_WORD = /^=\?([\w-]{1,40})\?([bq])\?([!->@-~]*)\?=$/i;

/** The three escapes of the WHATWG's "multipart/form-data encoding algorithm". */
export function unescapePercent(text: string): string {
  if (!text.includes("%")) return text;
  return text.replaceAll(/%(?:22|0D|0A)/g, (escape) => percentEscapes.get(escape) ?? escape);
}

/** A name that cannot be read in any other way is what was sent. */
export function readFileName(text: string): string {
  return readEncodedWords(text) ?? readEncodedName(text) ?? unescapePercent(text);
}

/**
 * A name that was percent-encoded as a whole: nothing in it needed encoding any more, and nothing is encoded twice. Else
 * null: the percent signs may be the name's own.
 */
function readEncodedName(text: string): string | null {
  if (!ESCAPE.test(text) || !/^[!-~]*$/.test(text)) return null;
  try {
    const decoded = decodeURIComponent(text);
    return ESCAPE.test(decoded) ? null : decoded;
  } catch {
    return null;
  }
}

/** Null: not all of it is encoded words. */
function readEncodedWords(text: string): string | null {
  if (!text.startsWith("=?")) return null;
  const words = text.split(/[ \t]/).filter((word) => word !== "");
  const decoded = words.map(readEncodedWord);
  // The blanks between two words are not part of the text (§6.2).
  return decoded.includes(null) ? null : decoded.join("");
}

function readEncodedWord(word: string): string | null {
  const [, charset, encoding, content = ""] = ENCODED_WORD.exec(word) ?? [];
  if (charset === undefined) return null;
  try {
    const binary = encoding?.toLowerCase() === "b" ? atob(content) : readQ(content);
    return new TextDecoder(charset, { fatal: true, ignoreBOM: false }).decode(
      Uint8Array.from(binary, (one) => one.charCodeAt(0)),
    );
  } catch {
    return null;
  }
}

/** §4.2 */
function readQ(content: string): string {
  const spaced = content.replaceAll("_", " ");
  return spaced.replaceAll(/=([0-9A-Fa-f]{2})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 16)));
}
