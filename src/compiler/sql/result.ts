/** What a statement returns: of what kind its columns are, and how many rows, as far as its text and the tables tell. */
import type { CastKind } from "./casts.ts";
import type { ParsedStatement } from "./parse.ts";
import { functionName, operatorOf, returnedColumns } from "./scope.ts";
import type { Prepared, SqlDatabase, Tables, UniqueKeys } from "./target.ts";
import { assignments } from "./types.ts";
import { child, list, names, numberOf, tagged, textOf, type Tree } from "./tree.ts";

export interface ResultColumn {
  readonly kind: CastKind;
  readonly neverNull: boolean;
}

export interface RowCount {
  readonly least: 0 | 1;
  /** Null: nobody knows. */
  readonly most: 1 | null;
}

export interface StatementResult {
  readonly columns: Readonly<Record<string, ResultColumn>>;
  readonly rows: RowCount;
  /** Placeholders that a column is set to, in lower case. */
  readonly assigned: readonly (readonly [column: string, placeholder: number])[];
}

export const unknownResult: StatementResult = { columns: {}, rows: { least: 0, most: null }, assigned: [] };

const one: RowCount = { least: 1, most: 1 };
const atMostOne: RowCount = { least: 0, most: 1 };

/** @param columns as the engine that prepared the statement tells them */
export function describeResult(
  statement: ParsedStatement,
  columns: Prepared["columns"],
  { tables, keys }: Pick<SqlDatabase, "tables" | "keys">,
): StatementResult {
  const told = returnedColumns(statement, tables);
  const isKnown = told.length === columns.length;
  const facts = columns.map(({ name, kind }, index) => {
    return [name, { kind, neverNull: isKnown && (told[index]?.neverNull ?? false) }] as const;
  });
  return {
    columns: Object.fromEntries(facts),
    rows: countRows(statement, keys),
    assigned: readAssigned(statement, tables),
  };
}

function readAssigned(statement: ParsedStatement, tables: Tables): StatementResult["assigned"] {
  const columnsOf = (table: string) => (tables.get(table.toLowerCase()) ?? []).map(({ name }) => name);
  return [...assignments(statement, columnsOf)].flatMap(([column, value]) => {
    const reference = tagged(tagged(value, "TypeCast")?.["arg"] ?? value, "ParamRef");
    return reference === null ? [] : [[column.toLowerCase(), numberOf(reference, "number")] as const];
  });
}

function countRows({ node, tag }: ParsedStatement, keys: UniqueKeys): RowCount {
  const body = tagged(node, tag) ?? {};
  if (tag === "SelectStmt") return countSelected(body, keys);
  if (tag === "InsertStmt") return countInserted(body, keys);
  const others = [...list(body, "fromClause"), ...list(body, "usingClause")];
  return others.length === 0 && namesOne(child(body, "relation"), body["whereClause"], keys)
    ? atMostOne
    : unknownResult.rows;
}

/** Tells if a condition gives every column of a unique key of the table a value. */
function namesOne(table: Tree | null, condition: unknown, keys: UniqueKeys): boolean {
  const given = new Set(conjuncts(condition).flatMap((part) => givenColumn(part) ?? []));
  const own = keys.get(textOf(table, "relname").toLowerCase()) ?? [];
  return own.some((key) => key.every((column) => given.has(column.toLowerCase())));
}

function conjuncts(condition: unknown): unknown[] {
  const and = tagged(condition, "BoolExpr");
  return textOf(and, "boolop") === "AND_EXPR" ? list(and, "args").flatMap(conjuncts) : [condition];
}

/** The column of `column = value`, where the value is the same for all rows. */
function givenColumn(condition: unknown): string | null {
  const equation = tagged(condition, "A_Expr");
  if (equation === null || textOf(equation, "kind") !== "AEXPR_OP" || operatorOf(equation) !== "=") return null;
  const sides = [equation["lexpr"], equation["rexpr"]];
  const column = sides.map((side) => tagged(side, "ColumnRef")).find((side) => side !== null);
  if (column === undefined || !sides.some(isFixed)) return null;
  return (
    names(list(column ?? null, "fields"))
      .at(-1)
      ?.toLowerCase() ?? null
  );
}

function isFixed(value: unknown): boolean {
  const cast = tagged(value, "TypeCast");
  if (cast !== null) return isFixed(cast["arg"]);
  return tagged(value, "ParamRef") !== null || tagged(value, "A_Const") !== null;
}

/** Rows that a conflict leaves out come back from no INSERT. */
function countInserted(insert: Tree, keys: UniqueKeys): RowCount {
  const select = tagged(insert["selectStmt"], "SelectStmt");
  if (select === null) return one;
  const rows = list(select, "valuesLists");
  const counted = rows.length === 1 ? one : rows.length > 1 ? unknownResult.rows : countSelected(select, keys);
  return insert["onConflictClause"] === undefined ? counted : { ...counted, least: 0 };
}

function countSelected(select: Tree, keys: UniqueKeys): RowCount {
  if (child(select, "larg") !== null) return unknownResult.rows;
  const limit = tagged(select["limitCount"], "A_Const");
  const isLimited = numberOf(child(limit, "ival"), "ival") === 1;
  const isFiltered = ["whereClause", "havingClause", "limitOffset"].some((clause) => select[clause] !== undefined);
  const targets = list(select, "targetList").map((target) => tagged(target, "ResTarget")?.["val"]);
  const isGrouped = list(select, "groupClause").length > 0;
  if (!isGrouped && select["havingClause"] === undefined && select["limitOffset"] === undefined) {
    if (targets.some(isAggregate)) return limit === null || isLimited ? one : unknownResult.rows;
  }
  const isOneRow = list(select, "fromClause").length === 0 && targets.length > 0 && targets.every(isSingle);
  if (isOneRow && select["limitCount"] === undefined) return isFiltered ? atMostOne : one;
  const [source, ...others] = list(select, "fromClause");
  const isNamed = others.length === 0 && namesOne(tagged(source, "RangeVar"), select["whereClause"], keys);
  return isLimited || isNamed ? atMostOne : unknownResult.rows;
}

/** Functions of all rows, of which one comes. */
const aggregates: ReadonlySet<string> = new Set(
  (
    "count sum avg min max string_agg array_agg json_agg jsonb_agg json_object_agg jsonb_object_agg bool_and bool_or " +
    "every bit_and bit_or stddev variance"
  ).split(" "),
);

function isAggregate(expression: unknown): boolean {
  const call = tagged(expression, "FuncCall");
  if (call !== null) return aggregates.has(functionName(call)) && call["over"] === undefined;
  const cast = tagged(expression, "TypeCast");
  if (cast !== null) return isAggregate(cast["arg"]);
  return list(tagged(expression, "CoalesceExpr"), "args").some(isAggregate);
}

/** A function may return many rows. */
const isSingle = (expression: unknown): boolean => {
  const cast = tagged(expression, "TypeCast");
  return cast === null ? tagged(expression, "FuncCall") === null : isSingle(cast["arg"]);
};
