/**
 * Prints a parse tree as PostgreSQL's SQL, and proves that the text means the tree: it is parsed again and compared. It
 * knows nothing of tables and parameters.
 */
import { unnameAssigned } from "./sql-compounds.ts";
import type { Statement } from "./sql-parse.ts";
import type { Tree } from "./sql-tree.ts";
import { isTree } from "./sql-tree.ts";

/** Members that tell where in its text a node stood. */
const places = /^(?:location|stmt_location|stmt_len|(?:rexpr_)?list_(?:start|end))$/;

/** A text that is the same for trees that mean the same. */
function meaningOf(value: unknown): string {
  return JSON.stringify(value, (name, inner: unknown) => (places.test(name) ? undefined : inner));
}

/** The author's text as a part that may stand in parentheses; null where a comment or its end stands in the way. */
function asWritten(source: string | null): string | null {
  const text = source?.trim().replace(/;$/, "").trimEnd() ?? null;
  return text === null || /--|\/\*|;/.test(text) ? null : text;
}

/** The statement's SQL on one line where its values allow it; null where the printer cannot say what the tree means. */
export async function printPostgres(statement: Statement): Promise<string | null> {
  const { parse, deparse } = await import("pgsql-parser");
  // The printer takes named columns in the subqueries of SET for assignments.
  const { tree } = unnameAssigned(statement.result);
  const wanted = isTree(tree) ? meaningOf(tree["stmts"]) : "";
  try {
    const sql = await deparse(tree as Tree, { pretty: false });
    const read: unknown = await parse(sql);
    if (isTree(read) && meaningOf(read["stmts"]) === wanted) return sql;
  } catch {
    // What it prints is no SQL: the author's own may serve.
  }
  return asWritten(statement.source);
}
