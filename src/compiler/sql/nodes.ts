/** Builds the few nodes of PostgreSQL's parse tree that the compiler adds to statements. */
import type { Tree } from "./tree.ts";

const word = (sval: string): Tree => ({ String: { sval } });

/** `table.column`, or a column alone. */
export function columnNode(...path: readonly string[]): Tree {
  return { ColumnRef: { fields: path.map(word) } };
}

/** `$number::timestamptz`. The cast tells PostgreSQL the type wherever it stands, and the runtime how to bind. */
export function momentNode(number: number): Tree {
  return {
    TypeCast: { arg: { ParamRef: { number } }, typeName: { names: [word("timestamptz")], typemod: -1 } },
  };
}

/** `column = value` of a SET, or one column of a list. */
export function targetNode(name: string, value?: unknown): Tree {
  return { ResTarget: value === undefined ? { name } : { name, val: value } };
}

export function isNullNode(arg: Tree): Tree {
  return { NullTest: { arg, nulltesttype: "IS_NULL" } };
}

/** The condition with more of them, `undefined` being none. */
export function allOf(condition: unknown, more: readonly Tree[]): unknown {
  const args = condition === undefined ? more : [condition, ...more];
  return args.length < 2 ? args[0] : { BoolExpr: { boolop: "AND_EXPR", args } };
}
