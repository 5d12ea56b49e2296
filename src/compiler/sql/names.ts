/**
 * Names result columns as PostgreSQL does where the author gave no name (parse_target.c, FigureColname): SQLite would
 * name `count(*)` after its text.
 */
import type { Tree } from "./tree.ts";
import { child, isTree, list, names, rewrite, tagged, textOf } from "./tree.ts";

/** The name of an expression's column; null where PostgreSQL has none either (`?column?`). */
function columnName(node: unknown): string | null {
  const column = tagged(node, "ColumnRef");
  if (column !== null) return names(list(column, "fields")).at(-1) ?? null;
  const call = tagged(node, "FuncCall");
  if (call !== null) return names(list(call, "funcname")).at(-1) ?? null;
  const cast = tagged(node, "TypeCast");
  if (cast !== null) return columnName(cast["arg"]) ?? names(list(child(cast, "typeName"), "names")).at(-1) ?? null;
  if (tagged(node, "CoalesceExpr") !== null) return "coalesce";
  const choice = tagged(node, "CaseExpr");
  if (choice !== null) return columnName(choice["defresult"]) ?? "case";
  const subquery = tagged(node, "SubLink");
  if (subquery !== null && textOf(subquery, "subLinkType") === "EXISTS_SUBLINK") return "exists";
  if (subquery !== null && textOf(subquery, "subLinkType") === "EXPR_SUBLINK") {
    return targetName(list(tagged(subquery["subselect"], "SelectStmt"), "targetList")[0]);
  }
  const moment = tagged(node, "SQLValueFunction");
  return moment === null ? null : textOf(moment, "op").replace("SVFOP_", "").toLowerCase();
}

function targetName(target: unknown): string | null {
  const node = tagged(target, "ResTarget");
  return node === null ? null : textOf(node, "name") || columnName(node["val"]);
}

function nameTargets(targets: readonly unknown[]): unknown[] {
  return targets.map((target) => {
    const node = tagged(target, "ResTarget");
    const name = targetName(target);
    if (node === null || name === null || tagged(node["val"], "ColumnRef") !== null) return target;
    return { ResTarget: { ...node, name } };
  });
}

/** Names the columns of a SELECT; a UNION has the names of its first part. */
function nameSelect(node: Tree): Tree {
  const first = child(node, "larg");
  if (first !== null) return { ...node, larg: nameSelect(first) };
  return node["targetList"] === undefined ? node : { ...node, targetList: nameTargets(list(node, "targetList")) };
}

/** A copy of a parse result in which every column of a SELECT or RETURNING list that has a name says so. */
export function nameColumns(result: Tree): Tree {
  const named = rewrite(result, (tag, node) => {
    if (tag === "SelectStmt") return { SelectStmt: nameSelect(node) };
    const returning = child(node, "returningClause");
    if (returning === null) return null;
    return { [tag]: { ...node, returningClause: { ...returning, exprs: nameTargets(list(returning, "exprs")) } } };
  });
  return isTree(named) ? named : result;
}
