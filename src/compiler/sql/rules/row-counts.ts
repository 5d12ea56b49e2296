/**
 * LIMIT and OFFSET: which parameters are numbers of rows, which written-out values are not, and how SQLite is made to
 * take them as PostgreSQL does.
 */
import type { ParsedStatement } from "../parse.ts";
import type { Tree } from "../tree.ts";
import { child, isTree, list, numberOf, tagged, textOf } from "../tree.ts";

const clauses = [
  ["limitCount", "LIMIT"],
  ["limitOffset", "OFFSET"],
] as const;

/** Each clause's expression, also of a UNION's parts, which carry no tag. */
function* countsIn(value: unknown): Generator<readonly [clause: string, expression: unknown]> {
  if (Array.isArray(value)) for (const item of value) yield* countsIn(item);
  if (!isTree(value)) return;
  for (const [member, clause] of clauses) if (value[member] !== undefined) yield [clause, value[member]];
  for (const inner of Object.values(value)) yield* countsIn(inner);
}

/** What the number itself may be: behind casts, and each argument of COALESCE. */
function alternatives(expression: unknown): unknown[] {
  const cast = tagged(expression, "TypeCast");
  if (cast !== null) return alternatives(cast["arg"]);
  const choice = tagged(expression, "CoalesceExpr");
  return choice === null ? [expression] : list(choice, "args").flatMap(alternatives);
}

/** A constant as it is written; null for NULL and ALL, and for what is no constant. */
function writtenConstant(expression: unknown): string | null {
  const constant = tagged(expression, "A_Const");
  if (constant === null || constant["isnull"] === true) return null;
  const whole = child(constant, "ival");
  if (whole !== null) return String(numberOf(whole, "ival"));
  if (child(constant, "boolval") !== null) return "boolean";
  return textOf(child(constant, "fval"), "fval") || textOf(child(constant, "sval"), "sval");
}

/** As a text: what the runtime takes, too. */
export const isRowCount = (text: string): boolean => /^\d+$/.test(text);

/** Written-out numbers that both targets refuse, or take for "all", only when the statement runs. */
export function rowCountFaults({ node }: ParsedStatement): string[] {
  return [...countsIn(node)].flatMap(([clause, expression]) =>
    alternatives(expression)
      .map(writtenConstant)
      .filter((text) => text !== null)
      .filter((text) => !isRowCount(text))
      .map((text) => `${clause} ${text}: expected a whole number of 0 or more`),
  );
}

/**
 * Numbers of the placeholders whose values the runtime has to check; 0 stands for what is none. The result of a
 * calculation is the target's to refuse.
 */
export function rowCountPlaceholders({ node }: ParsedStatement): ReadonlySet<number> {
  const expressions = [...countsIn(node)].flatMap(([, expression]) => alternatives(expression));
  return new Set(expressions.map((value) => numberOf(tagged(value, "ParamRef"), "number")));
}

const constant = (value: number): Tree => ({ A_Const: { ival: { ival: value } } });

/** No number for SQLite, which refuses it as it would a text of a client's. */
const refused: Tree = { A_Const: { sval: { sval: "negative" } } };

/** NULL is no limit on PostgreSQL and a fault on SQLite, a negative one the other way round. */
function portableCount(expression: unknown, whole: number): unknown {
  if (writtenConstant(expression) !== null) return expression;
  const orAll = { CoalesceExpr: { args: [expression, constant(whole)] } };
  const isChecked = alternatives(expression).every(
    (value) => isTree(value) && ("ParamRef" in value || "A_Const" in value),
  );
  if (isChecked) return orAll;
  // A text is never less than a number.
  const number = { TypeCast: { arg: expression, typeName: { names: [{ String: { sval: "integer" } }], typemod: -1 } } };
  const isNegative = {
    A_Expr: { kind: "AEXPR_OP", name: [{ String: { sval: "<" } }], lexpr: number, rexpr: constant(0) },
  };
  return { CaseExpr: { args: [{ CaseWhen: { expr: isNegative, result: refused } }], defresult: orAll } };
}

/** A copy whose LIMIT and OFFSET mean on SQLite what they mean on PostgreSQL. SQLite has no OFFSET without a LIMIT. */
export function makeCountsPortable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(makeCountsPortable);
  if (!isTree(value)) return value;
  const copy: Tree = {};
  for (const [name, inner] of Object.entries(value)) copy[name] = makeCountsPortable(inner);
  const { limitCount, limitOffset } = copy;
  if (limitCount === undefined && limitOffset === undefined) return copy;
  copy["limitCount"] = isAll(limitCount) ? constant(-1) : portableCount(limitCount, -1);
  if (limitOffset !== undefined) copy["limitOffset"] = portableCount(limitOffset, 0);
  return copy;
}

function isAll(limit: unknown): boolean {
  return limit === undefined || tagged(limit, "A_Const")?.["isnull"] === true;
}
