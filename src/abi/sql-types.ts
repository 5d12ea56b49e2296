/**
 * Derives how values are bound and how columns become JSON: from PostgreSQL's casts and from declared column types. It
 * knows neither ABIs nor the engine that runs the statement.
 */
import type { ColumnType, ParameterType } from "../plan.ts";
import type { CastKind } from "./sql-casts.ts";
import { castKind } from "./sql-casts.ts";
import type { Tables } from "./sql-engine.ts";
import type { Statement } from "./sql-parse.ts";
import type { Tree } from "./sql-tree.ts";
import { child, list, names, numberOf, tagged, textOf, visit } from "./sql-tree.ts";

/** What a column's declared type, upper-case, means to the runtime. */
export function declaredKind(declared: string): CastKind {
  const name = /^[A-Z]+/.exec(declared)?.[0] ?? "";
  if (/INT/.test(name)) return "integer";
  if (/^(?:TIMESTAMP|DATETIME)/.test(name)) return "timestamp";
  if (/BLOB/.test(name)) return "bytes";
  if (/CHAR|CLOB|TEXT/.test(name)) return "text";
  if (/DOUBLE|FLOA/.test(name)) return "number";
  return castKind(name.toLowerCase());
}

function parameterType(kind: CastKind): ParameterType {
  return kind === "keep" || kind === "unknown" ? "any" : kind;
}

/** A column of a result, as SQLite tells it. */
interface ResultColumn {
  readonly name: string;
  /** Declared type of the column it comes from, upper-case; null for an expression. */
  readonly type: string | null;
}

function columnType(kind: CastKind): ColumnType | null {
  switch (kind) {
    case "integer":
    case "boolean":
    case "timestamp":
    case "json":
    case "bytes":
      return kind;
    case "text":
    case "number":
    case "keep":
    case "unknown":
      return null;
    default:
      return kind satisfies never;
  }
}

function castType(cast: Tree): CastKind {
  return castKind(names(list(child(cast, "typeName"), "names")).at(-1) ?? "");
}

/** Pairs each assigned value of an INSERT or UPDATE with the column it goes to. */
export function* assignments(
  { tag, node }: Statement,
  columnsOf: (table: string) => readonly string[],
): Generator<[string, unknown]> {
  const statement = tagged(node, tag);
  if (tag === "UpdateStmt") yield* setAssignments(list(statement, "targetList"));
  if (tag !== "InsertStmt") return;
  yield* setAssignments(list(child(statement, "onConflictClause"), "targetList"));
  const named = list(statement, "cols").map((column) => textOf(tagged(column, "ResTarget"), "name"));
  const columns = named.length > 0 ? named : columnsOf(textOf(child(statement, "relation"), "relname"));
  const select = tagged(statement?.["selectStmt"], "SelectStmt");
  const rows = list(select, "valuesLists").map((row) => list(tagged(row, "List"), "items"));
  rows.push(list(select, "targetList").map((target) => tagged(target, "ResTarget")?.["val"]));
  for (const row of rows) for (const [index, value] of row.entries()) yield [columns[index] ?? "", value];
}

function* setAssignments(targets: readonly unknown[]): Generator<[string, unknown]> {
  for (const target of targets) {
    const node = tagged(target, "ResTarget");
    yield [textOf(node, "name"), node?.["val"]];
  }
}

/** The type of each placeholder, in order: its cast's, else its target column's, else `any`. */
export function parameterTypes(statement: Statement, tables: Tables): ParameterType[] {
  const found = new Map<number, ParameterType>();
  const learn = (reference: unknown, kind: CastKind): void => {
    const parameter = tagged(reference, "ParamRef");
    const number = numberOf(parameter, "number");
    if (parameter !== null && !found.has(number) && kind !== "unknown") found.set(number, parameterType(kind));
  };
  for (const [tag, node] of visit(statement.node)) if (tag === "TypeCast") learn(node["arg"], castType(node));
  const table = textOf(child(tagged(statement.node, statement.tag), "relation"), "relname").toLowerCase();
  const columns = tables.get(table) ?? [];
  for (const [name, value] of assignments(statement, () => columns.map((column) => column.name))) {
    const column = columns.find((known) => known.name.toLowerCase() === name.toLowerCase());
    if (column !== undefined) learn(value, column.kind);
  }
  return statement.placeholders.map((number) => found.get(number) ?? "any");
}

/** What PostgreSQL makes of an expression, as far as its form tells. */
function expressionKind(node: unknown): CastKind {
  const cast = tagged(node, "TypeCast");
  if (cast !== null) return castType(cast);
  if (tagged(node, "SQLValueFunction") !== null) return "timestamp";
  const call = names(list(tagged(node, "FuncCall"), "funcname")).at(-1);
  if (call === "now") return "timestamp";
  if (call === "count" || call === "row_number") return "integer";
  if (["BoolExpr", "NullTest", "BooleanTest"].some((tag) => tagged(node, tag) !== null)) return "boolean";
  if (textOf(tagged(node, "SubLink"), "subLinkType") === "EXISTS_SUBLINK") return "boolean";
  if (child(tagged(node, "A_Const"), "boolval") !== null) return "boolean";
  const expression = tagged(node, "A_Expr");
  if (expression === null) return "unknown";
  const operator = names(list(expression, "name")).at(-1) ?? "";
  return textOf(expression, "kind") !== "AEXPR_OP" || /^(?:[<>]=?|=|<>)$/.test(operator) ? "boolean" : "unknown";
}

/** How each result column becomes JSON; columns that need nothing are left out. */
export function columnTypes(statement: Statement, columns: readonly ResultColumn[]): Record<string, ColumnType> {
  const body = tagged(statement.node, statement.tag);
  const targets = list(
    statement.writes ? child(body, "returningClause") : body,
    statement.writes ? "exprs" : "targetList",
  );
  const types: Record<string, ColumnType> = {};
  for (const [index, column] of columns.entries()) {
    // A star stands for several columns: then positions do not match, but such columns all have a declared type.
    const target = targets.length === columns.length ? tagged(targets[index], "ResTarget")?.["val"] : undefined;
    const type = columnType(column.type === null ? expressionKind(target) : declaredKind(column.type));
    if (type !== null) types[column.name] = type;
  }
  return types;
}
