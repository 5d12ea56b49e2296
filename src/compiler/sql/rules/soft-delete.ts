/**
 * `soft_delete`: turns a DELETE into an UPDATE that sets `deleted_at`, and hides the rows that have it from everything
 * that a statement reads or changes.
 */
import type { RowRules, RuleFault } from "./rule.ts";
import type { Tables } from "../target.ts";
import { allOf, columnNode, isNullNode, momentNode, targetNode } from "../nodes.ts";
import type { ParsedStatement } from "../parse.ts";
import { withNode } from "../parse.ts";
import { calledName, columnsOf, findColumn, momentFault, changedTableOf } from "../changed-table.ts";
import type { Tree } from "../tree.ts";
import { child, isTree, list, tagged, textOf, visit } from "../tree.ts";

const deletedAt = "deleted_at";

/** "The row of this table is not deleted." */
export function notDeleted(table: string): Tree {
  return isNullNode(columnNode(table, deletedAt));
}

interface Walk {
  readonly tables: Tables;
  /** Names that WITH clauses give. */
  readonly given: ReadonlySet<string>;
  readonly fault: (message: string) => void;
  /** How many tables were found to have the column. */
  found: number;
}

/** An item of a FROM clause, and what WHERE has to ask of the tables in it. */
interface Source {
  readonly item: unknown;
  readonly conditions: readonly Tree[];
}

function hideInTable(item: unknown, table: Tree, walk: Walk): Source {
  const columns = columnsOf(table, walk.tables);
  if (columns === null || findColumn(columns, deletedAt) === null) return { item, conditions: [] };
  const name = textOf(table, "relname");
  if (walk.given.has(name)) {
    walk.fault(`WITH gives the name of the table ${name} to something else; expected another name`);
  }
  walk.found += 1;
  return { item, conditions: [notDeleted(calledName(table))] };
}

/** In ON, a condition takes rows from the side that an outer join fills with NULLs; in WHERE it would undo the join. */
function hideInJoin(join: Tree, walk: Walk): Source {
  const [left, right] = [hideIn(join["larg"], walk), hideIn(join["rarg"], walk)];
  const changed: Tree = { ...join, larg: left.item, rarg: right.item };
  const type = textOf(join, "jointype");
  if (type === "JOIN_INNER")
    return { item: { JoinExpr: changed }, conditions: [...left.conditions, ...right.conditions] };
  const [kept, filled] = type === "JOIN_RIGHT" ? [right, left] : [left, right];
  if (type === "JOIN_FULL" && left.conditions.length + right.conditions.length > 0) {
    walk.fault("cannot hide deleted rows in a FULL JOIN; expected another join");
  }
  if (filled.conditions.length > 0) {
    if (join["isNatural"] === true || list(join, "usingClause").length > 0) {
      walk.fault("cannot hide deleted rows in an outer join with USING or NATURAL; expected ON");
    }
    changed["quals"] = allOf(join["quals"], filled.conditions);
  }
  return { item: { JoinExpr: changed }, conditions: kept.conditions };
}

function hideIn(item: unknown, walk: Walk): Source {
  const join = tagged(item, "JoinExpr");
  if (join !== null) return hideInJoin(join, walk);
  const table = tagged(item, "RangeVar");
  return table === null ? { item, conditions: [] } : hideInTable(item, table, walk);
}

/** A copy in which every FROM clause, also of subqueries and of a UNION's parts, sees no deleted rows. */
function hideEverywhere(value: unknown, walk: Walk): unknown {
  if (Array.isArray(value)) return value.map((item) => hideEverywhere(item, walk));
  if (!isTree(value)) return value;
  const copy: Tree = {};
  for (const [name, inner] of Object.entries(value)) copy[name] = hideEverywhere(inner, walk);
  if (!Array.isArray(copy["fromClause"])) return copy;
  const sources = list(copy, "fromClause").map((item) => hideIn(item, walk));
  const conditions = sources.flatMap((source) => source.conditions);
  const where = allOf(copy["whereClause"], conditions);
  return {
    ...copy,
    fromClause: sources.map(({ item }) => item),
    ...(where === undefined ? {} : { whereClause: where }),
  };
}

/** `DELETE FROM a USING b` → `UPDATE a SET deleted_at = … FROM b`. */
function asUpdate(statement: ParsedStatement, moment: number): ParsedStatement {
  const { usingClause, ...body } = tagged(statement.node, "DeleteStmt") ?? {};
  const targetList = [targetNode(deletedAt, momentNode(moment))];
  const from = usingClause === undefined ? {} : { fromClause: usingClause };
  return withNode(statement, "UpdateStmt", { ...body, targetList, ...from });
}

/** ON CONFLICT DO UPDATE; null where there is none. */
function upsertOf({ tag, node }: ParsedStatement): Tree | null {
  const conflict = tag === "InsertStmt" ? child(tagged(node, tag), "onConflictClause") : null;
  return textOf(conflict, "action") === "ONCONFLICT_UPDATE" ? conflict : null;
}

/** The statement as it treats rows that are only marked as deleted. `moment` is the placeholder's number. */
export function addSoftDelete(
  original: ParsedStatement,
  rules: RowRules,
  moment: number,
  tables: Tables,
  faults: RuleFault[],
): ParsedStatement {
  const fault = (message: string): void => void faults.push({ place: "/soft_delete", message });
  const statement = original.tag === "DeleteStmt" ? asUpdate(original, moment) : original;
  const table = changedTableOf(statement, tables);
  const reason = table === null ? null : momentFault(table, deletedAt);
  const isMarked = statement.tag === "UpdateStmt" || upsertOf(statement) !== null || rules.unique.length > 0;
  if (isMarked && reason !== null) fault(reason);
  const ctes = [...visit(statement.node)].filter(([tag]) => tag === "CommonTableExpr");
  const given = new Set(ctes.map(([, cte]) => textOf(cte, "ctename")));
  const walk: Walk = { tables, given, fault, found: 0 };
  const body = hideEverywhere(tagged(statement.node, statement.tag), walk);
  if (!isMarked && walk.found === 0) {
    fault(
      `no table that this ${original.tag === "InsertStmt" ? "INSERT reads" : "SELECT reads"} has a column "${deletedAt}"`,
    );
  }
  if (!isTree(body)) return statement;
  if (table === null || statement.tag === "SelectStmt") return withNode(statement, statement.tag, body);
  const guard = (holder: Tree): Tree => ({
    ...holder,
    whereClause: allOf(holder["whereClause"], [notDeleted(table.alias)]),
  });
  if (statement.tag === "UpdateStmt") return withNode(statement, "UpdateStmt", guard(body));
  const upsert = upsertOf(statement);
  return withNode(statement, "InsertStmt", upsert === null ? body : { ...body, onConflictClause: guard(upsert) });
}
