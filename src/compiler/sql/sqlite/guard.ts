/**
 * The guards of statements on D1, where a batch is a transaction and nothing in it looks at a result: what makes it fail
 * is a statement of its own.
 */
import { changeGuard } from "../../../contract/row-guard.ts";
import type { Guardable, Guarded } from "../target.ts";

export function sqliteMustFind({ sql, writes, placeholders }: Omit<Guardable, "parsed">): Guarded {
  const parameters = Array.from({ length: placeholders }, (_, index) => index);
  const found = { sql: `INSERT INTO row_guard (found) SELECT 0 WHERE NOT EXISTS (${sql})`, parameters };
  return { sql, checks: [writes ? { sql: changeGuard, parameters: [] } : found] };
}

export const sqliteMustFindNothing = (sql: string): string =>
  `INSERT INTO row_guard (found) SELECT NULL WHERE EXISTS (${sql})`;
