/**
 * Deletes files by storage key. The rows change in the request's batch, so that a later step's failure keeps the files;
 * the objects are removed once that is durable.
 */
import type { DeleteFilesStep } from "../../../contract/plan/files.ts";
import { requireCaller } from "../../auth/caller.ts";
import type { RunContext } from "../../call/run-context.ts";
import { resolve } from "../../call/scope.ts";

export async function runDeleteFiles(step: DeleteFilesStep, index: number, context: RunContext): Promise<void> {
  const { keys = { from: "payload", path: [] } } = step;
  // The files that a query's rows name go with its statement.
  if (keys.from === "result") return;
  const { scope, call } = context;
  const owner = requireCaller(scope.identity.caller);
  await call.deployment.features.deleting(step, index, resolve(keys, scope), owner, context);
}
