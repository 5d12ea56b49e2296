/**
 * Prints a parse tree as PostgreSQL's SQL, and proves that the text means the same: it is parsed again and the trees
 * are compared.
 */
import { unnameAssigned } from "../sqlite/compounds.ts";
import type { ParsedStatement } from "../parse.ts";
import type { Tree } from "../tree.ts";
import { isTree } from "../tree.ts";

/** Members that tell where in its text a node stood. */
const places = /^(?:location|stmt_location|stmt_len|(?:rexpr_)?list_(?:start|end))$/;

/** A text that is the same for trees that mean the same: without places, members in one order. */
function meaningOf(value: unknown): string {
  return JSON.stringify(value, (name, inner: unknown) => {
    if (places.test(name)) return undefined;
    return isTree(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner;
  });
}

/** Without the semicolon at its end: the runtime puts statements into others. */
const withoutEnd = (sql: string): string => sql.trim().replace(/;$/, "").trimEnd();

/** The author's text; null where a comment stands in the way of making it a part of another. */
function asWritten(source: string | null): string | null {
  const text = source === null ? null : withoutEnd(source);
  return text === null || /--|\/\*|;/.test(text) ? null : text;
}

/** The statement's SQL on one line where its values allow it; null where the printer cannot say what the tree means. */
export async function printPostgres(statement: ParsedStatement): Promise<string | null> {
  const { parse, deparse } = await import("pgsql-parser");
  // The printer takes named columns in the subqueries of SET for assignments.
  const { tree } = unnameAssigned(statement.result);
  const wanted = isTree(tree) ? meaningOf(tree["stmts"]) : "";
  try {
    const sql = withoutEnd(await deparse(tree as Tree, { pretty: false }));
    const read: unknown = await parse(sql);
    if (isTree(read) && meaningOf(read["stmts"]) === wanted) return sql;
  } catch {
    // What it prints is no SQL: the author's own may serve.
  }
  return asWritten(statement.source);
}
