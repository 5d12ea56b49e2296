/** The parts of PostgreSQL's language that SQLite has no equal for, by node of the parse tree. */
import type { Tree } from "../tree.ts";
import { child, isTree, list, names, tagged, textOf } from "../tree.ts";

const allowedNodes: ReadonlySet<string> = new Set([
  ..."SelectStmt InsertStmt UpdateStmt DeleteStmt ResTarget ColumnRef String Integer A_Star A_Const ParamRef".split(
    " ",
  ),
  ..."TypeCast A_Expr BoolExpr NullTest BooleanTest FuncCall CoalesceExpr CaseExpr CaseWhen SubLink RangeVar".split(
    " ",
  ),
  ..."RangeSubselect JoinExpr WithClause CommonTableExpr SortBy RowExpr List IndexElem SQLValueFunction".split(" "),
  "WindowDef",
]);

const nodeNames: ReadonlyMap<string, string> = new Map([
  ["A_ArrayExpr", "ARRAY[…]"],
  ["A_Indirection", "subscripts"],
  ["CollateClause", "COLLATE"],
  ["GroupingSet", "GROUPING SETS"],
  ["LockingClause", "FOR UPDATE and other row locks"],
  ["MinMaxExpr", "GREATEST and LEAST"],
  ["MultiAssignRef", "SET (…) = …"],
  ["RangeFunction", "functions in FROM"],
  ["RangeTableSample", "TABLESAMPLE"],
  ["SetToDefault", "DEFAULT as a value"],
]);

/** Division is absent on purpose: D1 binds every number as a fraction, so $1 / 2 would be one, where PostgreSQL makes 0. */
const operators: ReadonlySet<string> = new Set("= <> < > <= >= + - * % || -> ->>".split(" "));

const expressionKinds: ReadonlyMap<string, string> = new Map([
  ["AEXPR_OP_ANY", "= ANY (array): write IN ($1, $2, …)"],
  ["AEXPR_OP_ALL", "an operator with ALL (array)"],
  ["AEXPR_SIMILAR", "SIMILAR TO"],
  ["AEXPR_BETWEEN_SYM", "BETWEEN SYMMETRIC"],
  ["AEXPR_NOT_BETWEEN_SYM", "BETWEEN SYMMETRIC"],
]);

const subqueries: ReadonlySet<string> = new Set(["EXISTS_SUBLINK", "ANY_SUBLINK", "EXPR_SUBLINK"]);

/** A kind of node that SQLite lacks as a whole. */
export function nodeRefusal(tag: string): string[] {
  return allowedNodes.has(tag) ? [] : [nodeNames.get(tag) ?? tag];
}

/** An operator that SQLite lacks, or that means something else there. */
export function expressionRefusal(node: Tree): string | null {
  const kind = textOf(node, "kind");
  const operator = names(list(node, "name")).at(-1) ?? "";
  if (kind !== "AEXPR_OP") return expressionKinds.get(kind) ?? null;
  return operators.has(operator) ? null : `the operator ${operator}`;
}

/** Clauses of an allowed node that SQLite lacks. */
export function clauseRefusals(tag: string, node: Tree): string[] {
  const checks: [boolean, string][] = [
    [list(node, "distinctClause").some((item) => isTree(item) && Object.keys(item).length > 0), "DISTINCT ON"],
    [textOf(node, "limitOption") === "LIMIT_OPTION_WITH_TIES", "WITH TIES"],
    [tag === "DeleteStmt" && list(node, "usingClause").length > 0, "DELETE … USING: write WHERE id IN (SELECT …)"],
    [node["lateral"] === true, "LATERAL"],
    [tag === "InsertStmt" && textOf(node, "override") !== "OVERRIDING_NOT_SET", "OVERRIDING"],
    [
      textOf(child(child(node, "onConflictClause"), "infer"), "conname") !== "",
      "ON CONFLICT ON CONSTRAINT: name the columns",
    ],
    [tag === "CommonTableExpr" && tagged(node["ctequery"], "SelectStmt") === null, "a WITH clause that changes rows"],
    [tag === "SubLink" && !subqueries.has(textOf(node, "subLinkType")), "a subquery with ALL or ARRAY"],
    [tag === "SubLink" && list(node, "operName").length > 0, "an operator with ANY (SELECT …): write IN (SELECT …)"],
  ];
  return checks.filter(([applies]) => applies).map(([, what]) => what);
}
