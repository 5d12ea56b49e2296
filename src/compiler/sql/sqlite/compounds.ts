/**
 * Rewrites subqueries, without a change of meaning, into a form that the printer and SQLite take: parts of a UNION have
 * no parentheses, and subqueries of SET no named columns, which the printer would take for assignments.
 */
import type { Tree } from "../tree.ts";
import { child, isTree, list, rewrite, tagged, textOf, visit } from "../tree.ts";

const allColumns: Tree = { ResTarget: { val: { ColumnRef: { fields: [{ A_Star: {} }] } } } };

/** Only such a part stands in a UNION without parentheses. */
function isPlainPart(select: Tree): boolean {
  const hasMore = ["sortClause", "limitCount", "limitOffset", "withClause"].some((name) => select[name] !== undefined);
  return !hasMore && child(select, "larg") === null;
}

function wrapPart(part: Tree): Tree {
  if (isPlainPart(part)) return part;
  const inner = { subquery: { SelectStmt: part }, alias: { aliasname: "part" } };
  const plain = { limitOption: "LIMIT_OPTION_DEFAULT", op: "SETOP_NONE" };
  return { ...plain, targetList: [allColumns], fromClause: [{ RangeSubselect: inner }] };
}

/** A copy in which each part of a UNION that is more than one SELECT is a subquery: parts carry no tag. */
export function flattenCompounds(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(flattenCompounds);
  if (!isTree(value)) return value;
  const copy: Tree = {};
  for (const [name, inner] of Object.entries(value)) copy[name] = flattenCompounds(inner);
  const [left, right] = [child(copy, "larg"), child(copy, "rarg")];
  // A join has members of these names, too.
  if (copy["op"] === undefined || left === null || right === null) return copy;
  return { ...copy, larg: wrapPart(left), rarg: wrapPart(right) };
}

/** The columns of a subquery that is a value have no use for names, unless it is sorted by them. */
function unnameSubquery(node: Tree): Tree | null {
  const select = tagged(node["subselect"], "SelectStmt");
  if (select === null || select["sortClause"] !== undefined || child(select, "larg") !== null) return null;
  const targetList = list(select, "targetList").map((target) => {
    const { name: _, ...rest } = tagged(target, "ResTarget") ?? {};
    return { ResTarget: rest };
  });
  return { SubLink: { ...node, subselect: { SelectStmt: { ...select, targetList } } } };
}

/** A copy without names in the subqueries of SET, or what stands in the way. */
export function unnameAssigned(value: unknown): { readonly tree: unknown; readonly refusal: string | null } {
  let refusal: string | null = null;
  const unname = (holder: Tree): Tree => {
    // DO NOTHING sets nothing, and must not look as if it did.
    if (holder["targetList"] === undefined) return holder;
    const targets = list(holder, "targetList").map((target) => {
      const assigned = tagged(target, "ResTarget");
      const changed = rewrite(assigned?.["val"], (tag, node) => (tag === "SubLink" ? unnameSubquery(node) : null));
      const isNamed = [...visit(changed)].some(([tag, node]) => tag === "ResTarget" && textOf(node, "name") !== "");
      if (isNamed) refusal = "named columns in a subquery of SET: write the subquery as a WITH clause";
      return { ResTarget: { ...assigned, val: changed } };
    });
    return { ...holder, targetList: targets };
  };
  const tree = rewrite(value, (tag, node) => {
    if (tag === "UpdateStmt") return { UpdateStmt: unname(node) };
    const conflict = tag === "InsertStmt" ? child(node, "onConflictClause") : null;
    return conflict === null ? null : { InsertStmt: { ...node, onConflictClause: unname(conflict) } };
  });
  return { tree, refusal };
}
