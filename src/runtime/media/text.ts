/** Tells types without a signature: text, markup by its beginning, and text in encodings that are not kept as text. */
import { mediaTypes } from "../../contract/media-types.ts";
import type { Tap } from "../bytes.ts";
import { markupRoot } from "./markup-root.ts";

const HTML = "text/html";
const XHTML = "application/xhtml+xml";
const MARKDOWN = "text/markdown";
const XML = "application/xml";
const htmlStart =
  /^<(?:!doctype\s+html|html|head|body|script|iframe|style|title|table|div|font|br|p|a|b|h1|!--)[\s>/!-]/i;
/** What makes a page of it; other tags may begin Markdown. */
const pageRoot = /^(?:html|head|body|script|iframe|style|title)$/;

/**
 * The type that the bytes prove by being text, or null when they are not. A type that browsers would run is named as such.
 * @param word the type that the client or the file's name gives
 */
export function detectText(head: Uint8Array, word: string | null): string | null {
  if (!looksLikeText(head)) return null;
  // Leading space is what WHATWG's sniffing skips; ignoreBOM false drops the byte order mark.
  const start = new TextDecoder().decode(head).trimStart();
  return detectMarkup(start, word) ?? textOf(start, word) ?? "text/plain";
}

/** What is text to its end, or refused. */
export const isTextType = (type: string): boolean => mediaTypes.get(type)?.grade === "text";

/** True for whatever is text, markup too, also where the table does not know it: browsers run scripts by their type alone. */
export function isTextual(type: string): boolean {
  const row = mediaTypes.get(type);
  if (row !== undefined) return row.grade === "text" || row.grade === "markup";
  return /^text\/|(?:java|ecma|j|live)script$/.test(type);
}

/** The text or markup type of a file name's ending. */
export function typeOfName(fileName: string): string | null {
  const extension = /\.([a-z0-9]+)$/i.exec(fileName)?.[1]?.toLowerCase() ?? "";
  const found = [...mediaTypes].find(([type, row]) => isTextual(type) && row.extensions.includes(extension));
  return found?.[0] ?? null;
}

function detectMarkup(start: string, word: string | null): string | null {
  const isDeclaredXml = start.startsWith("<?xml");
  const isNamedXml = word !== null && word !== HTML && isMarkup(word);
  const root = markupRoot(start);
  if (root === "html" && (isDeclaredXml || word === XHTML)) return XHTML;
  const [rooted] = [...mediaTypes].find(([, row]) => row.root === root) ?? [];
  // HTML may begin with a comment, and so may a drawing or a feed: there the root decides.
  const isXmlBehind = (rooted !== undefined || isNamedXml) && root !== null && !pageRoot.test(root);
  if (htmlStart.test(start) && !(start.startsWith("<!--") && isXmlBehind)) {
    return word === MARKDOWN && !isPage(start, root) ? MARKDOWN : HTML;
  }
  return rooted ?? (isDeclaredXml || (root !== null && isNamedXml) ? XML : null);
}

const isMarkup = (type: string): boolean => mediaTypes.get(type)?.grade === "markup";

const isPage = (start: string, root: string | null): boolean => /^<!d/i.test(start) || pageRoot.test(root ?? "");

/** The word, where text can be that by being text or by how it begins. */
function textOf(start: string, word: string | null): string | null {
  if (word === null || !isTextType(word)) return null;
  const begins = mediaTypes.get(word)?.begins;
  return (begins?.test(start) ?? word.startsWith("text/")) ? word : null;
}

/** UTF-8 (a sequence cut at the end is fine) without the control characters that binary files have. */
function looksLikeText(bytes: Uint8Array): boolean {
  return !hasBinaryControl(bytes) && isUtf8(bytes);
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}

/** WHATWG's binary data bytes: everything below space but tab, line feed, form feed, carriage return and escape. */
function hasBinaryControl(bytes: Uint8Array): boolean {
  for (const byte of bytes) {
    if (byte < 0x20 && byte !== 9 && byte !== 10 && byte !== 12 && byte !== 13 && byte !== 27) return true;
  }
  return false;
}

/** The encoding of bytes that are not UTF-8, for messages; null for bytes that are no text. */
export function encodingOf(bytes: Uint8Array): string | null {
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) return "UTF-16";
  return hasBinaryControl(bytes) ? null : EIGHT_BITS;
}

/** Which one cannot be told. */
const EIGHT_BITS = "an encoding of 8 bits, such as windows-1252";
export const BINARY = "binary";

/** Watches what a file stored as text is to its end: null for UTF-8, or what it is instead. */
export function createTextTap(): Tap<string | null> {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });
  let fault: string | null = null;
  const check = (bytes: Uint8Array, stream: boolean) => {
    if (fault === BINARY) return;
    try {
      if (fault === null) decoder.decode(bytes, { stream });
    } catch {
      fault = EIGHT_BITS;
    }
    if (hasBinaryControl(bytes)) fault = BINARY;
  };
  return {
    push: (chunk) => check(chunk, true),
    finish() {
      check(new Uint8Array(0), false);
      return fault;
    },
  };
}
