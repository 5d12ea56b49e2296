/**
 * `unique`: makes of a parsed INSERT or UPDATE the lookup that runs right after it and finds a row if a value that it
 * wrote now stands in two. It knows no engine.
 *
 * After, not before: then one rule serves every row of VALUES, UPDATE and ON CONFLICT alike, without a list of rows to
 * leave out, and the column itself compares, with its own collation. The batch that the row fails undoes the write.
 */
import { didYouMean } from "./suggest.ts";
import type { RowRules, RuleFault } from "./row-rules.ts";
import { notDeleted } from "./soft-delete.ts";
import type { SqlDatabase } from "./sql-database.ts";
import { allOf, columnNode } from "./sql-nodes.ts";
import type { Statement } from "./sql-parse.ts";
import { placeholdersOf } from "./sql-parse.ts";
import type { Target } from "./sql-target.ts";
import { findColumn, targetOf } from "./sql-target.ts";
import { assignments } from "./sql-types.ts";
import type { Tree } from "./sql-tree.ts";
import { child, list, names, numberOf, rewrite, tagged, visit } from "./sql-tree.ts";
import { momentFunctions } from "./sql-portable.ts";

/** A SELECT that finds a row where the statement broke the rule. */
export interface UniqueLookup {
  /** A whole parse result; placeholders are 1, 2, … */
  readonly result: Tree;
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
function isReadable({ tag, node }: Statement): boolean {
  if (tag !== "InsertStmt") return true;
  const select = tagged(tagged(node, tag)?.["selectStmt"], "SelectStmt");
  const stars = list(select, "targetList").filter((target) =>
    list(tagged(tagged(target, "ResTarget")?.["val"], "ColumnRef"), "fields").some((field) => tagged(field, "A_Star")),
  );
  return child(select, "larg") === null && stars.length === 0;
}

/** `SELECT 1 FROM target WHERE column IN (values) GROUP BY column HAVING count(*) > 1`. NULL is in no list. */
function lookupSelect(target: Target, column: string, values: readonly unknown[], hidesDeleted: boolean): Tree {
  const { alias: _, ...relation } = target.relation;
  const one = { A_Const: { ival: { ival: 1 } } };
  const operator = (kind: string, name: string, lexpr: Tree, rexpr: Tree): Tree => ({
    A_Expr: { kind, name: [{ String: { sval: name } }], lexpr, rexpr },
  });
  const count = { FuncCall: { funcname: [{ String: { sval: "count" } }], agg_star: true } };
  const among = operator("AEXPR_IN", "=", columnNode(column), { List: { items: values } });
  return {
    targetList: [{ ResTarget: { val: one } }],
    fromClause: [{ RangeVar: relation }],
    whereClause: allOf(among, hidesDeleted ? [notDeleted(target.table)] : []),
    groupClause: [columnNode(column)],
    havingClause: operator("AEXPR_OP", ">", count, one),
    limitOption: "LIMIT_OPTION_DEFAULT",
    op: "SETOP_NONE",
  };
}

function unite(left: Tree, right: Tree): Tree {
  return { op: "SETOP_UNION", all: true, larg: left, rarg: right, limitOption: "LIMIT_OPTION_DEFAULT" };
}

/** The selects as one parse result, with placeholders of its own. */
function asLookup(statement: Statement, selects: readonly Tree[]): UniqueLookup {
  const node = { SelectStmt: selects.reduce(unite) };
  const placeholders = placeholdersOf(node);
  const renumbered = rewrite(node, (tag, inner) => {
    if (tag !== "ParamRef") return null;
    return { ParamRef: { number: placeholders.indexOf(numberOf(inner, "number")) + 1 } };
  });
  return { result: { ...statement.result, stmts: [{ stmt: renumbered }] }, placeholders };
}

/** The lookup; null after a fault, or where the database will refuse the statement's table. */
export function findUnique(
  statement: Statement,
  rules: RowRules,
  tables: SqlDatabase["tables"],
  faults: RuleFault[],
): UniqueLookup | null {
  const { tag } = statement;
  if (tag === "SelectStmt" || tag === "DeleteStmt") {
    const verb = tag === "SelectStmt" ? "SELECT" : "DELETE";
    faults.push({ place: "/unique", message: `a ${verb} writes no values; expected INSERT or UPDATE` });
    return null;
  }
  const target = targetOf(statement, tables);
  if (target === null) return null;
  if (!isReadable(statement)) {
    faults.push({ place: "/unique", message: "expected INSERT … VALUES, or a SELECT without UNION and *" });
    return null;
  }
  const known = target.columns.map(({ name }) => name);
  const assigned = [...assignments(statement, () => known)];
  const selects: Tree[] = [];
  for (const [index, name] of rules.unique.entries()) {
    const column = name.toLowerCase();
    const values = assigned.filter(([to, value]) => to.toLowerCase() === column && !isExcluded(value, to));
    const first = values[0];
    const fault = (message: string): void => void faults.push({ place: `/unique/${String(index)}`, message });
    if (findColumn(target.columns, name) === null) {
      fault(`the table ${target.table} has no column "${name}"${didYouMean(name, known)}`);
    } else if (rules.unique.findIndex((other) => other.toLowerCase() === column) < index) {
      fault("this column is listed twice");
    } else if (first === undefined) {
      fault(`the statement does not set the column "${name}"`);
    } else if (!values.every(([, value]) => isSteady(value))) {
      fault(`expected "${name}" to be set to what is bound, such as $1: other values may change meanwhile`);
    } else {
      const list = values.map(([, value]) => value);
      selects.push(lookupSelect(target, first[0], list, rules.softDelete));
    }
  }
  return selects.length < rules.unique.length ? null : asLookup(statement, selects);
}
