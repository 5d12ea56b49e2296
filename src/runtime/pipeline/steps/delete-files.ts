/**
 * Deletes the caller's own files by storage key. The rows change in the request's batch, so that a later step's failure
 * keeps the files; the objects are removed once that is durable.
 */
import type { DeleteFilesStep, Json } from "../../../contract/plan.ts";
import { requireCaller } from "../../auth/caller.ts";
import { Problem } from "../../../contract/problem.ts";
import { readObjectKey } from "../../storage/object-key.ts";
import type { RunContext } from "../../call/run-context.ts";
import { removeAfterCommit } from "../remove-after-commit.ts";

export async function runDeleteFiles(step: DeleteFilesStep, index: number, context: RunContext): Promise<void> {
  const { scope, call, transaction } = context;
  const names = readNames(scope.payload, step.maxKeys);
  const owner = requireCaller(scope.identity.caller);
  const keys = [...new Set(names)].map(readObjectKey).filter((key) => key !== null);
  const owned = keys.length === 0 ? new Set<string>() : await call.files.findOwned(owner, keys);
  // A key of somebody else is answered like one that never existed.
  const rows = names.map((name) => ({ storage_key: name, status: owned.has(name) ? "deleted" : "not_found" }));
  scope.results.set(index, { rows, list: true });

  const ownKeys = keys.filter((key) => owned.has(key));
  if (ownKeys.length === 0) return;
  const deleting = call.files.deleting(owner, ownKeys, scope.now.toISOString());
  transaction.add({ statements: [deleting], purpose: "registry", settle: () => undefined });
  removeAfterCommit(ownKeys, owner, context);
}

function readNames(payload: Json, maxKeys: number): readonly string[] {
  if (!Array.isArray(payload)) throw refuse("The body must be a JSON array of storage keys.");
  const names = payload as readonly Json[];
  if (names.length === 0) throw refuse("The array of storage keys is empty.");
  if (names.length > maxKeys) throw refuse(`At most ${maxKeys} storage keys can be deleted in one call.`, maxKeys);
  if (!names.every((name) => typeof name === "string")) throw refuse("Each storage key must be a string.");
  return names;
}

function refuse(detail: string, limit?: number): Problem {
  return new Problem("payload_invalid", limit === undefined ? { detail } : { detail, members: { limit } });
}
