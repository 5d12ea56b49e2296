/**
 * Reads the headers of one part (RFC 7578 §4.2–4.8).
 *
 * Strict where being lenient would let two readers see different headers: folded lines, blanks before the colon,
 * control characters, bytes that are not UTF-8, repeated Content-Disposition or Content-Type are refused. Unknown
 * headers are ignored. A Content-Transfer-Encoding that would need decoding is refused, because ignoring it would store
 * other bytes than the client meant; RFC 7578 §4.7 withdrew it and no browser sends one.
 */
import type { BodyWindow } from "./body-window.ts";
import { parseContentDisposition } from "./content-disposition.ts";
import type { PartNames } from "./content-disposition.ts";
import type { LineBreak } from "./delimiter-line.ts";
import { isToken, trimBlanks } from "./parameters.ts";
import { malformed, tooLarge } from "./refusals.ts";

export interface HeaderLimits {
  /** All header lines of one part with their line breaks, without the empty line. */
  readonly maxHeaderBytes: number;
  /** Of the field name, decoded, as UTF-8. */
  readonly maxNameBytes: number;
  /** Of the file name, decoded, as UTF-8. */
  readonly maxFileNameBytes: number;
}

export interface PartHeaders extends PartNames {
  /** Lower case, without parameters; null when none was declared, or something that is not a media type. */
  readonly contentType: string | null;
}

const LF = 10;
const CR = 13;

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

/**
 * Takes the header lines from the window and leaves it at the empty line behind them. Throws Problem("body_too_large")
 * for more bytes or longer names than the limits allow, else Problem("body_malformed").
 */
export async function readPartHeaders(
  window: BodyWindow,
  lineBreak: LineBreak,
  limits: HeaderLimits,
): Promise<PartHeaders> {
  const headers = parsePartHeaders(await readLines(window, lineBreak, limits.maxHeaderBytes));
  checkLength(headers.name, limits.maxNameBytes, "The name of a field is too long.");
  checkLength(headers.fileName ?? "", limits.maxFileNameBytes, "The name of a file is too long.");
  return headers;
}

/** @throws Problem `body_too_large` */
export function checkLength(text: string, maxBytes: number, detail: string): void {
  if (encoder.encode(text).byteLength > maxBytes) throw tooLarge(detail, maxBytes);
}

async function readLines(window: BodyWindow, lineBreak: LineBreak, maxBytes: number): Promise<string[]> {
  // Offsets from window.start, which a fill moves.
  let lineStart = 0;
  let scanned = 0;
  for (;;) {
    const lineFeed = indexOfLineFeed(window, scanned);
    if (lineFeed === -1) {
      scanned = window.end - window.start;
      if (scanned > maxBytes + lineBreak.length) throw tooLarge("The headers of a part are too long.", maxBytes);
      await window.fill();
      continue;
    }
    if (isEmptyLine(window, lineStart, lineFeed, lineBreak)) break;
    lineStart = lineFeed + 1;
    scanned = lineStart;
    if (lineStart > maxBytes) throw tooLarge("The headers of a part are too long.", maxBytes);
  }
  const block = window.bytes.subarray(window.start, window.start + lineStart);
  window.start += lineStart;
  return decode(block).split(lineBreak).slice(0, -1);
}

function indexOfLineFeed(window: BodyWindow, from: number): number {
  for (let at = window.start + from; at < window.end; at++) if (window.bytes[at] === LF) return at - window.start;
  return -1;
}

function isEmptyLine(window: BodyWindow, lineStart: number, lineFeed: number, lineBreak: LineBreak): boolean {
  if (lineFeed - lineStart !== lineBreak.length - 1) return false;
  return lineBreak === "\n" || window.bytes[window.start + lineStart] === CR;
}

function decode(block: Uint8Array): string {
  try {
    return decoder.decode(block);
  } catch (cause) {
    throw malformed("The headers of a part are not UTF-8.", cause);
  }
}

function hasControl(line: string): boolean {
  for (let at = 0; at < line.length; at++) {
    const code = line.charCodeAt(at);
    if ((code < 32 && code !== 9) || code === 127) return true;
  }
  return false;
}

function parsePartHeaders(lines: readonly string[]): PartHeaders {
  let disposition: string | null = null;
  let contentType: string | null = null;
  for (const line of lines) {
    const [name, value] = parseLine(line);
    if (name === "content-disposition") {
      if (disposition !== null) throw malformed("A part has two Content-Disposition headers.");
      disposition = value;
    } else if (name === "content-type") {
      if (contentType !== null) throw malformed("A part has two Content-Type headers.");
      contentType = value;
    } else if (name === "content-transfer-encoding" && !/^(?:7bit|8bit|binary)?$/i.test(value)) {
      throw malformed("A part's Content-Transfer-Encoding is not accepted: send its bytes as they are.");
    }
  }
  if (disposition === null) throw malformed("A part has no Content-Disposition header.");
  return describe(parseContentDisposition(disposition), contentType ?? "");
}

function describe({ name, fileName }: PartNames, declared: string): PartHeaders {
  const contentType = readMediaType(declared);
  if (fileName === null && contentType?.startsWith("multipart/") === true) {
    throw malformed(
      "A part holds parts of its own, which RFC 7578 §4.3 withdrew: send each file as a part of the form.",
    );
  }
  // A file may come without a name (§4.2), and then its type tells it from a field.
  if (fileName === null && contentType !== null && !FIELD_TYPE.test(contentType))
    return { name, fileName: "", contentType };
  const charset = /;[ \t]*charset="?([\w-]+)/i.exec(declared)?.[1] ?? "utf-8";
  if (fileName === null && !/^(?:utf-?8|us-ascii)$/i.test(charset)) {
    throw malformed(`A text field is in ${charset.slice(0, 40)}: send UTF-8.`);
  }
  return { name, fileName, contentType };
}

/** What programs declare for a text field. */
const FIELD_TYPE = /^(?:text\/|application\/(?:json|x-www-form-urlencoded)$|application\/[\w.-]+\+json$)/;

function parseLine(line: string): readonly [name: string, value: string] {
  if (line.startsWith(" ") || line.startsWith("\t")) {
    throw malformed("A header of a part is folded: write it on one line (RFC 9112 §5.2).");
  }
  const colon = line.indexOf(":");
  const name = line.slice(0, Math.max(colon, 0)).toLowerCase();
  if (!isToken(name) || hasControl(line)) throw malformed("A header line of a part cannot be read.");
  return [name, trimBlanks(line.slice(colon + 1))];
}

/** Of a Content-Type, in lower case and without parameters; null for what is no media type. */
export function readMediaType(value: string): string | null {
  const semicolon = value.indexOf(";");
  const [type, subtype, ...rest] = trimBlanks(semicolon === -1 ? value : value.slice(0, semicolon)).split("/");
  if (type === undefined || subtype === undefined || rest.length > 0) return null;
  return isToken(type) && isToken(subtype) ? `${type}/${subtype}`.toLowerCase() : null;
}
