/** Removes the objects of files whose rows say `gone`, once that is durable. */
import type { RunContext } from "../call/run-context.ts";
import type { ObjectKey } from "../storage/object-key.ts";

/** Until object and row are removed nobody can read the files, and a repeated call or the sweep finishes the work. */
export function removeAfterCommit(
  keys: readonly ObjectKey[],
  owner: string,
  { call, transaction }: Pick<RunContext, "call" | "transaction">,
): void {
  if (keys.length === 0) return;
  const { deployment, files, id: requestId } = call;
  transaction.afterCommit("delete_objects", async () => {
    deployment.emit("onDeleted", { requestId, owner, storageKeys: keys, isRestorable: false });
    await deployment.store.delete(keys);
    await files.forget(keys);
  });
}
