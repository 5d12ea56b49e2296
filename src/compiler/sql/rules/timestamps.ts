/**
 * `with_timestamps`: makes an INSERT or UPDATE set `created_at` and `updated_at` to the request's moment where it does
 * not set them itself.
 */
import type { RuleFault } from "./rule.ts";
import type { Tables } from "../target.ts";
import { momentNode, targetNode } from "../nodes.ts";
import type { ParsedStatement } from "../parse.ts";
import { withNode } from "../parse.ts";
import { momentFault, changedTableOf } from "../changed-table.ts";
import type { Tree } from "../tree.ts";
import { child, list, tagged, textOf } from "../tree.ts";

/** The columns of a list that the statement does not set itself. */
function missingIn(targets: readonly unknown[], columns: readonly string[]): string[] {
  const set = new Set(targets.map((target) => textOf(tagged(target, "ResTarget"), "name").toLowerCase()));
  return columns.filter((column) => !set.has(column));
}

/** The rows that an INSERT inserts, each with more values: of VALUES, of a SELECT, of each part of a UNION. */
function appendValues(select: Tree, values: readonly Tree[]): Tree {
  const rows = list(select, "valuesLists");
  if (rows.length > 0) {
    const longer = rows.map((row) => ({ List: { items: [...list(tagged(row, "List"), "items"), ...values] } }));
    return { ...select, valuesLists: longer };
  }
  const [left, right] = [child(select, "larg"), child(select, "rarg")];
  if (left !== null && right !== null) {
    return { ...select, larg: appendValues(left, values), rarg: appendValues(right, values) };
  }
  const targets = values.map((value) => ({ ResTarget: { val: value } }));
  return { ...select, targetList: [...list(select, "targetList"), ...targets] };
}

function changeInsert(insert: Tree, moment: Tree): Tree | string {
  const columns = list(insert, "cols");
  const select = tagged(insert["selectStmt"], "SelectStmt");
  if (columns.length === 0 || select === null) return "expected an INSERT that lists its columns";
  const missing = missingIn(columns, ["created_at", "updated_at"]);
  const added = missing.map((name) => targetNode(name));
  const values = missing.map(() => moment);
  const changed: Tree = { ...insert, cols: [...columns, ...added] };
  changed["selectStmt"] = { SelectStmt: appendValues(select, values) };
  const conflict = child(insert, "onConflictClause");
  if (textOf(conflict, "action") === "ONCONFLICT_UPDATE") {
    changed["onConflictClause"] = { ...conflict, ...changeSet(conflict, moment) };
  }
  return changed;
}

function changeSet(holder: Tree | null, moment: Tree): Tree {
  const targets = list(holder, "targetList");
  const added = missingIn(targets, ["updated_at"]).map((name) => targetNode(name, moment));
  return { targetList: [...targets, ...added] };
}

/** The statement with its timestamps. `rule` is the ABI's spelling, for the faults; `moment` the placeholder's number. */
export function addTimestamps(
  statement: ParsedStatement,
  rule: string,
  moment: number,
  tables: Tables,
  faults: RuleFault[],
): ParsedStatement {
  const { tag, node } = statement;
  const fault = (message: string): ParsedStatement => {
    faults.push({ place: `/${rule}`, message });
    return statement;
  };
  if (tag === "SelectStmt") return fault("a SELECT sets no columns; expected INSERT or UPDATE");
  if (tag === "DeleteStmt") return fault('a DELETE sets no columns; expected INSERT or UPDATE, or "soft_delete": true');
  const body = tagged(node, tag);
  const table = changedTableOf(statement, tables);
  if (body === null || table === null) return statement;
  for (const column of ["created_at", "updated_at"]) {
    const reason = momentFault(table, column);
    if (reason !== null) fault(reason);
  }
  const value = momentNode(moment);
  const changed = tag === "InsertStmt" ? changeInsert(body, value) : { ...body, ...changeSet(body, value) };
  return typeof changed === "string" ? fault(changed) : withNode(statement, tag, changed);
}
