/**
 * Tells the media type of a file from its bytes and what the client says of them, and whether a list takes it. The bytes
 * decide; the declaration may only make their type more precise, and is refuted by another type's signature, or by text
 * where it is binary and the other way round.
 */
import { mediaTypes, OPAQUE } from "../../contract/media-types.ts";
import { signedType } from "./signatures.ts";
import { detectText, encodingOf, isTextual, typeOfName } from "./text.ts";

export interface DetectedType {
  readonly type: string;
  /** The client's declaration cannot be true of these bytes. */
  readonly contradicted: boolean;
  /** No byte supports the type: it is only the client's claim about bytes of no known format. */
  readonly claimed: boolean;
  /** What the bytes prove where the type is only the client's word: a list has to take that, too. */
  readonly proven: string | null;
  /** What the file is as well, and the client says nothing else: it is stored as that where a list takes only that. */
  readonly broader: readonly string[];
  /** Of text that is not kept as text, because it is not UTF-8. */
  readonly encoding: string | null;
}

const canonicalTypes = new Map(
  [...mediaTypes].flatMap(([type, { aliases = [] }]) => aliases.map((alias) => [alias, type] as const)),
);
/** RFC 6838 §4.2: no wildcard, at most 127 characters on either side. */
const mediaType = /^[a-z0-9][\w!#$&^.+-]{0,126}\/[a-z0-9][\w!#$&^.+-]{0,126}$/;
/** What clients write that know nothing of a file, or want it saved: application/force-download, binary/octet-stream. */
const sayingNothing = /^(?:multipart|binary)\/|\/(?:x-|force-)?download$|^application\/octet-stream$/;

/** The usual name of a media type, lower case and without parameters. */
export function canonicalType(type: string): string {
  const bare = (type.split(";")[0] ?? "").trim().toLowerCase();
  return canonicalTypes.get(bare) ?? bare;
}

/**
 * Detects from the first bytes (HEAD_BYTES of them, or all).
 * @param declared the part's Content-Type; what is no media type, or none in particular, says nothing
 * @param fileName only its extension is looked at, and only to tell text types apart
 */
export function detectMediaType(head: Uint8Array, declared: string | null, fileName: string): DetectedType {
  const canonical = canonicalType(declared ?? "");
  const claim = mediaType.test(canonical) && !sayingNothing.test(canonical) ? canonical : null;
  const signed = signedType(head, claim);
  if (signed !== null) return refine(signed, claim, claim);
  const word = claim !== null && isTextual(claim) && mediaTypes.has(claim) ? claim : typeOfName(fileName);
  const text = detectText(head, word);
  return text === null ? claimOf(head, claim) : refine(text, word, claim);
}

const plain = { contradicted: false, claimed: false, proven: null, broader: [], encoding: null };

/** The type of bytes that prove one. */
function refine(proven: string, word: string | null, claim: string | null): DetectedType {
  const row = mediaTypes.get(word ?? "");
  if (word !== null && row?.within?.includes(proven) === true) return { ...plain, type: word };
  // How text begins is known, and what is deep in an archive is not.
  const isOpen = row?.begins === undefined && row?.root === undefined;
  const isWord = word !== null && isOpen && kindsOf(word).includes(proven);
  const type = isWord ? word : proven;
  const broader = kindsOf(type);
  const isKnown = claim !== null && (mediaTypes.has(claim) || isTextual(claim));
  return {
    ...plain,
    type,
    contradicted: isKnown && !areKin(claim, type),
    proven: isWord ? proven : null,
    broader: isKnown ? broader.filter((name) => name === claim) : broader,
  };
}

/** What a file of this type is as well, the nearest first. */
function kindsOf(type: string): string[] {
  const kind = mediaTypes.get(type)?.kindOf;
  return kind === undefined ? [] : [kind, ...kindsOf(kind)];
}

/** True when bytes of the one type do not refute the other. */
function areKin(type: string, other: string): boolean {
  const [first, second] = [familyOf(type), familyOf(other)];
  const touches = (family: Set<string>, relatives: Set<string>) =>
    [...relatives].some((name) => family.has(name) || mediaTypes.get(name)?.akin?.some((taken) => family.has(taken)));
  return touches(first, second) || touches(second, first);
}

/** The type, and whatever its bytes may be or show instead. */
function familyOf(type: string, family = new Set<string>()): Set<string> {
  if (family.has(type)) return family;
  family.add(type);
  if (isTextual(type)) family.add("text/plain");
  const { kindOf = type, within = [] } = mediaTypes.get(type) ?? {};
  for (const name of [kindOf, ...within]) familyOf(name, family);
  return family;
}

/** The type of bytes that prove none. */
function claimOf(head: Uint8Array, claim: string | null): DetectedType {
  const opaque = { ...plain, type: OPAQUE };
  const encoding = encodingOf(head);
  if (claim === null) return { ...opaque, encoding };
  if (isTextual(claim)) return { ...opaque, encoding, contradicted: encoding === null };
  // The bytes of a type in the table would have shown it.
  return mediaTypes.has(claim) ? { ...opaque, contradicted: true } : { ...plain, type: claim, claimed: true };
}

/** Under which of its names a list takes a file; null for none. */
export function allowedType(
  { type, proven, broader, claimed }: DetectedType,
  patterns: readonly string[],
): string | null {
  if (isListed(type, patterns, claimed) && (proven === null || isListed(proven, patterns))) return type;
  return broader.find((name) => isListed(name, patterns)) ?? null;
}

/** True when one of the patterns (`type/subtype`, `type/*` or any/any) covers the type. */
export function isListed(type: string, patterns: readonly string[], claimed = false): boolean {
  return patterns.some((pattern) => {
    if (pattern === "*/*" || canonicalType(pattern) === type) return true;
    // Vector graphics can carry script: a wildcard never covers them, only their name does. Nor does it cover a mere
    // claim.
    if (claimed || type === "image/svg+xml") return false;
    return pattern.endsWith("/*") && type.startsWith(pattern.slice(0, -1));
  });
}
