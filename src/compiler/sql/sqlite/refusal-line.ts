/** Where in a migration file stands what SQLite refuses: its errors name no place. */
import type { DatabaseSync } from "node:sqlite";
import { lineFrom } from "../../migrations/words.ts";

/** The line of the statement that is refused, counted from 1; null where none is. @param database without the file */
export function refusedLineOnSqlite(database: DatabaseSync, sql: string): number | null {
  let at = 0;
  for (let line = lineFrom(sql, at); line !== null; line = lineFrom(sql, at)) {
    try {
      // Of several it prepares the first, and says where that ends.
      const statement = database.prepare(sql.slice(at));
      statement.run();
      at += statement.sourceSQL.length;
    } catch {
      return line;
    }
  }
  return null;
}
