/**
 * `unique`: makes the lookup that runs right after an INSERT or UPDATE and finds a row if a value that was written is
 * now in two rows. A row that it finds undoes the write.
 *
 * It runs after the write, not before: then one rule serves every row of VALUES, UPDATE and ON CONFLICT alike, without
 * a list of rows to leave out, and the column itself compares, with its own collation.
 */
import { didYouMean } from "../../text/suggest.ts";
import type { RowRules, RuleFault } from "./rule.ts";
import { notDeleted } from "./soft-delete.ts";
import type { Tables } from "../target.ts";
import { allOf, columnNode } from "../nodes.ts";
import type { ParsedStatement } from "../parse.ts";
import { withNode, withOwnPlaceholders } from "../parse.ts";
import type { ChangedTable } from "../changed-table.ts";
import { findColumn, changedTableOf } from "../changed-table.ts";
import { assignments } from "../types.ts";
import type { Tree } from "../tree.ts";
import { child, list, names, tagged, textOf, visit } from "../tree.ts";
import { momentFunctions } from "../sqlite/portable.ts";

/** A SELECT that finds a row where the statement broke the rule. */
export interface UniqueLookup {
  /** Its placeholders are 1, 2, … */
  readonly statement: ParsedStatement;
  /** The table that the rule is about. */
  readonly table: string;
  /** For each of its placeholders, the number that the value has in the statement. */
  readonly placeholders: readonly number[];
}

/** Nodes whose value depends on more than what is bound, so that the lookup might see another one. */
const unsteady: ReadonlySet<string> = new Set([
  "ColumnRef",
  "SubLink",
  "SQLValueFunction",
  "SetToDefault",
  "MultiAssignRef",
]);

function isSteady(value: unknown): boolean {
  return [...visit(value)].every(([tag, node]) => {
    if (tag === "FuncCall") return !momentFunctions.has(names(list(node, "funcname")).at(-1) ?? "");
    return !unsteady.has(tag);
  });
}

/** `EXCLUDED.email`: what the INSERT would have put into the column itself. */
function isExcluded(value: unknown, column: string): boolean {
  const path = names(list(tagged(value, "ColumnRef"), "fields"));
  return path.length === 2 && path[0] === "excluded" && path[1] === column;
}

/** The values of an INSERT stand in the order of its columns: not in a UNION, not behind a star. */
function isReadable({ tag, node }: ParsedStatement): boolean {
  if (tag !== "InsertStmt") return true;
  const select = tagged(tagged(node, tag)?.["selectStmt"], "SelectStmt");
  const stars = list(select, "targetList").filter((target) =>
    list(tagged(tagged(target, "ResTarget")?.["val"], "ColumnRef"), "fields").some((field) => tagged(field, "A_Star")),
  );
  return child(select, "larg") === null && stars.length === 0;
}

/** Why ON CONFLICT and `unique` contradict each other; null where they do not. */
function conflictFault({ tag, node }: ParsedStatement, columns: readonly string[]): string | null {
  const conflict = child(tagged(node, tag), "onConflictClause");
  if (textOf(conflict, "action") === "ONCONFLICT_NOTHING") {
    return "ON CONFLICT DO NOTHING passes over what unique refuses; expected one of the two";
  }
  const targets = list(child(conflict, "infer"), "indexElems").map((item) => textOf(tagged(item, "IndexElem"), "name"));
  const both = columns.find((column) => targets.some((target) => target.toLowerCase() === column.toLowerCase()));
  return both === undefined ? null : `ON CONFLICT (${both}) updates what unique refuses; expected one of the two`;
}

const one: Tree = { A_Const: { ival: { ival: 1 } } };

/** `SELECT 1 FROM table WHERE column IN (values) GROUP BY column HAVING count(*) > 1`. NULL is in no list. */
function lookupSelect(table: ChangedTable, column: string, values: readonly unknown[], hidesDeleted: boolean): Tree {
  const { alias: _, ...relation } = table.relation;
  const operator = (kind: string, name: string, lexpr: Tree, rexpr: Tree): Tree => ({
    A_Expr: { kind, name: [{ String: { sval: name } }], lexpr, rexpr },
  });
  const count = {
    FuncCall: { funcname: [{ String: { sval: "count" } }], agg_star: true, funcformat: "COERCE_EXPLICIT_CALL" },
  };
  const among = operator("AEXPR_IN", "=", columnNode(column), { List: { items: values } });
  return {
    targetList: [{ ResTarget: { val: one } }],
    fromClause: [{ RangeVar: relation }],
    whereClause: allOf(among, hidesDeleted ? [notDeleted(table.name)] : []),
    groupClause: [columnNode(column)],
    havingClause: operator("AEXPR_OP", ">", count, one),
    limitOption: "LIMIT_OPTION_DEFAULT",
    op: "SETOP_NONE",
  };
}

/** One SELECT that finds a row where any of several does. */
function anyOf(selects: readonly Tree[]): Tree {
  const [first] = selects;
  if (selects.length === 1 && first !== undefined) return first;
  const args = selects.map((select) => ({
    SubLink: { subLinkType: "EXISTS_SUBLINK", subselect: { SelectStmt: select } },
  }));
  return {
    targetList: [{ ResTarget: { val: one } }],
    whereClause: { BoolExpr: { boolop: "OR_EXPR", args } },
    limitOption: "LIMIT_OPTION_DEFAULT",
    op: "SETOP_NONE",
  };
}

/** The selects as one parse result, with placeholders of its own. */
function asLookup(statement: ParsedStatement, table: string, selects: readonly Tree[]): UniqueLookup {
  const lookup = withNode({ ...statement, writes: false }, "SelectStmt", anyOf(selects));
  return { ...withOwnPlaceholders(lookup), table: table.toLowerCase() };
}

/** Why no lookup can be made of the statement as a whole; null where it can. */
function statementFault(statement: ParsedStatement, columns: readonly string[]): string | null {
  const { tag } = statement;
  if (tag === "SelectStmt") return "a SELECT writes no values; expected INSERT or UPDATE";
  if (tag === "DeleteStmt") return "a DELETE writes no values; expected INSERT or UPDATE";
  if (!isReadable(statement)) return "expected INSERT … VALUES, or a SELECT without UNION and *";
  return conflictFault(statement, columns);
}

/** The lookup; null after a fault, or where the database will refuse the statement's table. */
export function findUnique(
  statement: ParsedStatement,
  rules: RowRules,
  tables: Tables,
  faults: RuleFault[],
): UniqueLookup | null {
  const whole = statementFault(statement, rules.unique);
  if (whole !== null) faults.push({ place: "/unique", message: whole });
  const table = changedTableOf(statement, tables);
  if (whole !== null || table === null) return null;
  const known = table.columns.map(({ name }) => name);
  const assigned = [...assignments(statement, () => known)];
  const seen = new Set<string>();
  const selects = rules.unique.flatMap((name, index) => {
    const column = name.toLowerCase();
    const found = assigned.filter(([to, value]) => to.toLowerCase() === column && !isExcluded(value, to));
    const values = found.map(([, value]) => value);
    const select = (message: string | null): Tree[] => {
      if (message === null) return [lookupSelect(table, found[0]?.[0] ?? column, values, rules.softDelete)];
      faults.push({ place: `/unique/${String(index)}`, message });
      return [];
    };
    const isTwice = seen.has(column);
    seen.add(column);
    if (isTwice) return select("this column is listed twice");
    if (findColumn(table.columns, name) === null) {
      return select(`the table ${table.name} has no column "${name}"${didYouMean(name, known)}`);
    }
    if (values.length === 0) return select(`the statement does not set the column "${name}"`);
    if (values.every(isSteady)) return select(null);
    return select(`expected "${name}" to be set to what is bound, such as $1: other values may change meanwhile`);
  });
  return selects.length < rules.unique.length ? null : asLookup(statement, table.name, selects);
}
