/** Where in a migration file stands what PostgreSQL refuses. Lines are counted from 1. */
import { lineFrom } from "../../migrations/words.ts";
import type { PostgresServer } from "./server.ts";

/** The line that an error of the server names; null where it names none. */
export function lineOfError(error: unknown, sql: string): number | null {
  const position = error instanceof Error && "position" in error ? Number(error.position) : NaN;
  return Number.isNaN(position) ? null : sql.slice(0, position - 1).split("\n").length;
}

/** The line of the statement that is refused, of a file of which nothing is applied; null where none is. */
export async function refusedLineOnPostgres(server: PostgresServer, sql: string): Promise<number | null> {
  const { parse } = await import("pgsql-parser");
  const bytes = Buffer.from(sql);
  for (const { stmt_location: start = 0, stmt_len: length } of (await parse(sql)).stmts ?? []) {
    // A length of none: to the end.
    const end = length === undefined ? bytes.length : start + length;
    const isRefused = await server.run(bytes.toString("utf8", start, end)).then(
      () => false,
      () => true,
    );
    if (isRefused) return lineFrom(sql, bytes.toString("utf8", 0, start).length);
  }
  return null;
}
