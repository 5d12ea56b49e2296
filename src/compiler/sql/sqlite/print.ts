/** Prints a portable parse tree as SQLite's SQL, with placeholders such as `?1`. Loads the printer: import it when needed. */
import { Deparser } from "pgsql-deparser";
import type { Tree } from "../tree.ts";

type Printed<Kind extends "A_Const" | "ParamRef" | "TypeCast"> = Parameters<Deparser[Kind]>;

/** PostgreSQL's printer, where SQLite spells a thing another way. */
class SqlitePrinter extends Deparser {
  override TypeCast(...[{ arg, typeName }, context]: Printed<"TypeCast">): string {
    if (arg === undefined || typeName === undefined) throw new Error("a cast without a value or a type");
    return `CAST(${this.visit(arg, context)} AS ${this.TypeName(typeName, context)})`;
  }

  /** SQLite has no escape strings: a backslash is a character there. */
  override A_Const(...[node, context]: Printed<"A_Const">): string {
    if (node.sval === undefined) return super.A_Const(node, context);
    return `'${(node.sval.sval ?? "").replaceAll("'", "''")}'`;
  }

  override ParamRef(...[{ number = 0 }]: Printed<"ParamRef">): string {
    return `?${number}`;
  }
}

/** Words that are no names in SQLite: https://www.sqlite.org/lang_keywords.html, but for those that it takes as names. */
const reserved: ReadonlySet<string> = new Set([
  ..."add all alter and as autoincrement between case check collate commit constraint create default".split(" "),
  ..."deferrable delete distinct drop else escape except exists foreign from group having in index insert".split(" "),
  ..."intersect into is isnull join limit not nothing notnull null on or order primary raise".split(" "),
  ..."references returning select set table then to transaction union unique update using values when where".split(" "),
]);

/** Strings, quoted names, words. The printer writes its own words in capitals, and quotes what is reserved in PostgreSQL. */
const tokens = /'(?:[^']|'')*'|"(?:[^"]|"")*"|\b[a-z_][\w$]*/g;

const quoteReserved = (sql: string): string =>
  sql.replaceAll(tokens, (token) => (reserved.has(token) ? `"${token}"` : token));

/** The statement on one line. @throws Error where the printer fails */
export function printSqlite(tree: unknown): string {
  const sql = new SqlitePrinter(tree as Tree, { pretty: false }).deparseQuery();
  return quoteReserved(sql.trim().replace(/;$/, ""));
}
