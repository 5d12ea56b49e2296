/**
 * Rewrites PostgreSQL's parse tree into the part of the language that SQLite understands with the same meaning, and
 * refuses everything else by name. It lists what is allowed, because a printer lets through what merely looks alike:
 * SQLite makes a number of what is cast to an unknown type, and sorts NULL its own way.
 */
import { castKind } from "../casts.ts";
import { flattenCompounds, unnameAssigned } from "./compounds.ts";
import { makeCountsPortable } from "../rules/row-counts.ts";
import { clauseRefusals, expressionRefusal, nodeRefusal } from "./refusals.ts";
import type { Tree } from "../tree.ts";
import { child, isTree, list, names, rewrite, tagged, textOf, visit } from "../tree.ts";

/** PostgreSQL's functions that mean the same in SQLite under the same name. */
const sameFunctions: ReadonlySet<string> = new Set([
  ..."abs ceil floor round sign mod lower upper length octet_length replace trim ltrim rtrim".split(" "),
  ..."substr substring count sum avg min max".split(" "),
  ..."row_number rank dense_rank ntile lag lead first_value last_value nth_value".split(" "),
]);
/** PostgreSQL's function → SQLite's, with the same arguments. */
const renamedFunctions: ReadonlyMap<string, string> = new Map([
  ["btrim", "trim"],
  ["char_length", "length"],
  ["character_length", "length"],
  ["position", "instr"],
  ["string_agg", "group_concat"],
  ["strpos", "instr"],
]);
/** PostgreSQL's functions that tell the time. */
export const momentFunctions: ReadonlySet<string> = new Set([
  "now",
  "transaction_timestamp",
  "statement_timestamp",
  "clock_timestamp",
]);
/** What to write instead of a function that SQLite lacks. */
const advice: ReadonlyMap<string, string> = new Map([
  ["concat", "write a || b"],
  ["gen_random_uuid", "bind $GENERATOR.UUID"],
  ["uuid_generate_v4", "bind $GENERATOR.UUID"],
]);

/** Collects what the walk finds. */
interface Walk {
  readonly refusals: Set<string>;
  readonly warnings: Set<string>;
  /** Tells of a column's name if it can hold no NULL wherever it stands in this statement. */
  readonly isNeverNull: (column: string) => boolean;
}

function text(value: string): Tree {
  return { A_Const: { sval: { sval: value } } };
}

/** `substring(a, 1, 2)`, also where it is spelt `substring(a FROM 1 FOR 2)`. */
function call(name: string, args: readonly unknown[], rest: Tree = {}): Tree {
  return { FuncCall: { ...rest, funcname: [{ String: { sval: name } }], args, funcformat: "COERCE_EXPLICIT_CALL" } };
}

/** The moment in the one form that the runtime stores: RFC 3339 UTC with milliseconds, so that text compares by time. */
const moment = (): Tree => call("strftime", [text("%Y-%m-%dT%H:%M:%fZ"), text("now")]);

function changeCall(node: Tree, walk: Walk): Tree {
  const name = names(list(node, "funcname")).at(-1) ?? "";
  if (list(node, "agg_order").length > 0 || node["agg_within_group"] === true) {
    walk.refusals.add(`ORDER BY inside ${name}()`);
  }
  if (momentFunctions.has(name)) return moment();
  const renamed = renamedFunctions.get(name);
  if (renamed === undefined && !sameFunctions.has(name)) {
    const hint = advice.get(name);
    walk.refusals.add(`the function ${name}()${hint === undefined ? "" : `: ${hint}`}`);
  }
  return call(renamed ?? name, list(node, "args"), node);
}

function cast(argument: unknown, type: string): Tree {
  return { TypeCast: { arg: argument, typeName: { names: [{ String: { sval: type } }], typemod: -1 } } };
}

/** `'t'::boolean`, which is how the grammar lets TRUE be spelt, too. */
function changeBoolean(argument: unknown): unknown {
  const spelt = textOf(child(tagged(argument, "A_Const"), "sval"), "sval");
  if (!/^(?:t|true|f|false)$/.test(spelt)) return argument;
  return { A_Const: { boolval: spelt.startsWith("t") ? { boolval: true } : {} } };
}

function isMoment(node: unknown): boolean {
  return names(list(tagged(node, "FuncCall"), "funcname"))[0] === "strftime";
}

function isAny(node: unknown, tags: readonly string[]): boolean {
  return tags.some((tag) => tagged(node, tag) !== null);
}

/** A written-out moment in the runtime's form; null where it is none. A moment without a zone is UTC, as on the servers. */
function changeMoment(written: string): Tree | null {
  const found = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?))?(Z|[+-]\d\d(?::\d\d)?)?$/.exec(written);
  const [, day = "", time = "00:00", zone = "Z"] = found ?? [];
  const moment = new Date(`${day}T${time}${zone.length === 3 ? `${zone}:00` : zone}`);
  return Number.isNaN(moment.getTime()) ? null : text(moment.toISOString());
}

/** What is stored as text in one form stays as it is: a cast would make a number of it. Null = not possible. */
function changeTextual(argument: unknown, kind: "timestamp" | "json" | "keep", type: string): unknown {
  if (tagged(argument, "ParamRef") !== null) return argument;
  const constant = tagged(argument, "A_Const");
  if (constant !== null) return kind === "timestamp" ? changeMoment(textOf(child(constant, "sval"), "sval")) : argument;
  if (kind === "timestamp") return isMoment(argument) || isAny(argument, ["ColumnRef"]) ? argument : null;
  // A date or time of a column is a part of what it holds.
  return isAny(argument, ["ColumnRef"]) && type !== "date" && type !== "time" ? argument : null;
}

function changeCast(node: Tree, walk: Walk): unknown {
  const argument = node["arg"];
  const typeName = child(node, "typeName");
  const type = names(list(typeName, "names")).at(-1) ?? "";
  const isArray = list(typeName, "arrayBounds").length > 0;
  const isBound = tagged(argument, "ParamRef") !== null;
  const kind = isArray ? "unknown" : castKind(type);
  switch (kind) {
    case "text":
      // The runtime binds text already.
      return isBound ? argument : cast(argument, "text");
    case "integer":
      // D1 binds every number as a fraction.
      return cast(argument, "integer");
    case "number":
      return isBound ? argument : cast(argument, "real");
    case "boolean":
      return changeBoolean(argument);
    case "bytes":
      if (!isBound) walk.refusals.add(`the cast of an expression to ${type}`);
      return argument;
    case "timestamp":
    case "json":
    case "keep": {
      const changed = changeTextual(argument, kind, type);
      if (changed === null) walk.refusals.add(`the cast of an expression to ${type}`);
      return changed;
    }
    case "unknown":
      walk.refusals.add(`the type ${type}${isArray ? "[]" : ""}`);
      return argument;
    default:
      return kind satisfies never;
  }
}

/** PostgreSQL takes NULL for the largest value, SQLite for the smallest. */
function changeSort(node: Tree, walk: Walk): Tree | null {
  if (textOf(node, "sortby_nulls") !== "SORTBY_NULLS_DEFAULT") return null;
  const column = names(list(tagged(node["node"], "ColumnRef"), "fields")).at(-1);
  // Without need, the words would keep SQLite from using an index for the order.
  if (column !== undefined && walk.isNeverNull(column)) return null;
  const isDescending = textOf(node, "sortby_dir") === "SORTBY_DESC";
  return { SortBy: { ...node, sortby_nulls: isDescending ? "SORTBY_NULLS_FIRST" : "SORTBY_NULLS_LAST" } };
}

function changeExpression(node: Tree, walk: Walk): Tree | null {
  const refusal = expressionRefusal(node);
  if (refusal !== null) walk.refusals.add(refusal);
  const kind = textOf(node, "kind");
  if (kind === "AEXPR_LIKE") {
    walk.warnings.add("on D1, LIKE takes a and A for the same letter: write ILIKE, which does so everywhere");
  }
  if (kind !== "AEXPR_ILIKE") return null;
  const operator = names(list(node, "name")).at(-1) === "!~~*" ? "!~~" : "~~";
  const [lexpr, rexpr] = [node["lexpr"], node["rexpr"]].map((side) => call("lower", [side]));
  return { A_Expr: { ...node, kind: "AEXPR_LIKE", name: [{ String: { sval: operator } }], lexpr, rexpr } };
}

/** SQLite has no word for a truth value that is NULL. */
function changeTruth({ arg, booltesttype }: Tree): Tree | null {
  if (booltesttype === "IS_UNKNOWN") return { NullTest: { arg, nulltesttype: "IS_NULL" } };
  return booltesttype === "IS_NOT_UNKNOWN" ? { NullTest: { arg, nulltesttype: "IS_NOT_NULL" } } : null;
}

function changeNode(tag: string, node: Tree, walk: Walk): unknown {
  for (const refusal of [...nodeRefusal(tag), ...clauseRefusals(tag, node)]) walk.refusals.add(refusal);
  switch (tag) {
    case "FuncCall":
      return changeCall(node, walk);
    case "TypeCast":
      return changeCast(node, walk);
    case "SortBy":
      return changeSort(node, walk);
    case "A_Expr":
      return changeExpression(node, walk);
    case "BooleanTest":
      return changeTruth(node);
    case "SQLValueFunction":
      if (textOf(node, "op") === "SVFOP_CURRENT_TIMESTAMP") return moment();
      walk.refusals.add(textOf(node, "op").replace("SVFOP_", ""));
      return null;
    default:
      return null;
  }
}

/** `public.gallery` → `gallery`. The table of a changing statement is a structure without tag: all are looked at. */
function dropSchema(value: unknown, walk: Walk): unknown {
  if (Array.isArray(value)) return value.map((item) => dropSchema(item, walk));
  if (!isTree(value)) return value;
  const copy: Tree = {};
  for (const [name, inner] of Object.entries(value)) {
    if (name !== "schemaname") copy[name] = dropSchema(inner, walk);
    else if (inner !== "public") walk.refusals.add(`the schema ${String(inner)}`);
  }
  return copy;
}

export interface Portable {
  readonly tree: unknown;
  /** What SQLite has no equal for, ready for a message. */
  readonly refusals: readonly string[];
  readonly warnings: readonly string[];
}

/** Names that a result list gives to something else than the column of that name: ORDER BY may mean those. */
function aliasesOf(result: Tree): Set<string> {
  const targets = [...visit(result)].filter(([tag]) => tag === "ResTarget").map(([, target]) => target);
  const renamed = targets.filter((target) => {
    const column = names(list(tagged(target["val"], "ColumnRef"), "fields")).at(-1);
    return textOf(target, "name") !== "" && column !== textOf(target, "name");
  });
  return new Set(renamed.map((target) => textOf(target, "name")));
}

/** Rewrites a whole parse result. `isNeverNull` tells of a column's name if every table forbids NULL in it. */
export function makePortable(result: Tree, isNeverNull: (column: string) => boolean): Portable {
  const joins = [...visit(result)].filter(([tag]) => tag === "JoinExpr");
  const hasOuterJoin = joins.some(([, join]) => textOf(join, "jointype") !== "JOIN_INNER");
  const aliases = aliasesOf(result);
  const walk: Walk = {
    refusals: new Set(),
    warnings: new Set(),
    isNeverNull: (column) => !hasOuterJoin && !aliases.has(column) && isNeverNull(column),
  };
  const rewritten = rewrite(dropSchema(result, walk), (tag, node) => changeNode(tag, node, walk));
  const { tree, refusal } = unnameAssigned(flattenCompounds(makeCountsPortable(rewritten)));
  if (refusal !== null) walk.refusals.add(refusal);
  return { tree, refusals: [...walk.refusals], warnings: [...walk.warnings] };
}
