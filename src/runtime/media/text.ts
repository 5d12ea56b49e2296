/** Detects types without a signature: by being text, by markup at the start, and by what the client says. */
import { mediaTypes } from "../../contract/media-types.ts";
import type { Tap } from "../bytes.ts";
import { markupRoot } from "./markup-root.ts";

const htmlStart =
  /^<(?:!doctype\s+html|html|head|body|script|iframe|style|title|table|div|font|br|p|a|b|h1|!--)[\s>/!-]/i;

/** The type of text, or null when the bytes are not text. A type that browsers would run is named as such. */
export function detectText(head: Uint8Array, declared: string | null, fileName: string): string | null {
  if (!looksLikeText(head)) return null;
  // Leading space is what WHATWG's sniffing skips; ignoreBOM false drops the byte order mark.
  const start = new TextDecoder().decode(head).trimStart();
  const markup = detectMarkup(start);
  if (markup !== null) return markup;
  const type = declared !== null && isTextType(declared) ? declared : typeOfExtension(fileName);
  if (type === "application/json" && !/^(?:[[{"\d-]|true|false|null)/.test(start)) return "text/plain";
  return type;
}

export const isTextType = (type: string): boolean => mediaTypes.get(type)?.grade === "text";

function detectMarkup(start: string): string | null {
  const root = markupRoot(start);
  // HTML may begin with a comment, and so may a drawing: there the root decides.
  if (htmlStart.test(start) && !(root === "svg" && start.startsWith("<!--"))) return "text/html";
  if (root === "svg") return "image/svg+xml";
  if (root === "html") return "application/xhtml+xml";
  return start.startsWith("<?xml") ? "application/xml" : null;
}

function typeOfExtension(fileName: string): string {
  const extension = /\.([a-z0-9]+)$/i.exec(fileName)?.[1]?.toLowerCase() ?? "";
  const found = [...mediaTypes].find(([, row]) => row.grade === "text" && row.extensions.includes(extension));
  return found?.[0] ?? "text/plain";
}

/** UTF-8 (a sequence cut at the end is fine) without the control characters that binary files have. */
function looksLikeText(bytes: Uint8Array): boolean {
  if (hasBinaryControl(bytes)) return false;
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

/** Watches that a file stored as text is text to its end. Resolves to false when it was not. */
export function createTextTap(): Tap<boolean> {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });
  let isText = true;
  const check = (bytes: Uint8Array, stream: boolean) => {
    if (!isText) return;
    try {
      decoder.decode(bytes, { stream });
      isText = !hasBinaryControl(bytes);
    } catch {
      isText = false;
    }
  };
  return {
    push: (chunk) => check(chunk, true),
    finish() {
      check(new Uint8Array(0), false);
      return isText;
    },
  };
}
