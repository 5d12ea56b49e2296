/** PostgreSQL's dialect of the runtime's own statements. */
import { sql } from "drizzle-orm";
import { guardRows } from "../../../contract/row-guard.ts";
import { onD1, runtimeSchema } from "../../../contract/tables.ts";
import type { Dialect } from "../dialect.ts";

export const dialect: Dialect = {
  named: (text) => text.replaceAll(`"${onD1("")}`, `"${runtimeSchema}"."`),
  placeholder: (number) => `$${number}`,
  listOf: (array) => sql`json_array_elements_text(${array}::json) AS list(value)`,
  byBytes: (column) => sql`${column} COLLATE "C"`,
  now: sql`clock_timestamp()`,
  mustChange: (write) => [{ ...write, sql: guardRows(write.sql) }],
};
