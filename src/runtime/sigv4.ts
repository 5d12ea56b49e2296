/**
 * AWS Signature Version 4 over a request's parts: canonical request, string to sign, signature. The caller decides
 * which parameters and headers count; presigned links and signed calls of an S3 endpoint share it.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
import { hex } from "./bytes.ts";

/** Who signs, and what the signature is good for. */
export interface SigningScope {
  /** Names the key; public, part of every signed request. */
  readonly accessKeyId: string;
  readonly secret: string;
  readonly region: string;
  readonly service: string;
}

/** What is signed. */
export interface SignableRequest {
  readonly method: string;
  /** Percent-encoded, as it stands in the request line. */
  readonly path: string;
  /** Decoded, in any order; each is signed. */
  readonly parameters: Iterable<readonly [name: string, value: string]>;
  /** Lower-case names in order, values trimmed. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Hex SHA-256 of the body, or `UNSIGNED_PAYLOAD`. */
  readonly payloadHash: string;
}

export const ALGORITHM = "AWS4-HMAC-SHA256";
/** The payload hash of a presigned S3 request. */
export const UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD";
const HMAC = { name: "HMAC", hash: "SHA-256" };
const TERMINATOR = "aws4_request";

/** One per secret, day, region and service: saves four of five HMACs and the import. */
const signingKeys = new Map<string, CryptoKey>();
/** More than the nine days that a live link can be dated, for two secrets; an isolate that outlives them starts over. */
const MAX_SIGNING_KEYS = 32;

const encoder = new TextEncoder();

/**
 * Percent-encodes everything but RFC 3986's unreserved characters, upper-case hex: the one spelling that SigV4 signs.
 * The text must be well formed (no lone surrogate).
 */
export function encodeStrictly(text: string): string {
  // encodeURIComponent leaves five reserved characters alone.
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** `20130524T000000Z`, ISO 8601's basic form. */
export function formatSigningDate(date: Date): string {
  return date.toISOString().replace(/[:-]|\.\d{3}/g, "");
}

/** The inverse of `formatSigningDate`; null for every other text and for dates that no calendar has. */
export function readSigningDate(text: string): Date | null {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (match === null) return null;
  const [, year, month, day, hour, minute, second] = match;
  const date = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  // Written back, because 30 February would roll over to March.
  return Number.isNaN(date.getTime()) || formatSigningDate(date) !== text ? null : date;
}

/** `X-Amz-Credential`: the key's name and what it may sign on that day. */
export function credentialOf(scope: SigningScope, datetime: string): string {
  return `${scope.accessKeyId}/${scopeOf(scope, datetime)}`;
}

/** The canonical query string: the parameters in SigV4's order and spelling. */
export function canonicalQuery(parameters: SignableRequest["parameters"]): string {
  const pairs = Array.from(parameters, ([name, value]) => [encodeStrictly(name), encodeStrictly(value)] as const);
  // By name, then by value: joined text would sort `a-b=` before `a=`.
  return pairs
    .toSorted((left, right) => compare(left[0], right[0]) || compare(left[1], right[1]))
    .map(([name, value]) => `${name}=${value}`)
    .join("&");
}

/**
 * The signature in lower-case hex. `keepsKey` false: a date that a stranger chose must not fill the cache of keys.
 * @param datetime as `formatSigningDate` writes it
 */
export async function signatureOf(
  scope: SigningScope,
  datetime: string,
  request: SignableRequest,
  keepsKey = true,
): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", encoder.encode(canonicalRequest(request)));
  const text = [ALGORITHM, datetime, scopeOf(scope, datetime), hex(hash)].join("\n");
  const key = await signingKeyOf(scope, datetime.slice(0, 8), keepsKey);
  return hex(await crypto.subtle.sign("HMAC", key, encoder.encode(text)));
}

function canonicalRequest({ method, path, parameters, headers, payloadHash }: SignableRequest): string {
  const lines = headers.map(([name, value]) => `${name}:${value}\n`).join("");
  const names = headers.map(([name]) => name).join(";");
  return [method, path, canonicalQuery(parameters), lines, names, payloadHash].join("\n");
}

function scopeOf({ region, service }: SigningScope, datetime: string): string {
  return `${datetime.slice(0, 8)}/${region}/${service}/${TERMINATOR}`;
}

async function signingKeyOf(scope: SigningScope, day: string, keepsKey: boolean): Promise<CryptoKey> {
  const { secret, region, service } = scope;
  const name = [day, region, service, secret].join("/");
  const kept = signingKeys.get(name);
  if (kept !== undefined) return kept;
  // A copy, because not every platform types what an encoder returns as plain memory.
  let key = await importKey(new Uint8Array(encoder.encode(`AWS4${secret}`)));
  for (const part of [day, region, service, TERMINATOR]) {
    key = await importKey(await crypto.subtle.sign("HMAC", key, encoder.encode(part)));
  }
  if (keepsKey) {
    if (signingKeys.size >= MAX_SIGNING_KEYS) signingKeys.clear();
    signingKeys.set(name, key);
  }
  return key;
}

function importKey(bytes: ArrayBuffer | Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", bytes, HMAC, false, ["sign"]);
}

/** By code unit, which for encoded text is by byte. */
function compare(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
