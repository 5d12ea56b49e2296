/**
 * Tokens that are refused before they expire: a table of their SHA-256, which each call of a revocable kind looks up.
 * Only tokens that the key has signed come into it, so nobody fills it who has none.
 */
import { sql } from "drizzle-orm";
import type { Json } from "../../contract/plan.ts";
import { Problem } from "../../contract/problem.ts";
import { claimFault } from "../auth/claim-fault.ts";
import { readSignedClaims } from "../auth/authenticate.ts";
import { hex } from "../bytes.ts";
import type { Revocation } from "../call/features.ts";
import { resolve } from "../call/scope.ts";
import { quoted } from "../database/quoted-names.ts";
import { createStatements } from "../database/statements.ts";

/** Each costs a signature. */
const MAX_TOKENS = 100;
const MAX_FORGOTTEN = 10_000;

const { revoked_tokens: revoked } = quoted;

export const revocation: Revocation = {
  async isRevoked(token, { database, dialect }) {
    const { read } = createStatements(database, dialect);
    return (
      (await read(sql`SELECT 1 AS found FROM ${revoked} WHERE ${revoked.digest} = ${await digestOf(token)}`)).length > 0
    );
  },

  async revoke(revoking, { scope, transaction, call }) {
    const { database, dialect } = call.deployment;
    const digests: string[] = [];
    // All of a call are remembered until the last of them ends.
    let until = scope.now.getTime() + revoking.leastSeconds * 1000;
    for (const [index, token] of tokensOf(revoking.tokens.map((reference) => resolve(reference, scope))).entries()) {
      const claims = await readSignedClaims(token, revoking, scope.environment).catch((cause: unknown) => {
        if (!(cause instanceof Problem) || cause.code !== "unauthorized") throw cause;
        throw refuse(`Token ${index + 1} of the call is none of this endpoint's`);
      });
      // One that nobody takes any more need not be remembered.
      const { exp } = claims;
      if (exp === undefined || claimFault({ exp }, {}, scope.now) !== null) continue;
      digests.push(await digestOf(token));
      until = Math.max(until, Math.ceil(exp * 1000));
    }
    if (digests.length === 0) return;
    const values = dialect.listOf(sql`${JSON.stringify(digests)}`);
    const rows = sql`SELECT value, ${new Date(until).toISOString()} FROM ${values} WHERE TRUE`;
    const inserting = sql`INSERT INTO ${revoked} ("digest", "expires_at") ${rows} ON CONFLICT DO NOTHING`;
    const statement = createStatements(database, dialect).writing(inserting);
    transaction.add({ statements: [statement], purpose: "registry", settle: () => undefined });
  },

  async forget({ database, dialect }, now) {
    const { write } = createStatements(database, dialect);
    const over = sql`SELECT ${revoked.digest} FROM ${revoked} WHERE ${revoked.expires_at} < ${now.toISOString()} LIMIT ${MAX_FORGOTTEN}`;
    return (await write(sql`DELETE FROM ${revoked} WHERE ${revoked.digest} IN (${over}) RETURNING ${revoked.digest}`))
      .length;
  },
};

/** @throws Problem `payload_invalid` */
function tokensOf(sent: readonly Json[]): readonly string[] {
  const values = sent.flatMap((value) => (Array.isArray(value) ? (value as readonly Json[]) : [value]));
  if (values.length === 0) throw refuse("The list of tokens is empty");
  if (values.length > MAX_TOKENS) throw refuse(`At most ${MAX_TOKENS} tokens are revoked in one call`, MAX_TOKENS);
  return values.map((value, index) => {
    if (typeof value !== "string") throw refuse(`Token ${index + 1} of the call is no text`);
    return value.replace(/^Bearer +/i, "");
  });
}

const digestOf = async (token: string): Promise<string> =>
  hex(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(token)));

function refuse(detail: string, limit?: number): Problem {
  return new Problem("payload_invalid", {
    detail: `${detail}.`,
    ...(limit === undefined ? {} : { members: { limit } }),
  });
}
