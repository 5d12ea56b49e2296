/** Fresh identifiers of the kinds that an ABI can ask for. */
import { nanoid } from "nanoid";
import type { GeneratorKind } from "../../contract/plan/reference.ts";

const digits = "0123456789";
const upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const lower = "abcdefghijklmnopqrstuvwxyz";
const base62 = digits + upper + lower;
/** Crockford's base 32, as ULID orders it: https://github.com/ulid/spec */
const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/** No 0, 1, I, O or l: nothing to misread. */
const base57 = "23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
/** Seconds from 1970 to KSUID's own epoch: https://github.com/segmentio/ksuid */
const KSUID_EPOCH_SECONDS = 1_400_000_000;

/** @param now the request's moment, for the kinds that sort by time */
export function generate(kind: GeneratorKind, now: Date): string {
  switch (kind) {
    case "KSUID":
      return encode([BigInt(Math.floor(now.getTime() / 1000) - KSUID_EPOCH_SECONDS), 16], base62, 27);
    case "ULID":
      return encode([BigInt(now.getTime()), 10], crockford, 26);
    case "UUID":
      return crypto.randomUUID();
    case "SHORTUUID":
      return encode([0n, 16], base57, 22);
    case "CUID2":
      return cuid2();
    case "NANOID":
      return nanoid();
    default:
      return kind satisfies never;
  }
}

/** The prefix, then that many random bytes, as one big-endian number in the alphabet, padded to `length`. */
function encode([prefix, randomBytes]: readonly [bigint, number], alphabet: string, length: number): string {
  let number = prefix;
  for (const byte of crypto.getRandomValues(new Uint8Array(randomBytes))) number = (number << 8n) | BigInt(byte);
  const base = BigInt(alphabet.length);
  let text = "";
  for (let place = 0; place < length; place++) {
    text = alphabet.charAt(Number(number % base)) + text;
    number /= base;
  }
  return text;
}

/**
 * CUID2's form: a letter, then 23 characters of base 36. Its own library hashes several weak sources of entropy to get
 * there; with a cryptographic generator the characters can be drawn directly.
 */
function cuid2(): string {
  return draw(lower, 1) + draw(digits + lower, 23);
}

/** Characters drawn evenly: bytes beyond the last whole multiple of the alphabet are discarded. */
function draw(alphabet: string, length: number): string {
  const limit = 256 - (256 % alphabet.length);
  let text = "";
  while (text.length < length) {
    const fair = crypto.getRandomValues(new Uint8Array(length * 2)).filter((byte) => byte < limit);
    for (const byte of fair.subarray(0, length - text.length)) text += alphabet.charAt(byte % alphabet.length);
  }
  return text;
}
