/** Claims an idempotency key by itself; a call does it together with its first statements. */
import { Problem } from "../../src/contract/problem.ts";
import type { Database } from "../../src/runtime/database/database.ts";
import type { CallName, HeldOutcome, IdempotencyKeys } from "../../src/runtime/idempotency/keys.ts";

export type ClaimOutcome = { readonly state: "claimed"; readonly token: string } | HeldOutcome;

export async function claim(
  database: Database,
  keys: IdempotencyKeys,
  name: CallName,
  now: Date,
): Promise<ClaimOutcome> {
  const token = crypto.randomUUID();
  try {
    await database.batch(keys.claiming(name, token, now));
    return { state: "claimed", token };
  } catch (error) {
    if (!(error instanceof Problem && error.code === "row_missing")) throw error;
    return keys.outcomeOf(name, now);
  }
}
