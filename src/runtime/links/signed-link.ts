/**
 * Signed links: AWS Signature Version 4 in the query string, against the Worker's own host, so that any S3 client can
 * make and read them. Revocation and counting are in links/registry.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
 *
 * The signature covers method, host, key and every parameter. A link signed for GET opens HEAD as well, which tells
 * less. The order of the parameters is free (SigV4 sorts them), and so is the spelling: what is signed are the values.
 */
import { Problem } from "../../contract/problem.ts";
import { eitherPasses, type SecretPair } from "../secrets.ts";
import * as sigv4 from "../sigv4.ts";
import type { ObjectKey } from "../storage/object-key.ts";
import { fileUrl, readFileKey } from "./file-url.ts";
import * as query from "./parameters.ts";
import { hiddenOf, readLimit, saidOf, type Terms } from "./terms.ts";
import { isHarmlessType } from "../media/served-type.ts";

export interface LinkKey extends SecretPair {
  /** Names the key; public, part of every link. */
  readonly accessKeyId: string;
}

/** A term must be one that `read` returns; counted downloads need the `id` of a row that exists. */
export interface LinkRequest extends Partial<Terms> {
  /** Where the link will be opened, as `fileUrl` has it. */
  readonly base: string;
  readonly key: ObjectKey;
  readonly method: "GET" | "HEAD";
  /** A whole number of seconds from 1 to `MAX_LINK_SECONDS`. */
  readonly expiresSeconds: number;
  /** The moment the link's life begins; cut to the second. */
  readonly now: Date;
  /** `response-content-type`: `isHarmlessType` must accept it. */
  readonly type?: string;
  /** What a revocation changes; absent = 0. */
  readonly epoch?: number;
  /** The link's row in the audit table, 21 URL-safe characters. */
  readonly id?: string;
}

/** Where links are opened. A link is valid for the address that the request came to, and for the public one. */
export interface LinkPlace {
  /** The path that the app is mounted at; empty: the root. */
  readonly mount: string;
  /** What its public address begins with: what a proxy makes of that is not what was signed. */
  readonly base: string;
}

/** What a valid link asks for. */
export interface LinkVerdict extends Terms {
  readonly key: ObjectKey;
  readonly type: string | null;
  /** The first moment at which the link no longer opens. */
  readonly expiresAt: Date;
  readonly epoch: number;
  /** Null in a link that this runtime did not issue. */
  readonly id: string | null;
  /** Valid only for a client with a property that the link does not reveal. */
  readonly isBound: boolean;
}

/** How far a signer's clock may run ahead of ours. Signing and checking happen on different machines. */
const MAX_SKEW_MS = 5 * 60_000;
const names = query.PARAMETERS;
const encoder = new TextEncoder();

/**
 * The address with a signature, in the spelling that `verifyLink` accepts. Throws a RangeError for what no link can
 * have: a client's input is the caller's to check.
 */
export async function signLink(linkKey: LinkKey, request: LinkRequest): Promise<string> {
  checkRequest(request);
  const { key, method } = request;
  const scope = scopeOf(linkKey);
  const datetime = sigv4.formatSigningDate(request.now);
  const parameters = new Map([
    [names.algorithm, sigv4.ALGORITHM],
    [names.credential, sigv4.credentialOf(scope, datetime)],
    [names.date, datetime],
    [names.expires, String(request.expiresSeconds)],
    [names.signedHeaders, query.SIGNED_HEADERS],
    ...entryOf(names.type, request.type),
    ...entryOf(names.epoch, request.epoch),
    ...entryOf(names.id, request.id),
    ...saidOf(request).flatMap(({ parameter, says, value }) => entryOf(parameter, says ?? value)),
  ]);
  const permanent = fileUrl(request.base, key);
  const signed = [...parameters, ...hiddenOf(request)];
  const signature = await sign(scope, datetime, method, new URL(permanent), signed);
  return `${permanent}?${sigv4.canonicalQuery(parameters)}&${names.signature}=${signature}`;
}

/**
 * What the request's link asks for; null when the URL carries no signature parameter at all. Throws Problem
 * `link_invalid`, or `link_expired` when the signature is right and only its time is over. Looks at nothing but the
 * request, so neither answer says whether the file exists.
 */
export async function verifyLink(
  linkKey: LinkKey,
  request: Request,
  now: Date,
  { mount, base }: LinkPlace,
): Promise<LinkVerdict | null> {
  if (!request.url.includes("?")) return null;
  const url = new URL(request.url);
  if (!query.carriesSignature(url)) return null;
  const key = readFileKey(url.pathname, mount);
  if (key === null) throw query.invalid("the path is no file's address");
  const parameters = query.readLinkQuery(url.search);
  const {
    signature: sent,
    credential,
    datetime,
    date,
    expiresSeconds,
    ...said
  } = query.readClaims(parameters, request.headers);
  const scope = scopeOf(linkKey);
  if (credential !== sigv4.credentialOf(scope, datetime)) throw query.invalid("another credential scope");
  const ageMs = now.getTime() - date.getTime();
  if (ageMs < -MAX_SKEW_MS) throw query.invalid("the date lies in the future");

  parameters.delete(names.signature);
  const hidden = hiddenOf(said);
  const signed = [...parameters, ...hidden];
  const keepsKey = ageMs <= query.MAX_LINK_SECONDS * 1000;
  // As the file's address is told, and as the request came.
  const addresses = [...new Set([fileUrl(base, key), fileUrl(url.origin + mount, key)])].map((text) => new URL(text));
  const methods = request.method === "HEAD" ? ["HEAD", "GET"] : [request.method];
  const isSigned = await eitherPasses(linkKey, async (secret) => {
    for (const address of addresses) {
      for (const method of methods) {
        const signature = await sign({ ...scope, secret }, datetime, method, address, signed, keepsKey);
        if (isEqual(signature, sent)) return true;
      }
    }
    return false;
  });
  if (!isSigned) throw query.invalid("the signature does not match");

  const expiresAt = new Date(date.getTime() + expiresSeconds * 1000);
  if (now >= expiresAt) throw new Problem("link_expired", { reason: `the link ended at ${expiresAt.toISOString()}` });
  return { ...said, key, expiresAt, isBound: hidden.length > 0 };
}

/** A hidden value is signed but not sent, so a link that is used from elsewhere simply does not match. */
function sign(
  scope: sigv4.SigningScope,
  datetime: string,
  method: string,
  url: URL,
  parameters: sigv4.SignableRequest["parameters"],
  keepsKey = true,
): Promise<string> {
  const request: sigv4.SignableRequest = {
    method,
    path: url.pathname,
    parameters,
    headers: [[query.SIGNED_HEADERS, url.host]],
    payloadHash: sigv4.UNSIGNED_PAYLOAD,
  };
  return sigv4.signatureOf(scope, datetime, request, keepsKey);
}

function checkRequest({ expiresSeconds, type, epoch, id, ...asked }: LinkRequest): void {
  const check = (isValid: boolean, what: string) => {
    if (!isValid) throw new RangeError(`not a link's ${what}`);
  };
  check(readLimit(expiresSeconds, query.MAX_LINK_SECONDS) !== null, `life: ${expiresSeconds} s`);
  check(type === undefined || isHarmlessType(type), "type");
  check(epoch === undefined || (Number.isSafeInteger(epoch) && epoch >= 0), "epoch");
  check((asked.maxDownloads ?? null) === null || id !== undefined, "id");
  for (const { name, read, value } of saidOf(asked)) check(read(value) === value, name);
}

/** R2's region, so that clients set up for R2 sign for the Worker unchanged. */
const scopeOf = ({ accessKeyId, secret }: LinkKey): sigv4.SigningScope => ({
  accessKeyId,
  secret,
  region: "auto",
  service: "s3",
});

function entryOf(name: string, value: string | number | undefined): (readonly [string, string])[] {
  return value === undefined ? [] : [[name, String(value)]];
}

/** Of workerd; the types of other platforms, where only the signing half runs, lack it. */
interface TimingSafe {
  timingSafeEqual(left: Uint8Array, right: Uint8Array): boolean;
}

/** Compares two signatures of equal length in a time that does not depend on where they differ. */
function isEqual(left: string, right: string): boolean {
  const subtle: SubtleCrypto & Partial<TimingSafe> = crypto.subtle;
  if (subtle.timingSafeEqual === undefined) throw new Error("This platform cannot compare in constant time");
  return subtle.timingSafeEqual(encoder.encode(left), encoder.encode(right));
}

/** The name in a link's credential. The secret's previous value has the same: S3 clients keep it when it is replaced. */
const LINK_KEY_ID = "sluice";

export const linkKeyOf = (linkSecret: SecretPair): LinkKey => ({
  accessKeyId: LINK_KEY_ID,
  ...linkSecret,
});
