/**
 * Signed links: AWS Signature Version 4 in the query string, against the Worker's own host, so that any S3 client can
 * make and read them. It knows nothing of rows, owners or what a file may be served as.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
 *
 * The signature covers method, host, key and every parameter. As with S3, a link signed for GET does not open HEAD.
 * The order of the parameters is free (SigV4 sorts them); their spelling is not.
 */
import { AwsV4Signer } from "aws4fetch";
import { Problem } from "../problem.ts";
import type { ObjectKey } from "../storage/object-key.ts";
import { isDisposition } from "./content-disposition.ts";
import { decodeStrictly, fileUrl, readFileKey } from "./file-url.ts";
import { isHarmlessType } from "./served-type.ts";

export interface LinkKey {
  /** Names the key; public, part of every link. */
  readonly accessKeyId: string;
  readonly secret: string;
}

export interface LinkRequest {
  /** Scheme and host (and port) that the link will be opened at, without a trailing slash. */
  readonly origin: string;
  readonly key: ObjectKey;
  readonly method: "GET" | "HEAD";
  /** A whole number of seconds from 1 to `MAX_LINK_SECONDS`. */
  readonly expiresSeconds: number;
  /** The moment the link's life begins; cut to the second. */
  readonly now: Date;
  /** `response-content-disposition`: `isDisposition` must accept it. */
  readonly disposition?: string;
  /** `response-content-type`: `isHarmlessType` must accept it. */
  readonly type?: string;
}

/** What a valid link asks for besides the file. */
export interface LinkVerdict {
  readonly disposition: string | null;
  readonly type: string | null;
  /** The first moment at which the link no longer opens. */
  readonly expiresAt: Date;
}

/** The longest life of a link, seven days: a signing key is derived for a day and S3 accepts it for a week. */
export const MAX_LINK_SECONDS = 604_800;
/** How far a signer's clock may run ahead of ours. Signing and checking happen on different machines. */
const MAX_SKEW_MS = 5 * 60_000;
const REGION = "auto";
const SERVICE = "s3";
const ALGORITHM = "AWS4-HMAC-SHA256";
const SIGNED_HEADERS = "host";
const SIGNATURE = "X-Amz-Signature";
const EXPIRES = "X-Amz-Expires";
const DISPOSITION = "response-content-disposition";
const TYPE = "response-content-type";
const KNOWN: ReadonlySet<string> = new Set([
  "X-Amz-Algorithm",
  "X-Amz-Credential",
  "X-Amz-Date",
  "X-Amz-SignedHeaders",
  EXPIRES,
  SIGNATURE,
  DISPOSITION,
  TYPE,
]);

/** aws4fetch's derived keys, one per secret and day: saves four of six HMACs. */
const derivedKeys = new Map<string, ArrayBuffer>();
/** More than the nine days a live link can be dated; an isolate that outlives them starts over. */
const MAX_DERIVED_KEYS = 32;

const encoder = new TextEncoder();

/**
 * The address with a signature, in the spelling that `verifyLink` accepts. Throws a RangeError for a life, disposition
 * or type that no link can have: the caller checks what a client sent.
 */
export async function signLink(linkKey: LinkKey, request: LinkRequest): Promise<string> {
  const { expiresSeconds, disposition, type } = request;
  if (readExpires(String(expiresSeconds)) === null) throw new RangeError(`not a link's life: ${expiresSeconds} s`);
  if (disposition !== undefined && !isDisposition(disposition)) throw new RangeError("not a link's disposition");
  if (type !== undefined && !isHarmlessType(type)) throw new RangeError("not a link's type");
  const signer = makeSigner(linkKey, fileUrl(request.origin, request.key), request.method, formatDate(request.now), {
    [EXPIRES]: String(expiresSeconds),
    ...(disposition === undefined ? {} : { [DISPOSITION]: disposition }),
    ...(type === undefined ? {} : { [TYPE]: type }),
  });
  // The signer's own URL is form-encoded (`+` for a space); the text it signs is the canonical spelling.
  const signature = await signer.signature();
  return `${signer.url.origin}${signer.encodedPath}?${signer.encodedSearch}&${SIGNATURE}=${signature}`;
}

/**
 * What the request's link asks for; null when the URL carries no signature parameter at all. Throws Problem
 * `link_invalid`, or `link_expired` when the signature is right and only its time is over. Looks at nothing but the
 * request, so neither answer says whether the file exists.
 */
export async function verifyLink(linkKey: LinkKey, request: Request, now: Date): Promise<LinkVerdict | null> {
  const url = new URL(request.url);
  if (!carriesSignature(url)) return null;
  const key = readFileKey(url.pathname);
  if (key === null) throw invalid("the path is no file's address");
  const parameters = readParameters(url.search);
  const { signature, date, datetime, expiresSeconds } = readClaims(linkKey, parameters, now);

  const signed: Record<string, string> = { [EXPIRES]: String(expiresSeconds) };
  const disposition = parameters.get(DISPOSITION) ?? null;
  const type = parameters.get(TYPE) ?? null;
  if (disposition !== null) signed[DISPOSITION] = disposition;
  if (type !== null) signed[TYPE] = type;
  // Signed anew from the key, not from the request's path: aws4fetch reads a plus sign in a path as a space.
  const isRecent = now.getTime() - date.getTime() <= MAX_LINK_SECONDS * 1000;
  const signer = makeSigner(linkKey, fileUrl(url.origin, key), request.method, datetime, signed, isRecent);
  if (!isEqual(await signer.signature(), signature)) throw invalid("the signature does not match");

  const expiresAt = new Date(date.getTime() + expiresSeconds * 1000);
  if (now >= expiresAt) throw new Problem("link_expired", { reason: `the link ended at ${expiresAt.toISOString()}` });
  return { disposition, type, expiresAt };
}

/** Any trace of a signature counts, however spelt: a link that lost or mangled one must not pass as a plain address. */
function carriesSignature(url: URL): boolean {
  return url.search !== "" && [...url.searchParams.keys()].some((name) => name.toLowerCase().startsWith("x-amz-"));
}

/** The known parameters, each at most once and in its one spelling. */
function readParameters(search: string): Map<string, string> {
  const parameters = new Map<string, string>();
  for (const pair of search.slice(1).split("&")) {
    const equals = pair.indexOf("=");
    const name = pair.slice(0, Math.max(equals, 0));
    const value = decodeStrictly(pair.slice(equals + 1));
    if (!KNOWN.has(name)) throw invalid("a parameter is unknown");
    if (value === null) throw invalid(`${name} is not encoded canonically`);
    if (parameters.has(name)) throw invalid(`${name} is repeated`);
    parameters.set(name, value);
  }
  return parameters;
}

interface LinkClaims {
  readonly signature: string;
  readonly datetime: string;
  readonly date: Date;
  readonly expiresSeconds: number;
}

/** The link's own claims, checked in form only: nothing here is authentic before the signature is. */
function readClaims(linkKey: LinkKey, parameters: ReadonlyMap<string, string>, now: Date): LinkClaims {
  const read = (name: string): string => {
    const value = parameters.get(name);
    if (value === undefined) throw invalid(`${name} is missing`);
    return value;
  };
  if (read("X-Amz-Algorithm") !== ALGORITHM) throw invalid("another algorithm");
  if (read("X-Amz-SignedHeaders") !== SIGNED_HEADERS) throw invalid("other signed headers");
  const datetime = read("X-Amz-Date");
  const date = readDate(datetime);
  if (date === null) throw invalid("the date is malformed");
  if (date.getTime() > now.getTime() + MAX_SKEW_MS) throw invalid("the date lies in the future");
  const expiresSeconds = readExpires(read(EXPIRES));
  if (expiresSeconds === null) throw invalid("the life is malformed or too long");
  const scope = `${linkKey.accessKeyId}/${datetime.slice(0, 8)}/${REGION}/${SERVICE}/aws4_request`;
  if (read("X-Amz-Credential") !== scope) throw invalid("another credential scope");
  const signature = read(SIGNATURE);
  if (!/^[0-9a-f]{64}$/.test(signature)) throw invalid("the signature is malformed");
  return { signature, datetime, date, expiresSeconds };
}

/** `cached` false: a date no live link has must not fill the cache, whoever sends it. */
function makeSigner(
  linkKey: LinkKey,
  address: string,
  method: string,
  datetime: string,
  parameters: Readonly<Record<string, string>>,
  cached = true,
): AwsV4Signer {
  if (derivedKeys.size >= MAX_DERIVED_KEYS) derivedKeys.clear();
  const url = new URL(address);
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return new AwsV4Signer({
    url: url.href,
    method,
    datetime,
    accessKeyId: linkKey.accessKeyId,
    secretAccessKey: linkKey.secret,
    service: SERVICE,
    region: REGION,
    signQuery: true,
    cache: cached ? derivedKeys : new Map<string, ArrayBuffer>(),
  });
}

/** `20130524T000000Z`, ISO 8601's basic form as SigV4 wants it. */
function formatDate(date: Date): string {
  return date.toISOString().replace(/[:-]|\.\d{3}/g, "");
}

function readDate(text: string): Date | null {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (match === null) return null;
  const [, year, month, day, hour, minute, second] = match;
  const date = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  // Written back, because 30 February would roll over to March.
  return Number.isNaN(date.getTime()) || formatDate(date) !== text ? null : date;
}

function readExpires(text: string): number | null {
  return /^[1-9]\d{0,5}$/.test(text) && Number(text) <= MAX_LINK_SECONDS ? Number(text) : null;
}

/** Compares two signatures of equal length in a time that does not depend on where they differ. */
function isEqual(left: string, right: string): boolean {
  return crypto.subtle.timingSafeEqual(encoder.encode(left), encoder.encode(right));
}

function invalid(reason: string): Problem {
  return new Problem("link_invalid", { reason });
}
