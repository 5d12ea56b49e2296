/**
 * The guards of statements on D1, whose batch is a transaction that cannot look at its own results: a guard is a
 * statement of its own, which fails.
 */
import { changeGuard, guardOnD1 } from "../../../contract/row-guard.ts";
import type { Guardable, Guarded } from "../target.ts";

export function sqliteMustFind({ sql, writes, placeholders }: Omit<Guardable, "parsed">): Guarded {
  const parameters = Array.from({ length: placeholders }, (_, index) => index);
  const found = { sql: `${guardOnD1()} 0 WHERE NOT EXISTS (${sql})`, parameters };
  return { sql, checks: [writes ? { sql: changeGuard(), parameters: [] } : found] };
}

export const sqliteMustFindNothing = (sql: string): string => `${guardOnD1()} NULL WHERE EXISTS (${sql})`;
