/**
 * Decides what a boundary in the body is by reading the rest of its line (RFC 2046 §5.1.1).
 *
 * A boundary delimits only when it has its line to itself: `--boundary`, then `--` if it is the last one, then transport
 * padding, then the line break. On every other line (`--boundaryX`, a nested body whose boundary starts like ours) it is
 * content.
 *
 * Line breaks: no browser, curl or HTTP library sends bare LF, but people who write a body by hand do. The line that
 * opens the first part decides for the whole body. If it ends with CRLF, only CRLF breaks lines from there on, so a file
 * that contains "\n--boundary\n" is never cut. If it ends with LF, every delimiter and header line must end with LF.
 * A body that mixes the two is refused, so that no two readers can see different parts in it. The line of the last
 * boundary may end in any way, also with the body.
 */

export type LineBreak = "\r\n" | "\n";

export type DelimiterLine =
  /** More bytes are needed to tell. */
  | { readonly kind: "undecided" }
  | { readonly kind: "content" }
  /** A part follows, starting at index `end`. */
  | { readonly kind: "next"; readonly end: number; readonly lineBreak: LineBreak }
  /** The body is complete; what follows from `end` on is epilogue. */
  | { readonly kind: "last"; readonly end: number };

/** Bytes of transport padding that are looked through for the line break; gateways that pad add a few at most. */
const MAX_PADDING_BYTES = 64;

const CR = 13;
const LF = 10;
const SPACE = 32;
const TAB = 9;
const DASH = 45;

const undecided: DelimiterLine = { kind: "undecided" };
const content: DelimiterLine = { kind: "content" };

/** What is available to decide on: `bytes` up to `end`, and nothing will follow when `ended`. */
interface Available {
  readonly bytes: Uint8Array;
  readonly end: number;
  readonly ended: boolean;
}

/** Reads the line from `from`, the index after the boundary. `lineBreak` null: not decided yet, either will do. */
export function readDelimiterLine(available: Available, from: number, lineBreak: LineBreak | null): DelimiterLine {
  const { bytes, end } = available;
  const outOfBytes = available.ended ? content : undecided;
  if (from >= end) return outOfBytes;
  let at = from;
  const closes = bytes[at] === DASH;
  if (closes) {
    if (at + 1 >= end) return outOfBytes;
    if (bytes[at + 1] !== DASH) return content;
    at += 2;
  }
  const paddingEnd = at + MAX_PADDING_BYTES;
  while (at < end && at < paddingEnd && (bytes[at] === SPACE || bytes[at] === TAB)) at++;
  if (at >= end) return closes && available.ended ? { kind: "last", end: at } : outOfBytes;
  if (closes) return bytes[at] === CR || bytes[at] === LF ? { kind: "last", end: at } : content;
  if (bytes[at] === LF) return lineBreak === "\r\n" ? content : { kind: "next", end: at + 1, lineBreak: "\n" };
  if (bytes[at] !== CR || lineBreak === "\n") return content;
  if (at + 1 >= end) return outOfBytes;
  return bytes[at + 1] === LF ? { kind: "next", end: at + 2, lineBreak: "\r\n" } : content;
}
