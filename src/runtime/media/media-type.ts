/**
 * Detects the media type of a file from its bytes, and checks it against what the client declared and what an endpoint
 * allows.
 */
import { mediaTypes, OPAQUE } from "../../contract/media-types.ts";
import { signedType } from "./signatures.ts";
import { detectText } from "./text.ts";

export interface DetectedType {
  readonly type: string;
  /** The client's declaration cannot be true of these bytes. */
  readonly contradicted: boolean;
  /** No byte supports the type: it is only the client's claim about bytes of no known format. */
  readonly claimed: boolean;
}

const canonicalTypes = new Map(
  [...mediaTypes].flatMap(([type, { aliases = [] }]) => aliases.map((alias) => [alias, type] as const)),
);
/** Text under any top-level type: browsers run scripts by their type alone. */
const textual = /^text\/|(?:java|ecma|j|live)script$/;
/** RFC 6838 §4.2: no wildcard, at most 127 characters on either side. */
const mediaType = /^[a-z0-9][\w!#$&^.+-]{0,126}\/[a-z0-9][\w!#$&^.+-]{0,126}$/;

/** The usual name of a media type, lower case and without parameters. */
export function canonicalType(type: string): string {
  const bare = (type.split(";")[0] ?? "").trim().toLowerCase();
  return canonicalTypes.get(bare) ?? bare;
}

/**
 * Detects from the first bytes (HEAD_BYTES of them, or all).
 * @param declared the part's Content-Type; null, empty or `application/octet-stream` contradicts nothing
 * @param fileName only its extension is looked at, and only to tell text types apart
 */
export function detectMediaType(head: Uint8Array, declared: string | null, fileName: string): DetectedType {
  const canonical = canonicalType(declared ?? "");
  const claim = canonical === "" || canonical === OPAQUE ? null : canonical;
  const signed = signedType(head);
  if (signed !== null) {
    if (claim !== null && mediaTypes.get(claim)?.within?.includes(signed) === true) return shown(claim, false);
    // Every office document is a ZIP too: a client that only says so is not wrong.
    const zipped = claim === "application/zip" && head[0] === 0x50;
    return shown(signed, claim !== null && claim !== signed && !zipped);
  }
  // Windows with Excel installed declares every .csv as an Excel sheet.
  const textClaim = claim === "application/vnd.ms-excel" && /\.csv$/i.test(fileName) ? "text/csv" : claim;
  const text = detectText(head, textClaim, fileName);
  if (text !== null) return shown(text, textClaim !== null && !isCompatibleText(textClaim, text));
  if (claim === null) return shown(OPAQUE, false);
  // The bytes of a type in the table would have shown it.
  const refuted = mediaTypes.has(claim) || textual.test(claim) || !mediaType.test(claim);
  return refuted ? shown(OPAQUE, true) : { type: claim, contradicted: false, claimed: true };
}

const shown = (type: string, contradicted: boolean): DetectedType => ({ type, contradicted, claimed: false });

/** Text may be declared as any text; markup only as itself, or SVG and XHTML as the XML they are. */
function isCompatibleText(claim: string, detected: string): boolean {
  if (claim === detected) return true;
  if (detected === "image/svg+xml" || detected === "application/xhtml+xml") return claim === "application/xml";
  if ([claim, detected].some((type) => mediaTypes.get(type)?.grade === "markup")) return false;
  return claim.startsWith("text/") && detected.startsWith("text/");
}

/** True when one of the patterns (`type/subtype`, `type/*` or any/any) covers the type. */
export function isAllowedType({ type, claimed }: DetectedType, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => {
    if (pattern === "*/*" || canonicalType(pattern) === type) return true;
    // Vector graphics can carry script: a wildcard never covers them, only their name does. Nor does it cover a mere
    // claim.
    if (claimed || type === "image/svg+xml") return false;
    return pattern.endsWith("/*") && type.startsWith(pattern.slice(0, -1));
  });
}
