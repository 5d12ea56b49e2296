/**
 * PostgreSQL counts what a statement returns, not what it changes: a statement that has to find a row gets a RETURNING
 * clause where it has none. It knows the tree's form only.
 */
import type { ParsedStatement } from "../parse.ts";
import { withNode } from "../parse.ts";
import { child, list, tagged } from "../tree.ts";

export interface Countable {
  readonly statement: ParsedStatement;
  /** What it returns was added here, and is no result. */
  readonly isSilent: boolean;
}

export function makeCountable(statement: ParsedStatement): Countable {
  const body = tagged(statement.node, statement.tag);
  const returns = statement.tag === "SelectStmt" || list(child(body, "returningClause"), "exprs").length > 0;
  if (returns || body === null) return { statement, isSilent: false };
  const one = { ResTarget: { name: "found", val: { A_Const: { ival: { ival: 1 } } } } };
  return {
    statement: withNode(statement, statement.tag, { ...body, returningClause: { exprs: [one] } }),
    isSilent: true,
  };
}
