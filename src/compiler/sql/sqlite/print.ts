/** Prints a portable parse tree as SQLite's SQL, with placeholders such as `?1`. */
import type { Tree } from "../tree.ts";

/** Escape strings, plain strings, quoted names, placeholders: so that a `$1` inside a string is left alone. */
const tokens = /\bE'((?:[^'\\]|''|\\.)*)'|'(?:[^']|'')*'|"(?:[^"]|"")*"|\$(\d+)/gs;

/** SQLite has no escape strings: a backslash is a character there. The printer only ever doubles backslashes. */
function plainStrings(sql: string): string {
  return sql.replaceAll(tokens, (token: string, escaped: string | undefined) =>
    escaped === undefined ? token : `'${escaped.replaceAll("\\\\", "\\")}'`,
  );
}

function sqlitePlaceholders(sql: string): string {
  return sql.replaceAll(tokens, (token: string, _escaped: string | undefined, number: string | undefined) =>
    number === undefined ? token : `?${number}`,
  );
}

/** The statement in SQLite's SQL. Throws a plain Error where a printer fails. Loads both printers at the first call. */
export async function printSqlite(tree: unknown): Promise<string> {
  const [{ deparse }, { Dialect, transpile }] = await Promise.all([
    import("pgsql-parser"),
    import("@polyglot-sql/sdk"),
  ]);
  const postgres = plainStrings(await deparse(tree as Tree));
  // Read as SQLite's own: what differs in meaning was rewritten in the tree, and is not to be rewritten again.
  const printed = transpile(postgres, Dialect.SQLite, Dialect.SQLite);
  const sql = printed.sql?.[0];
  if (!printed.success || sql === undefined) throw new Error(printed.error ?? "nothing was printed");
  return sqlitePlaceholders(sql);
}
