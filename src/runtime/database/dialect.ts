/** Where the runtime's own statements differ from engine to engine; everything else is written once. */
import type { SQL } from "drizzle-orm";
import type { Statement } from "./database.ts";

export interface Dialect {
  /** A statement whose tables have their names of D1, with the engine's. */
  named(sql: string): string;
  /** The placeholder of the parameter with this number, counted from 1. */
  placeholder(number: number): string;
  /** Rows of one column `value` from a JSON array of strings that is bound as one parameter. */
  listOf(array: SQL): SQL;
  /** The text column as it is to be compared and sorted: by its bytes, whatever the database's collation. */
  byBytes(column: SQL): SQL;
  /** The moment at which the statement runs, by the database's clock. */
  readonly now: SQL;
  /**
   * What to send for a write that must fail its batch where it changes no row. The write has a RETURNING clause and no
   * WITH.
   */
  readonly mustChange: (write: Statement) => readonly Statement[];
}
