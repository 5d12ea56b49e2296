/**
 * Checks a token's registered claims (RFC 7519 §4.1) against what is expected: when it is valid, who issued it, for
 * whom.
 */
import type { JWTPayload } from "jose";
import type { Json } from "../../contract/plan.ts";

/** Absent = anything, even no claim. */
export interface ExpectedClaims {
  /** One of them is `aud`, or is in it. */
  readonly audience?: readonly Json[] | undefined;
  readonly issuer?: Json | undefined;
  /** Seconds since `iat`, which must then be there. */
  readonly maxAgeSeconds?: number | undefined;
}

/** How far an issuer's clock may run ahead of ours. The end has no leeway: that would prolong every token. */
const LEEWAY_SECONDS = 5;
/** 100 years. A later end is a mistake, such as milliseconds for seconds. */
const MAX_LIFE_SECONDS = 3_155_760_000;

/** Why the token is not valid at that moment, for the log; null when it is. */
export function claimFault(claims: JWTPayload, expected: ExpectedClaims, now: Date): string | null {
  return timeFault(claims, expected, now.getTime() / 1000) ?? partyFault(claims, expected);
}

function timeFault({ exp, nbf, iat }: JWTPayload, { maxAgeSeconds }: ExpectedClaims, now: number): string | null {
  for (const [name, moment] of Object.entries({ exp, nbf, iat })) {
    if (moment !== undefined && typeof moment !== "number") return `"${name}" is no number`;
  }
  if (exp === undefined) return '"exp" is missing';
  if (exp <= now) return '"exp" is over';
  if (exp > now + MAX_LIFE_SECONDS) return '"exp" lies more than 100 years ahead';
  if (nbf !== undefined && nbf > now + LEEWAY_SECONDS) return '"nbf" lies ahead';
  if (iat !== undefined && iat > now + LEEWAY_SECONDS) return '"iat" lies ahead';
  if (maxAgeSeconds === undefined) return null;
  if (iat === undefined) return '"iat" is missing';
  return now - iat > maxAgeSeconds ? '"iat" is longer ago than the endpoint takes' : null;
}

function partyFault({ aud, iss }: JWTPayload, { audience, issuer }: ExpectedClaims): string | null {
  const named: readonly (Json | undefined)[] = Array.isArray(aud) ? aud : [aud];
  if (audience !== undefined && !audience.some((one) => named.includes(one))) return '"aud" is for others';
  return issuer !== undefined && iss !== issuer ? '"iss" is another issuer' : null;
}
