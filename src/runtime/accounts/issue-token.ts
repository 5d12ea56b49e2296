/** Issues the token that an answer brings, from the row it answers: one that `authenticate` accepts, or none. */
import { CompactSign } from "jose";
import { callerClaims, type ConfiguredText } from "../../contract/plan/reference.ts";
import type { AnswerPlan, Json } from "../../contract/plan.ts";
import { misconfigured, Problem } from "../../contract/problem.ts";
import { parseJson } from "../body/parse-json.ts";
import type { Scope } from "../call/scope.ts";
import { readTokenSecret } from "../secrets.ts";
import { MAX_TOKEN_LENGTH } from "../auth/authenticate.ts";
import { isMissing, nameOf } from "../auth/caller.ts";

const encoder = new TextEncoder();

/**
 * Adds the token to the one row of the answering step.
 * @throws Problem `row_missing` without a row, `misconfigured` for several rows and for values that no token can carry
 */
export async function issueToken({ step, token }: AnswerPlan, scope: Scope): Promise<void> {
  const result = scope.results.get(step);
  const [row, ...others] = result?.rows ?? [];
  if (token === undefined || result === undefined || row === undefined) throw new Problem("row_missing");
  if (others.length > 0) throw misconfigured("A token is issued from one row, and the answer has several");
  const { algorithm, keyName, property, audience, issuer, expiresSeconds } = token;
  const { secret } = readTokenSecret(scope.environment, { algorithm, keyName });
  const textOf = (text?: ConfiguredText) => (text?.from === "env" ? scope.environment(text.name) : text?.value);
  const issuedAt = Math.floor(scope.now.getTime() / 1000);
  const claims = {
    ...Object.fromEntries(token.claims.map((name) => [name, claimOf(row, name)])),
    aud: textOf(audience),
    iss: textOf(issuer),
    iat: issuedAt,
    exp: issuedAt + expiresSeconds,
    // Two tokens of one second are two, each to be revoked by itself.
    jti: crypto.randomUUID(),
  };
  const signed = await new CompactSign(encoder.encode(carried(claims)))
    .setProtectedHeader({ alg: algorithm, typ: "JWT" })
    .sign(encoder.encode(secret));
  if (signed.length > MAX_TOKEN_LENGTH) throw misconfigured("The claims of a token are too long");
  scope.results.set(step, { ...result, rows: [{ ...row, [property]: signed }] });
}

/** Who calls is named by text, alike from every database. */
function claimOf(row: { readonly [name: string]: Json }, name: string): Json {
  const value = row[name] ?? null;
  if (!callerClaims.some((claim) => claim === name)) return value;
  const caller = isMissing(row, name) ? null : nameOf(value);
  if (caller === null) throw misconfigured(`The field ${name} of the row cannot name anybody`);
  return caller;
}

/** The claims as text that is read back as what they are. */
function carried(claims: object): string {
  const text = JSON.stringify(claims);
  try {
    parseJson(text);
    return text;
  } catch {
    throw misconfigured("A claim is nested too deeply, or a number that others would read differently");
  }
}
