/** D1 as the deployment's database, through the binding DB. */
import { sql } from "drizzle-orm";
import { d1Binding } from "../contract/bindings.ts";
import { changeGuard } from "../contract/row-guard.ts";
import { misconfigured } from "../contract/problem.ts";
import type { Engine } from "../runtime/database/engine.ts";
import { createD1Database } from "../runtime/database/d1/database.ts";

export const d1: Engine = {
  dialect: {
    named: (sql) => sql,
    placeholder: (number) => `?${number}`,
    listOf: (array) => sql`json_each(${array})`,
    byBytes: (column) => column,
    now: sql`strftime('%Y-%m-%dT%H:%M:%fZ', 'now')`,
    mustChange: (write) => [write, { ...write, sql: changeGuard(), parameters: [] }],
  },
  open(environment) {
    const binding = environment.binding(d1Binding) as D1Database | undefined;
    if (binding === undefined) {
      throw misconfigured(`there is no D1 binding ${d1Binding}`);
    }
    return createD1Database(binding);
  },
};
