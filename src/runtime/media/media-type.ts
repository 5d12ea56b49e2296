/**
 * The media type of a file from its bytes, held against what the client declared and what an endpoint allows.
 * Knows nothing of uploads or storage.
 */
import { signatures } from "./signatures.ts";
import { detectText, isTextType } from "./text.ts";

export interface DetectedType {
  readonly type: string;
  /** The client's declaration cannot be true of these bytes. */
  readonly contradicted: boolean;
  /** No byte speaks for the type: it is the client's word for bytes of no known format. */
  readonly claimed: boolean;
}

/** Other names for the same type, as browsers and operating systems send them. */
const aliases: Readonly<Record<string, string>> = {
  "image/jpg": "image/jpeg",
  "image/pjpeg": "image/jpeg",
  "image/x-png": "image/png",
  "image/apng": "image/png",
  "image/x-ms-bmp": "image/bmp",
  "image/x-icon": "image/vnd.microsoft.icon",
  "audio/mp3": "audio/mpeg",
  "audio/x-mp3": "audio/mpeg",
  "audio/x-wav": "audio/wav",
  "audio/wave": "audio/wav",
  "audio/vnd.wave": "audio/wav",
  "audio/x-m4a": "audio/mp4",
  "audio/x-flac": "audio/flac",
  "audio/x-aac": "audio/aac",
  "video/avi": "video/x-msvideo",
  "application/x-pdf": "application/pdf",
  "application/x-zip-compressed": "application/zip",
  "application/x-zip": "application/zip",
  "application/x-gzip": "application/gzip",
  "application/x-rar-compressed": "application/vnd.rar",
  "application/x-yaml": "application/yaml",
  "text/yaml": "application/yaml",
  "text/json": "application/json",
  "text/xml": "application/xml",
  "text/x-markdown": "text/markdown",
  "application/csv": "text/csv",
  "text/x-csv": "text/csv",
};

/** The type of bytes of which nothing is known. */
export const OPAQUE = "application/octet-stream";
const signed = new Set(signatures.flatMap((signature) => signature.types));
const markupTypes = new Set(["text/html", "image/svg+xml", "application/xhtml+xml", "application/xml"]);
/** Text, wherever it stands in the tree: scripts are run by their type alone. */
const textual = /^text\/|(?:java|ecma|j|live)script$/;
/** RFC 6838 §4.2: no wildcard, at most 127 characters on either side. */
const mediaType = /^[a-z0-9][\w!#$&^.+-]{0,126}\/[a-z0-9][\w!#$&^.+-]{0,126}$/;

/** The usual name of a media type, lower case and without parameters. */
export function canonicalType(type: string): string {
  const bare = (type.split(";")[0] ?? "").trim().toLowerCase();
  return aliases[bare] ?? bare;
}

/** True for a type that is told from the bytes: those of a file of this type would have shown it. */
export function isProvable(type: string): boolean {
  return signed.has(type) || markupTypes.has(type) || isTextType(type);
}

/**
 * Detects from the first bytes (HEAD_BYTES of them, or all).
 * @param declared the part's Content-Type; null, empty or `application/octet-stream` contradicts nothing
 * @param fileName only its extension is looked at, and only to tell text types apart
 */
export function detectMediaType(head: Uint8Array, declared: string | null, fileName: string): DetectedType {
  const canonical = canonicalType(declared ?? "");
  const claim = canonical === "" || canonical === OPAQUE ? null : canonical;
  const signature = signatures.find((entry) => entry.matches(head));
  if (signature !== undefined) {
    if (claim !== null && signature.types.includes(claim)) return shown(claim, false);
    // Every office document is a ZIP too: a client that only says so is not wrong.
    const zipped = claim === "application/zip" && head[0] === 0x50;
    return shown(signature.types[0], claim !== null && !zipped);
  }
  // Windows with Excel installed declares every .csv as an Excel sheet.
  const textClaim = claim === "application/vnd.ms-excel" && /\.csv$/i.test(fileName) ? "text/csv" : claim;
  const text = detectText(head, textClaim, fileName);
  if (text !== null) return shown(text, textClaim !== null && !isCompatibleText(textClaim, text));
  if (claim === null) return shown(OPAQUE, false);
  const refuted = isProvable(claim) || textual.test(claim) || !mediaType.test(claim);
  return refuted ? shown(OPAQUE, true) : { type: claim, contradicted: false, claimed: true };
}

const shown = (type: string, contradicted: boolean): DetectedType => ({ type, contradicted, claimed: false });

/** Text may be declared as any text; markup only as itself, or SVG and XHTML as the XML they are. */
function isCompatibleText(claim: string, detected: string): boolean {
  if (claim === detected) return true;
  if (detected === "image/svg+xml" || detected === "application/xhtml+xml") return claim === "application/xml";
  if (markupTypes.has(detected) || markupTypes.has(claim)) return false;
  return claim.startsWith("text/") && detected.startsWith("text/");
}

/** True when one of the patterns (`type/subtype`, `type/*` or any/any) covers the type. */
export function isAllowedType({ type, claimed }: DetectedType, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => {
    if (pattern === "*/*" || canonicalType(pattern) === type) return true;
    // Vector graphics can carry script: a wildcard never means them, only their name does. Nor does it mean a mere claim.
    if (claimed || type === "image/svg+xml") return false;
    return pattern.endsWith("/*") && type.startsWith(pattern.slice(0, -1));
  });
}
