/**
 * Splits `upload_folder` into the segments of an object key. Segments that are written out are checked here, those with
 * values in them by the runtime.
 */
import type { FolderSegment } from "../../contract/plan/files.ts";
import type { Names, Tell } from "./names.ts";
import { resolveText } from "./names.ts";

/** One segment's most bytes, as for a substituted value. */
const maxSegmentBytes = 255;
/** A key has at most 1,024 bytes (https://developers.cloudflare.com/r2/platform/limits/); the file's name needs some. */
const maxFolderBytes = 900;

function isControl(character: string): boolean {
  const code = character.codePointAt(0) ?? 0;
  return code < 0x20 || code === 0x7f;
}

function segmentFault(segment: string): string | null {
  if (segment === "") return 'has an empty segment ("//")';
  if (segment === "." || segment === "..") return `may not hold the segment "${segment}"`;
  if (segment.includes("\\") || Array.from(segment).some(isControl))
    return "may not hold backslashes or control characters";
  if (new TextEncoder().encode(segment).length > maxSegmentBytes) {
    return `has a segment of more than ${String(maxSegmentBytes)} bytes`;
  }
  return null;
}

/** The segments of a folder, slashes at both ends tolerated. Empty after a fault. */
export function parseFolder(folder: string, names: Names, tell: Tell): FolderSegment[] {
  if (new TextEncoder().encode(folder).length > maxFolderBytes) {
    tell.fault(`must be at most ${String(maxFolderBytes)} bytes`);
    return [];
  }
  const segments = folder.replaceAll(/^\/|\/$/g, "").split("/");
  const faults = segments.map(segmentFault).filter((fault) => fault !== null);
  for (const fault of faults) tell.fault(fault);
  if (faults.length > 0) return [];
  return segments.map((segment) => resolveText(segment, false, names, tell)).filter((reference) => reference !== null);
}
