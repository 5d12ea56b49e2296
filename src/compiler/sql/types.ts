/** Derives how result columns become JSON, from declared column types and the form of expressions. */
import type { ColumnType } from "../../contract/plan/query.ts";
import type { CastKind } from "./casts.ts";
import { castKind } from "./casts.ts";
import type { Tables } from "./target.ts";
import type { ParsedStatement } from "./parse.ts";
import { returnedColumns } from "./scope.ts";
import { child, list, tagged, textOf } from "./tree.ts";

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

/** A column of a result, as SQLite tells it. */
interface ResultColumn {
  readonly name: string;
  /** Declared type of the column it comes from, upper-case; null for an expression. */
  readonly type: string | null;
}

/** How SQLite's value of a column becomes JSON; null = it is what it is. */
export function columnType(kind: CastKind): ColumnType | null {
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

/** Pairs each assigned value of an INSERT or UPDATE with the column it goes to. */
export function* assignments(
  { tag, node }: ParsedStatement,
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

/** Pairs the columns of a SET with their values. */
export function* setAssignments(targets: readonly unknown[]): Generator<[string, unknown]> {
  for (const target of targets) {
    const node = tagged(target, "ResTarget");
    yield [textOf(node, "name"), node?.["val"]];
  }
}

/** What each result column is. */
export function columnKinds(
  statement: ParsedStatement,
  columns: readonly ResultColumn[],
  tables: Tables,
): readonly CastKind[] {
  const known = returnedColumns(statement, tables);
  return columns.map(({ type }, index) => {
    if (type !== null) return declaredKind(type);
    // Where a star's columns are not known, positions do not match.
    return known.length === columns.length ? (known[index]?.kind ?? "unknown") : "unknown";
  });
}
