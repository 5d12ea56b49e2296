/** The Range header (RFC 9110 §14): which bytes of a file a request asks for. */
import type { ByteRange } from "../storage/object-store.ts";

/**
 * The one range asked for, cut to the file; null to send the whole file; `unsatisfiable` when it starts after the end.
 *
 * The whole file answers whatever §14.2 lets a server ignore: a malformed header, another unit, several ranges (each
 * would be a separate read of the store, and a list of overlaps multiplies the bytes sent), and any range of an empty
 * file, which a Content-Range cannot express.
 */
export function readRange(header: string | null, sizeBytes: number): ByteRange | "unsatisfiable" | null {
  if (header === null || sizeBytes === 0) return null;
  const match = /^bytes=[ \t]*(\d*)-(\d*)[ \t]*$/i.exec(header);
  if (match === null) return null;
  const [, first = "", last = ""] = match;
  if (first === "") return last === "" ? null : suffix(Number(last), sizeBytes);
  const offset = Number(first);
  const end = last === "" ? Infinity : Number(last);
  if (end < offset) return null;
  if (offset >= sizeBytes) return "unsatisfiable";
  return { offset, length: Math.min(end, sizeBytes - 1) - offset + 1 };
}

function suffix(length: number, sizeBytes: number): ByteRange | "unsatisfiable" {
  if (length === 0) return "unsatisfiable";
  const offset = Math.max(sizeBytes - length, 0);
  return { offset, length: sizeBytes - offset };
}
