/**
 * Derives how each placeholder is bound, as PostgreSQL would: by its cast, or by what it is assigned to, compared or
 * combined with. It is for SQLite, which knows no types of parameters.
 */
import type { ParameterType } from "../../contract/plan/query.ts";
import type { CastKind } from "./casts.ts";
import type { Tables } from "./target.ts";
import type { ParsedStatement } from "./parse.ts";
import type { SqlScope } from "./scope.ts";
import {
  caseResults,
  castType,
  changeScope,
  commonKind,
  functionName,
  isArithmetic,
  isComparison,
  kindOf,
  operatorOf,
  outermost,
  selectColumns,
  selectScope,
} from "./scope.ts";
import { setAssignments } from "./types.ts";
import type { Tree } from "./tree.ts";
import { child, isTree, list, numberOf, tagged, textOf, visit } from "./tree.ts";

/** Functions whose arguments, all or the first, are texts. */
const textFunctions: ReadonlySet<string> = new Set(
  "lower upper length char_length character_length octet_length replace trim btrim ltrim rtrim strpos".split(" "),
);
const textFirstFunctions: ReadonlySet<string> = new Set(["substr", "substring"]);

/** Takes what a value at a place is to be; the first place counts. */
type Learn = (reference: Tree, kind: CastKind) => void;

/** The type of each placeholder, in order; `any` where nothing tells. */
export function parameterTypes(statement: ParsedStatement, tables: Tables): ParameterType[] {
  const found = new Map<number, CastKind>();
  const learn: Learn = (reference, kind) => {
    const number = numberOf(reference, "number");
    if (kind !== "unknown" && !found.has(number)) found.set(number, kind);
  };
  // A cast decides wherever the placeholder stands elsewhere.
  for (const [tag, node] of visit(statement.node)) {
    const reference = tag === "TypeCast" ? tagged(node["arg"], "ParamRef") : null;
    if (reference !== null) learn(reference, castType(node));
  }
  walk(statement.node, "unknown", outermost(tables), learn);
  return statement.placeholders.map((number) => {
    const kind = found.get(number) ?? "unknown";
    return kind === "keep" || kind === "unknown" ? "any" : kind;
  });
}

/** Learns from everything at and under a value, which itself is to be of the kind. */
function walk(value: unknown, wanted: CastKind, scope: SqlScope, learn: Learn): void {
  if (Array.isArray(value)) {
    for (const item of value) walk(item, "unknown", scope, learn);
    return;
  }
  if (!isTree(value)) return;
  const [tag = ""] = Object.keys(value);
  const node = tagged(value, tag);
  if (node === null || !/^[A-Z]/.test(tag)) {
    for (const inner of Object.values(value)) walk(inner, "unknown", scope, learn);
    return;
  }
  walkNode(tag, node, wanted, scope, learn);
}

function walkNode(tag: string, node: Tree, wanted: CastKind, scope: SqlScope, learn: Learn): void {
  const all = (values: readonly unknown[], kind: CastKind): void => {
    for (const value of values) walk(value, kind, scope, learn);
  };
  switch (tag) {
    case "ParamRef":
      learn(node, wanted);
      return;
    case "SelectStmt":
      walkSelect(node, [wanted], scope, learn);
      return;
    case "InsertStmt":
    case "UpdateStmt":
    case "DeleteStmt":
      walkChange(node, scope, learn);
      return;
    case "A_Expr":
      walkOperation(node, wanted, scope, learn);
      return;
    case "SubLink":
      walkSubquery(node, wanted, scope, learn);
      return;
    case "CoalesceExpr":
      agree(list(node, "args"), wanted, scope, learn);
      return;
    case "CaseExpr":
      walkCase(node, wanted, scope, learn);
      return;
    case "FuncCall":
      walkCall(node, scope, learn);
      return;
    case "BoolExpr":
      all(list(node, "args"), "boolean");
      return;
    default:
      all(Object.values(node), "unknown");
  }
}

/** Values that have to be of one kind: what the others are, else what is wanted. */
function agree(values: readonly unknown[], wanted: CastKind, scope: SqlScope, learn: Learn): void {
  const own = commonKind(values.map((value) => kindOf(value, scope)));
  for (const value of values) walk(value, own === "unknown" ? wanted : own, scope, learn);
}

const items = (value: unknown): unknown[] => list(tagged(value, "List"), "items");

/** Pairs the columns of rows, or takes single values as they are. */
function columnsOf(rows: readonly unknown[]): unknown[][] {
  const cells = rows.map((row) => {
    const node = tagged(row, "RowExpr");
    return node === null ? [row] : list(node, "args");
  });
  return (cells[0] ?? []).map((_, index) => cells.map((row) => row[index]));
}

function walkOperation(node: Tree, wanted: CastKind, scope: SqlScope, learn: Learn): void {
  const [left, right] = [node["lexpr"], node["rexpr"]];
  const compared = (...values: unknown[]): void => {
    for (const column of columnsOf(values)) agree(column, "unknown", scope, learn);
  };
  switch (textOf(node, "kind")) {
    case "AEXPR_OP":
    case "AEXPR_DISTINCT":
    case "AEXPR_NOT_DISTINCT":
    case "AEXPR_NULLIF":
      break;
    case "AEXPR_IN":
    case "AEXPR_BETWEEN":
    case "AEXPR_NOT_BETWEEN":
      compared(left, ...items(right));
      return;
    case "AEXPR_LIKE":
    case "AEXPR_ILIKE":
      for (const side of [left, right]) walk(side, "text", scope, learn);
      return;
    default:
      for (const side of [left, right]) walk(side, "unknown", scope, learn);
      return;
  }
  const operator = operatorOf(node);
  if (isComparison(operator)) compared(left, right);
  else if (isArithmetic(operator)) walkArithmetic([left, right], wanted, scope, learn);
  else for (const side of [left, right]) walk(side, operator === "||" ? "text" : "unknown", scope, learn);
}

/** Of numbers only: what is added to a moment is no moment. */
function walkArithmetic(sides: readonly unknown[], wanted: CastKind, scope: SqlScope, learn: Learn): void {
  const isNumeric = (kind: CastKind): boolean => kind === "integer" || kind === "number";
  const own = commonKind(sides.map((side) => kindOf(side, scope)));
  const kind = own === "unknown" ? wanted : own;
  for (const side of sides) walk(side, isNumeric(kind) ? kind : "unknown", scope, learn);
}

function walkSubquery(node: Tree, wanted: CastKind, scope: SqlScope, learn: Learn): void {
  const select = tagged(node["subselect"], "SelectStmt");
  const tested = columnsOf([node["testexpr"]]).flat();
  const returned = select === null ? [] : selectColumns(select, scope);
  for (const [index, value] of tested.entries()) walk(value, returned[index]?.kind ?? "unknown", scope, learn);
  const isValue = textOf(node, "subLinkType") === "EXPR_SUBLINK";
  const kinds = isValue ? [wanted] : tested.map((value) => kindOf(value, scope));
  if (select !== null) walkSelect(select, kinds, scope, learn);
}

function walkCase(node: Tree, wanted: CastKind, scope: SqlScope, learn: Learn): void {
  const conditions = list(node, "args").map((when) => tagged(when, "CaseWhen")?.["expr"]);
  if (node["arg"] === undefined) for (const condition of conditions) walk(condition, "boolean", scope, learn);
  else agree([node["arg"], ...conditions], "unknown", scope, learn);
  agree(caseResults(node), wanted, scope, learn);
}

function walkCall(node: Tree, scope: SqlScope, learn: Learn): void {
  const name = functionName(node);
  const { args: _, ...rest } = node;
  for (const [index, value] of list(node, "args").entries()) {
    const isText = textFunctions.has(name) || (index === 0 && textFirstFunctions.has(name));
    walk(value, isText ? "text" : "unknown", scope, learn);
  }
  walk(Object.values(rest), "unknown", scope, learn);
}

/** @param wanted what the columns are to be, by position */
function walkSelect(select: Tree, wanted: readonly CastKind[], outer: SqlScope, learn: Learn): void {
  const [left, right] = [child(select, "larg"), child(select, "rarg")];
  const { targetList: _targets, valuesLists: _rows, whereClause, havingClause, ...rest } = select;
  const { limitCount, limitOffset, larg: _left, rarg: _right, ...others } = rest;
  const scope = selectScope(select, outer);
  if (left !== null && right !== null) {
    const kinds = selectColumns(select, outer).map(({ kind }, index) =>
      kind === "unknown" ? (wanted[index] ?? "unknown") : kind,
    );
    for (const part of [left, right]) walkSelect(part, kinds, scope, learn);
  }
  const targets = list(select, "targetList").map((target) => tagged(target, "ResTarget")?.["val"]);
  for (const row of [targets, ...list(select, "valuesLists").map(items)]) {
    for (const [index, value] of row.entries()) walk(value, wanted[index] ?? "unknown", scope, learn);
  }
  for (const condition of [whereClause, havingClause]) walk(condition, "boolean", scope, learn);
  for (const count of [limitCount, limitOffset]) walk(count, "integer", scope, learn);
  walk(others, "unknown", scope, learn);
}

function walkChange(node: Tree, outer: SqlScope, learn: Learn): void {
  const scope = changeScope(node, outer);
  const table = scope.tables.get(textOf(child(node, "relation"), "relname").toLowerCase()) ?? [];
  const kindOfColumn = (name: string): CastKind =>
    table.find((column) => column.name.toLowerCase() === name.toLowerCase())?.kind ?? "unknown";
  const select = tagged(node["selectStmt"], "SelectStmt");
  const named = list(node, "cols").map((column) => textOf(tagged(column, "ResTarget"), "name"));
  const columns = named.length > 0 ? named : table.map(({ name }) => name);
  if (select !== null) walkSelect(select, columns.map(kindOfColumn), scope, learn);
  const set = [...list(node, "targetList"), ...list(child(node, "onConflictClause"), "targetList")];
  for (const [name, value] of setAssignments(set)) walk(value, kindOfColumn(name), scope, learn);
  const { selectStmt: _, targetList: _targets, whereClause, ...rest } = node;
  walk(whereClause, "boolean", scope, learn);
  walk(rest, "unknown", scope, learn);
}
