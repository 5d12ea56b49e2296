/** Verifies the caller's token from the headers alone, before any byte of the body is read. */
import { compactVerify, type JWTPayload } from "jose";
import { callerOf, isMissing, unauthorized as refuse, type Identity } from "./caller.ts";
import type { Authentication } from "../../contract/plan/authentication.ts";
import type { ConfiguredText } from "../../contract/plan/reference.ts";
import type { Json } from "../../contract/plan.ts";
import { readTokenSecret, type ReadEnvironment, type SecretPair } from "../secrets.ts";
import { Problem } from "../../contract/problem.ts";
import { parseJson } from "../body/parse-json.ts";
import { repeatsName } from "../body/repeats-name.ts";
import { claimFault, type ExpectedClaims } from "./claim-fault.ts";

/** Longer than any sane token; cheap to refuse. */
export const MAX_TOKEN_LENGTH = 8192;

/** Three segments of base64url without padding: RFC 7515 §2. */
const tokenForm = /^[\w-]+\.[\w-]+\.[\w-]+$/;
/**
 * What a segment may end in, by its length modulo 4, so that no bit is set after its last byte: RFC 4648 §3.5.
 * Undefined = anything; a remainder of 1 is impossible.
 */
const segmentEnds = [undefined, "", "AQgw", "AEIMQUYcgkosw048"];

const encoder = new TextEncoder();

/** What verifying a token needs. */
export interface Verifier {
  readonly deployment: { readonly text: ReadEnvironment };
  /** The time of the request. */
  readonly now: Date;
  /** Asked of valid tokens, where the authentication says that they are revocable. */
  readonly isRevoked: (token: string) => Promise<boolean>;
}

/** Who calls, with the listed claims. @throws Problem `unauthorized`, `forbidden`, always the same on the wire, their reasons only for the log */
export async function authenticate(
  authentication: Authentication,
  headers: Headers,
  verifier: Verifier,
): Promise<Identity> {
  const payload = await verifyToken(authentication, headers, verifier);
  const lacking = Object.entries(authentication.require ?? {}).find(
    ([name, allowed]) => ![payload[name]].flat().some((value) => allowed.includes(value as Json)),
  );
  if (lacking !== undefined)
    throw new Problem("forbidden", { reason: `The claim ${lacking[0]} is none of those required` });
  const claims = Object.fromEntries(authentication.claims.map((name) => [name, readClaim(payload, name)]));
  return { claims, ...callerOf(payload) };
}

/** All claims of a valid token. @throws Problem `unauthorized` */
export async function verifyToken(
  authentication: Omit<Authentication, "claims">,
  headers: Headers,
  { deployment, now, isRevoked }: Verifier,
): Promise<JWTPayload> {
  const token = readToken(authentication, headers);
  const payload = await readSignedClaims(token, authentication, deployment.text);
  const fault = claimFault(payload, expectedOf(authentication, deployment.text), now);
  if (fault !== null) throw refuse(fault);
  if (authentication.isRevocable === true && (await isRevoked(token))) throw refuse("The token was revoked");
  return payload;
}

/** The claims of a token that the key has signed, whenever and for whomever. @throws Problem `unauthorized` */
export async function readSignedClaims(
  token: string,
  key: Pick<Authentication, "algorithm" | "keyName">,
  environment: ReadEnvironment,
): Promise<JWTPayload> {
  if (token.length > MAX_TOKEN_LENGTH) throw refuse("The token is too long");
  if (!tokenForm.test(token) || !token.split(".").every(isCanonical)) {
    throw refuse("The token is not three segments of base64url in their one spelling");
  }
  return readPayload(await verifySignature(token, key, readTokenSecret(environment, key)));
}

/** A header that is repeated arrives joined by commas, which no token contains. */
function readToken({ header, bearer }: Pick<Authentication, "header" | "bearer">, headers: Headers): string {
  const value = headers.get(header);
  if (value === null) throw refuse(`No ${header} header`);
  // RFC 9110 §11.4: spaces between the two, one or more.
  const token = bearer ? /^Bearer +(\S+)$/i.exec(value)?.[1] : value;
  if (token === undefined) throw refuse(`The ${header} header is not "Bearer <token>"`);
  return token;
}

function isCanonical(segment: string): boolean {
  return segmentEnds[segment.length % 4]?.includes(segment.slice(-1)) ?? true;
}

/** The verified claims as bytes. The previous secret is tried only where the current one does not fit. */
async function verifySignature(
  token: string,
  { algorithm }: Pick<Authentication, "algorithm">,
  { secret, previousSecret = null }: SecretPair,
): Promise<Uint8Array> {
  try {
    return (await compactVerify(token, encoder.encode(secret), { algorithms: [algorithm] })).payload;
  } catch (cause) {
    if (previousSecret !== null) return verifySignature(token, { algorithm }, { secret: previousSecret });
    throw refuse(cause instanceof Error ? cause.message : "The token is not valid", cause);
  }
}

function readPayload(bytes: Uint8Array): JWTPayload {
  let payload: Json;
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    payload = parseJson(text);
    if (repeatsName(text)) throw new SyntaxError("An object names a member twice");
  } catch (cause) {
    throw refuse("The token's claims are not JSON that means one thing", cause);
  }
  if (typeof payload !== "object" || payload === null || Array.isArray(payload)) {
    throw refuse("The token's claims are no JSON object");
  }
  return payload as JWTPayload;
}

/** @throws Problem `misconfigured` when a setting that is named is not set */
function expectedOf(
  { audience, issuer, maxAgeSeconds }: Pick<Authentication, "audience" | "issuer" | "maxAgeSeconds">,
  environment: ReadEnvironment,
): ExpectedClaims {
  const textOf = (text: ConfiguredText) => (text.from === "env" ? environment(text.name) : text.value);
  return { audience: audience?.map(textOf), issuer: issuer && textOf(issuer), maxAgeSeconds };
}

function readClaim(payload: JWTPayload, name: string): Json {
  if (isMissing(payload, name)) throw refuse(`The token lacks the claim ${name}`);
  return payload[name] as Json;
}
