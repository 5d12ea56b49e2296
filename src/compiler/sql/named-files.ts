/**
 * `delete_files` on a QUERY's column: lets the files that a statement's rows name go with it. PostgreSQL does both in one
 * statement. D1 cannot read what another statement returned, so there a SELECT finds the same rows in the same batch.
 */
import type { ColumnType } from "../../contract/plan/query.ts";
import { filesView } from "../migrations/files-view.ts";
import { changedTableOf } from "./changed-table.ts";
import type { ParsedStatement } from "./parse.ts";
import { withOwnPlaceholders, withNode } from "./parse.ts";
import { momentFunctions } from "./sqlite/portable.ts";
import type { NamedRows, NamingStatement, SqlDatabase } from "./target.ts";
import type { Tree } from "./tree.ts";
import { child, list, names, tagged, textOf, visit } from "./tree.ts";
import { assignments } from "./types.ts";

/** Why no file may go with the statement's rows on any target; null where it may. */
export function namingFault({ statement, column, columns }: NamingStatement, database: SqlDatabase): string | null {
  const type = columns[column];
  if (type !== undefined) return `"${column}" is ${kinds[type]}; expected a column of text, which holds storage keys`;
  if (statement.tag === "InsertStmt") {
    return `"${column}" is what an INSERT has just written; expected a column of a SELECT, UPDATE or DELETE`;
  }
  if (!writesColumn(statement, column, database)) return null;
  return `"${column}" is what the UPDATE writes, not what was there; expected a column that it leaves, or a SELECT before it`;
}

const kinds: Readonly<Record<ColumnType, string>> = {
  json: "JSON",
  boolean: "a boolean",
  timestamp: "a moment",
  integer: "a number",
  number: "a number",
  bytes: "binary",
};

/** What a row of `RETURNING` is called by, and the columns that its value is made of. */
function writesColumn(statement: ParsedStatement, column: string, { tables }: SqlDatabase): boolean {
  const written = new Set([...assignments(statement, () => [])].map(([name]) => name.toLowerCase()));
  const known = changedTableOf(statement, tables)?.columns ?? [];
  const isWritten = (name: string) => written.has(name.toLowerCase());
  return returned(statement).some((target) => {
    const { val, name } = tagged(target, "ResTarget") ?? {};
    const path = names(list(tagged(val, "ColumnRef"), "fields"));
    const isStar = path.at(-1) === "";
    if (isStar) return isWritten(column) && known.some((one) => one.name.toLowerCase() === column.toLowerCase());
    if ((name ?? path.at(-1)) !== column) return false;
    const read = [...visit(val)].flatMap(([tag, node]) => (tag === "ColumnRef" ? [names(list(node, "fields"))] : []));
    return read.some((of) => of.at(-2)?.toLowerCase() !== "old" && isWritten(of.at(-1) ?? ""));
  });
}

const returned = ({ node, tag }: ParsedStatement): readonly unknown[] =>
  list(child(tagged(node, tag), "returningClause"), "exprs");

/** For D1: the SELECT that finds the rows, or why there is none. */
export async function rowsOnSqlite(
  { statement, sql }: NamingStatement,
  database: SqlDatabase,
): Promise<NamedRows | string> {
  if (readsClock(statement)) {
    return "needs PostgreSQL: on D1 the moment that the statement reads is another for its files; expected $DATETIME, bound";
  }
  if (statement.tag === "SelectStmt") {
    const parameters = statement.placeholders.map((number) => number - 1);
    return { sql, rows: { sql: beginning(sql), parameters, when: "after" } };
  }
  if (database.hasFilesView && readsFiles(statement)) {
    return "needs PostgreSQL: the statement reads files, which D1 has changed by then; expected a SELECT before it";
  }
  const body = tagged(statement.node, statement.tag) ?? {};
  const select: Tree = {
    ...(body["withClause"] === undefined ? {} : { withClause: body["withClause"] }),
    targetList: returned(statement),
    fromClause: [{ RangeVar: body["relation"] }, ...list(body, "fromClause"), ...list(body, "usingClause")],
    ...(body["whereClause"] === undefined ? {} : { whereClause: body["whereClause"] }),
    limitOption: "LIMIT_OPTION_DEFAULT",
    op: "SETOP_NONE",
  };
  const found = withOwnPlaceholders(withNode({ ...statement, writes: false }, "SelectStmt", select));
  const { sql: text, refusals } = await database.translate(found.statement);
  if (refusals.length > 0) return refusals.join("; ");
  const parameters = found.placeholders.map((number) => number - 1);
  return { sql, rows: { sql: beginning(text), parameters, when: "before" } };
}

const beginning = (sql: string): string => `WITH sluice_rows AS (${sql})`;

const readsFiles = ({ node }: ParsedStatement): boolean =>
  [...visit(node)].some(([tag, inner]) => tag === "RangeVar" && textOf(inner, "relname").toLowerCase() === filesView);

/** D1 finds the rows twice, and each statement has a moment of its own. */
const readsClock = ({ node }: ParsedStatement): boolean =>
  [...visit(node)].some(([tag, inner]) => {
    if (tag === "SQLValueFunction") return true;
    return tag === "FuncCall" && momentFunctions.has(names(list(inner, "funcname")).at(-1) ?? "");
  });
