/** The runtime's own statements as PostgreSQL takes them. Knows nothing of drivers. */
import { sql } from "drizzle-orm";
import type { Dialect } from "../dialect.ts";
// Names are all that a statement takes from a table, and those are the same on every engine.
import * as tables from "../d1/schema.ts";

export const dialect: Dialect = {
  tables,
  placeholder: (number) => `$${number}`,
  listOf: (array) => sql`json_array_elements_text(${array}::json) AS list(value)`,
  byBytes: (column) => sql`${column} COLLATE "C"`,
};
