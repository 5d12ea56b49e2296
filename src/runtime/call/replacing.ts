/** `replaces`: which earlier files those of a call take the place of. */
import type { FileField, FileRules } from "../../contract/plan/files.ts";
import type { Reference } from "../../contract/plan/reference.ts";
import { Problem } from "../../contract/problem.ts";
import { nameOf, requireCaller, unauthorized } from "../auth/caller.ts";
import { sha256 } from "../bytes.ts";
import { removeAfterCommit, type DeletionContext } from "../files/deletion.ts";
import type { StoredFile } from "../files/record.ts";
import { endEarlier } from "../files/replace-earlier.ts";
import type { ObjectKey } from "../storage/object-key.ts";
import { resolve, type Scope } from "./scope.ts";

export interface ReplacingContext extends DeletionContext {
  readonly plan: { readonly id: string };
  readonly scope: Scope;
}

/**
 * Ends what the endpoint stored before for the same owner, in the same field and with the same value, where the rules say
 * so. Waits for the last batch: a call that fails behind an earlier one replaces nothing.
 *
 * @param rules of each file
 * @throws Problem `unauthorized` when a claim, `payload_invalid` when any other value tells no files apart
 */
export async function replaceEarlier(
  files: readonly StoredFile[],
  rules: readonly FileRules[],
  context: ReplacingContext,
): Promise<void> {
  const { plan, scope, call, transaction } = context;
  const { database, dialect } = call.deployment;
  const ids = files.map(({ id }, index) => ({ id, rule: rules[index] }));
  for (const [rule, own] of Map.groupBy(ids, (file) => file.rule)) {
    if (rule?.replaces === undefined) continue;
    const owner = requireCaller(scope.identity.caller);
    const value = rule.replaces === true ? null : valueOf(rule.replaces, scope);
    const key = await sha256(JSON.stringify([plan.id, owner, (rule as Partial<FileField>).name ?? null, value]));
    const work = { key, ids: own.map(({ id }) => id), now: scope.now.toISOString() };
    transaction.add({
      statements: endEarlier(database, dialect, work),
      purpose: "last",
      settle([rows = []]) {
        const removed = rows.map((row) => ({ key: row["storage_key"] as ObjectKey, owner }));
        removeAfterCommit(removed, context);
      },
    });
  }
}

function valueOf(reference: Reference, scope: Scope): string {
  if (reference.from === "template") return reference.parts.map((part) => valueOf(part, scope)).join("");
  const value = nameOf(resolve(reference, scope));
  if (value !== null) return value;
  const path = "path" in reference ? reference.path.join(".") : "";
  const reason = `The ${reference.from} ${path} does not say which files are replaced`;
  if (reference.from === "claim") throw unauthorized(reason);
  const source = reference.from === "payload" ? `The field "${path}"` : "A value";
  const detail = `${source} says which files are replaced: expected a text of 1 to 255 bytes without control characters.`;
  throw new Problem("payload_invalid", { reason, detail });
}
