/**
 * An engine over one set of migrations, whose database is opened when the first statement needs it. It knows no
 * statements.
 */
import type { Migration, SqlDatabase, SqlEngine } from "./engine.ts";

export interface OpenEngine {
  readonly engine: SqlEngine;
  /** The same database at each call. @throws MigrationError */
  database(): Promise<SqlDatabase>;
  close(): Promise<void>;
}

export function openEngine(engine: SqlEngine, migrations: readonly Migration[]): OpenEngine {
  let opened: Promise<SqlDatabase> | null = null;
  return {
    engine,
    database: () => (opened ??= engine.open(migrations)),
    async close() {
      if (opened === null) return;
      const database = await opened.catch(() => null);
      await database?.close();
    },
  };
}
