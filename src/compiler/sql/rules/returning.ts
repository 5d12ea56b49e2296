/**
 * Gives a statement that changes rows, and that its author wrote without RETURNING, the columns of its table that the
 * answer has to show.
 */
import { changedTableOf } from "../changed-table.ts";
import { columnNode } from "../nodes.ts";
import type { ParsedStatement } from "../parse.ts";
import { withNode } from "../parse.ts";
import type { Tables } from "../target.ts";
import { child, list, tagged } from "../tree.ts";

/** A name that is no column is told of where it stands; for that the statement returns all that there are. */
export function addReturning(statement: ParsedStatement, wanted: readonly string[], tables: Tables): ParsedStatement {
  const table = changedTableOf(statement, tables);
  const body = tagged(statement.node, statement.tag);
  if (wanted.length === 0 || table === null || body === null) return statement;
  if (list(child(body, "returningClause"), "exprs").length > 0) return statement;
  const columns = table.columns.map(({ name }) => name);
  const returned = wanted.every((name) => columns.includes(name)) ? wanted : columns;
  // Only beside other tables: SQLite knows no alias there.
  const isJoined = body["fromClause"] !== undefined || body["usingClause"] !== undefined;
  const exprs = returned.map((name) => ({
    ResTarget: { val: isJoined ? columnNode(table.alias, name) : columnNode(name) },
  }));
  return withNode(statement, statement.tag, { ...body, returningClause: { exprs } });
}
