/** What all ways to delete files share: which can be, what is answered, and what is left to do once it is durable. */
import { sql } from "drizzle-orm";
import type { Database, Row, Rows, Statement } from "../database/database.ts";
import type { Dialect } from "../database/dialect.ts";
import { quoted } from "../database/quoted-names.ts";
import type { ObjectKey } from "../storage/object-key.ts";
import type { ObjectStore } from "../storage/object-store.ts";
import type { FileRegistry } from "./registry.ts";

/** What a deletion uses of its call. */
export interface DeletionContext {
  readonly call: {
    readonly id: string;
    readonly files: Pick<FileRegistry, "forget">;
    readonly deployment: {
      readonly database: Database;
      readonly dialect: Dialect;
      readonly store: Pick<ObjectStore, "delete">;
      readonly emit: (name: "onDeleted", event: DeletedFiles) => void;
    };
  };
  readonly scope: {
    readonly now: Date;
    readonly results: Map<number, { readonly rows: readonly Row[]; readonly list: boolean }>;
  };
  readonly transaction: {
    add(entry: DeletionEntry & { readonly purpose: "registry" | "last" }): void;
    afterCommit(name: string, run: () => Promise<void>): void;
  };
}

interface DeletedFiles {
  readonly requestId: string;
  readonly owner: string | null;
  readonly storageKeys: readonly ObjectKey[];
  readonly isRestorable: false;
}

/** Statements of the call's transaction, and what to do with their rows. */
export interface DeletionEntry {
  readonly statements: readonly Statement[];
  readonly settle: (rows: Rows) => void;
}

/** A file whose row says `gone`. */
export interface RemovedFile {
  readonly key: ObjectKey;
  /** Null: it was nobody's. */
  readonly owner: string | null;
}

/** Files in any state but pending, restorable ones as well: a deletion leads to gone. */
export const isRemovable = sql`${quoted.files.status} NOT IN ('pending', 'gone')`;

/** Makes the result of the step, one row for each key that was named, and has the objects removed. */
export function noteDeletion(
  step: number,
  names: Iterable<string>,
  removed: readonly RemovedFile[],
  context: DeletionContext,
): void {
  const keys = new Set<string>(removed.map(({ key }) => key));
  // A key of somebody else is answered like one that never existed.
  const rows = [...names].map((name) => ({ storage_key: name, status: keys.has(name) ? "deleted" : "not_found" }));
  context.scope.results.set(step, { rows, list: true });
  removeAfterCommit(removed, context);
}

/**
 * Until object and row are removed nobody can read the files, and a repeated call or the sweep finishes the work. Hooks are
 * told owner by owner.
 */
export function removeAfterCommit(removed: readonly RemovedFile[], { call, transaction }: DeletionContext): void {
  if (removed.length === 0) return;
  const { deployment, files, id: requestId } = call;
  const keys = removed.map(({ key }) => key);
  transaction.afterCommit("delete_objects", async () => {
    for (const [owner, own] of Map.groupBy(removed, (file) => file.owner)) {
      const storageKeys = own.map(({ key }) => key);
      deployment.emit("onDeleted", { requestId, owner, storageKeys, isRestorable: false });
    }
    await deployment.store.delete(keys);
    await files.forget(keys);
  });
}
