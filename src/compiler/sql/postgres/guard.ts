/**
 * The guards of statements on PostgreSQL, each in one statement with what it guards. They count what a statement
 * returns, not what it changes, so one without a RETURNING clause is given one, whose rows are not answered.
 */
import { guardClause, guardOnPostgres, guardRows, rowsGuard } from "../../../contract/row-guard.ts";
import type { ParsedStatement } from "../parse.ts";
import { withNode, writingTags } from "../parse.ts";
import type { Tree } from "../tree.ts";
import { child, list, tagged, visit } from "../tree.ts";
import { printPostgres } from "./print.ts";

const one: Tree = { ResTarget: { val: { A_Const: { ival: { ival: 1 } } } } };

/** A WITH clause that writes may only stand at the top: the guard's joins it. Null where the printer fails. */
async function splitClause(
  statement: ParsedStatement,
  { withClause, ...main }: Tree,
): Promise<[string, string] | null> {
  const select = { withClause, targetList: [one], limitOption: "LIMIT_OPTION_DEFAULT", op: "SETOP_NONE" };
  const clause = await printPostgres(withNode(statement, "SelectStmt", select));
  const sql = await printPostgres(withNode(statement, statement.tag, main));
  return clause === null || sql === null ? null : [sql, clause.replace(/ SELECT 1$/, ",")];
}

/**
 * The statement with its guard; null where the printer cannot say what the tree means.
 * @param sql the statement as it is printed
 * @param statement null where it has a RETURNING clause and none of WITH
 */
export async function postgresMustFind(sql: string, statement: ParsedStatement | null): Promise<string | null> {
  if (statement === null) return guardRows(sql);
  const parts = await partsOf(sql, statement);
  if (parts === null) return null;
  const [main, clause] = parts;
  const body = tagged(statement.node, statement.tag);
  const returns = statement.tag === "SelectStmt" || list(child(body, "returningClause"), "exprs").length > 0;
  return returns ? guardRows(main, clause) : `${clause} sluice_rows AS (${main} RETURNING 1) ${rowsGuard()}`;
}

async function partsOf(sql: string, statement: ParsedStatement): Promise<readonly [string, string] | null> {
  const body = tagged(statement.node, statement.tag) ?? {};
  const writesBefore = [...visit(body["withClause"])].some(([tag]) => writingTags.has(tag));
  return writesBefore ? splitClause(statement, body) : ([sql, "WITH"] as const);
}

/** The beginning of a statement that knows the statement's rows as `sluice_rows`; null as above. */
export async function postgresRows(sql: string, statement: ParsedStatement, mustFind: boolean): Promise<string | null> {
  const parts = await partsOf(sql, statement);
  if (parts === null) return null;
  const [main, clause] = parts;
  return mustFind ? guardClause(main, clause) : `${clause} sluice_rows AS (${main})`;
}

export const postgresMustFindNothing = (sql: string): string =>
  `${guardOnPostgres()} NULL::integer WHERE EXISTS (${sql})`;
