/** A target with one set of migrations, whose database is opened when the first statement needs it. */
import type { Migration, SqlDatabase, SqlTarget } from "./target.ts";

export interface OpenTarget {
  readonly target: SqlTarget;
  /** The same database at each call. @throws MigrationError */
  database(): Promise<SqlDatabase>;
  close(): Promise<void>;
}

export function openTarget(target: SqlTarget, migrations: readonly Migration[]): OpenTarget {
  let opened: Promise<SqlDatabase> | null = null;
  return {
    target,
    database: () =>
      (opened ??= target.open(migrations).catch((error: unknown) => {
        // A server that did not start may do so the next time.
        opened = null;
        throw error;
      })),
    async close() {
      if (opened === null) return;
      const database = await opened.catch(() => null);
      await database?.close();
    },
  };
}
