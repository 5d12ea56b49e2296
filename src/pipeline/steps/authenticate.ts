/** Verifies the caller's token from the headers alone, before any byte of the body. Knows nothing of what follows. */
import { jwtVerify, type JWTPayload } from "jose";
import type { Authentication, HmacAlgorithm, Json } from "../../plan.ts";
import { Problem } from "../../problem.ts";
import type { Services } from "../services.ts";

/** A key must be at least as long as the hash: RFC 7518 §3.2. */
const keyBytes: Readonly<Record<HmacAlgorithm, number>> = { HS256: 32, HS384: 48, HS512: 64 };
/** Longer than any sane token; cheap to refuse. */
const MAX_TOKEN_LENGTH = 8192;

/** The listed claims. @throws Problem `unauthorized`, always the same on the wire, its reason only for the log */
export async function authenticate(
  authentication: Authentication,
  headers: Headers,
  services: Pick<Services, "environment" | "now">,
): Promise<Record<string, Json>> {
  const payload = await verifyToken(authentication, headers, services);
  return Object.fromEntries(authentication.claims.map((name) => [name, readClaim(payload, name)]));
}

/** Everything that a valid token says. @throws Problem `unauthorized` */
export async function verifyToken(
  authentication: Omit<Authentication, "claims">,
  headers: Headers,
  services: Pick<Services, "environment" | "now">,
): Promise<JWTPayload> {
  return verify(authentication, readToken(authentication, headers), services);
}

function refuse(reason: string, cause?: unknown): Problem {
  return new Problem("unauthorized", { reason, cause, headers: { "WWW-Authenticate": "Bearer" } });
}

function readToken({ header, bearer }: Pick<Authentication, "header" | "bearer">, headers: Headers): string {
  const value = headers.get(header);
  if (value === null) throw refuse(`No ${header} header`);
  const token = bearer ? /^Bearer +(\S+)$/i.exec(value)?.[1] : value;
  if (token === undefined) throw refuse(`The ${header} header is not "Bearer <token>"`);
  if (token.length > MAX_TOKEN_LENGTH) throw refuse("The token is too long");
  return token;
}

async function verify(
  { algorithm, keyName }: Pick<Authentication, "algorithm" | "keyName">,
  token: string,
  { environment, now }: Pick<Services, "environment" | "now">,
): Promise<JWTPayload> {
  const key = new TextEncoder().encode(environment(keyName));
  if (key.length < keyBytes[algorithm]) {
    throw new Problem("misconfigured", {
      reason: `${keyName} is shorter than the ${keyBytes[algorithm]} bytes of ${algorithm}`,
    });
  }
  try {
    const verified = await jwtVerify(token, key, {
      algorithms: [algorithm],
      requiredClaims: ["exp"],
      currentDate: now,
    });
    return verified.payload;
  } catch (cause) {
    throw refuse(cause instanceof Error ? cause.message : "The token is not valid", cause);
  }
}

function readClaim(payload: JWTPayload, name: string): Json {
  const value = Object.hasOwn(payload, name) ? (payload[name] as Json | undefined) : undefined;
  if (value === undefined || value === null || value === "") throw refuse(`The token lacks the claim ${name}`);
  return value;
}
