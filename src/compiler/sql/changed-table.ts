/** The table that an INSERT, UPDATE or DELETE changes, with its columns. */
import type { TableColumn, Tables } from "./target.ts";
import type { ParsedStatement } from "./parse.ts";
import type { Tree } from "./tree.ts";
import { child, tagged, textOf } from "./tree.ts";

export interface ChangedTable {
  /** The RangeVar's members; it stands without its tag. */
  readonly relation: Tree;
  readonly name: string;
  /** The name by which the statement's conditions call the table. */
  readonly alias: string;
  readonly columns: readonly TableColumn[];
}

/** The name by which a table of a FROM clause or a target is called. */
export function calledName(relation: Tree): string {
  return textOf(child(relation, "alias"), "aliasname") || textOf(relation, "relname");
}

/** The columns of a table as a tree names it; null where no such table is known. */
export function columnsOf(relation: Tree, tables: Tables): readonly TableColumn[] | null {
  const schema = textOf(relation, "schemaname");
  if (schema !== "" && schema !== "public") return null;
  return tables.get(textOf(relation, "relname").toLowerCase()) ?? null;
}

export function findColumn(columns: readonly TableColumn[], name: string): TableColumn | null {
  return columns.find((column) => column.name.toLowerCase() === name.toLowerCase()) ?? null;
}

/** Null for a SELECT, and for an unknown table: the database tells of that. */
export function changedTableOf({ node, tag }: ParsedStatement, tables: Tables): ChangedTable | null {
  const relation = child(tagged(node, tag), "relation");
  const columns = relation === null ? null : columnsOf(relation, tables);
  if (relation === null || columns === null) return null;
  return { relation, name: textOf(relation, "relname"), alias: calledName(relation), columns };
}

/** Why the table cannot keep a moment in the column; null where it can. */
export function momentFault(table: ChangedTable, name: string): string | null {
  const column = findColumn(table.columns, name);
  if (column === null) return `the table ${table.name} has no column "${name}"`;
  return column.momentFault === null ? null : `the column "${name}" of ${table.name} ${column.momentFault}`;
}
