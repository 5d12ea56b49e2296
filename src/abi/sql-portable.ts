/**
 * Rewrites PostgreSQL's parse tree into the part of the language that SQLite understands with the same meaning, and
 * refuses everything else by name. A list of what is allowed, because a printer lets through what merely looks alike:
 * SQLite casts an unknown type to a number, divides and sorts NULLs its own way. It knows the tables' NOT NULL
 * columns, and nothing of ABIs.
 */
import { castKind } from "./sql-casts.ts";
import type { Tree } from "./sql-tree.ts";
import { child, isTree, list, names, rewrite, tagged, textOf, visit } from "./sql-tree.ts";

const plainNodes: ReadonlySet<string> = new Set([
  ..."SelectStmt InsertStmt UpdateStmt DeleteStmt ResTarget ColumnRef String Integer A_Star A_Const ParamRef".split(
    " ",
  ),
  ..."TypeCast A_Expr BoolExpr NullTest BooleanTest FuncCall CoalesceExpr CaseExpr CaseWhen SubLink RangeVar".split(
    " ",
  ),
  ..."RangeSubselect JoinExpr WithClause CommonTableExpr SortBy RowExpr List IndexElem SQLValueFunction WindowDef".split(
    " ",
  ),
]);

const nodeNames: Readonly<Record<string, string>> = {
  A_ArrayExpr: "ARRAY[…]",
  A_Indirection: "subscripts",
  CollateClause: "COLLATE",
  GroupingSet: "GROUPING SETS",
  LockingClause: "FOR UPDATE and other row locks",
  MinMaxExpr: "GREATEST and LEAST",
  MultiAssignRef: "SET (…) = …",
  RangeFunction: "functions in FROM",
  RangeTableSample: "TABLESAMPLE",
  SetToDefault: "DEFAULT as a value",
};

/** PostgreSQL's function → SQLite's, where arguments and results mean the same. */
const functions: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    "abs ceil floor round sign mod lower upper length octet_length replace trim ltrim rtrim substr substring position count sum avg min max string_agg row_number rank dense_rank ntile lag lead first_value last_value nth_value"
      .split(" ")
      .map((name) => [name, name]),
  ),
  btrim: "trim",
  char_length: "length",
  character_length: "length",
  strpos: "instr",
};
const momentFunctions: ReadonlySet<string> = new Set([
  "now",
  "transaction_timestamp",
  "statement_timestamp",
  "clock_timestamp",
]);
const advice: Readonly<Record<string, string>> = {
  concat: "write a || b",
  gen_random_uuid: "bind $GENERATOR.UUID",
  uuid_generate_v4: "bind $GENERATOR.UUID",
};

const operators: ReadonlySet<string> = new Set("= <> < > <= >= + - * % || -> ->>".split(" "));
const expressionKinds: Readonly<Record<string, string>> = {
  AEXPR_OP_ANY: "= ANY (array): write IN ($1, $2, …)",
  AEXPR_OP_ALL: "an operator with ALL (array)",
  AEXPR_SIMILAR: "SIMILAR TO",
  AEXPR_BETWEEN_SYM: "BETWEEN SYMMETRIC",
  AEXPR_NOT_BETWEEN_SYM: "BETWEEN SYMMETRIC",
};

function constant(text: string): Tree {
  return { A_Const: { sval: { sval: text } } };
}

function call(name: string, args: readonly unknown[]): Tree {
  return { FuncCall: { funcname: [{ String: { sval: name } }], args, funcformat: "COERCE_EXPLICIT_CALL" } };
}

/** The moment in the one form that the runtime stores: RFC 3339 UTC with milliseconds, so that text compares by time. */
function moment(): Tree {
  return call("strftime", [constant("%Y-%m-%dT%H:%M:%fZ"), constant("now")]);
}

export interface Portable {
  readonly tree: unknown;
  /** What SQLite has no equal for, ready for a message. */
  readonly refusals: readonly string[];
  readonly warnings: readonly string[];
}

/** Rewrites a whole parse result. `isNeverNull` tells of a column name whether all tables in reach forbid NULL in it. */
export function makePortable(result: Tree, isNeverNull: (column: string) => boolean): Portable {
  const refusals = new Set<string>();
  const warnings = new Set<string>();
  const refuse = (what: string): void => void refusals.add(what);
  const outerJoin = [...visit(result)].some(
    ([tag, node]) => tag === "JoinExpr" && textOf(node, "jointype") !== "JOIN_INNER",
  );

  function changeCall(node: Tree): Tree | null {
    const name = names(list(node, "funcname")).at(-1) ?? "";
    if (list(node, "agg_order").length > 0 || node["agg_within_group"] === true) refuse(`ORDER BY inside ${name}()`);
    if (momentFunctions.has(name)) return moment();
    const portable = functions[name];
    if (portable === undefined) {
      refuse(`the function ${name}()${advice[name] === undefined ? "" : `: ${advice[name]}`}`);
      return null;
    }
    return portable === name ? null : { FuncCall: { ...node, funcname: [{ String: { sval: portable } }] } };
  }

  function changeCast(node: Tree): unknown {
    const argument = node["arg"];
    const typeNames = names(list(child(node, "typeName"), "names"));
    const type = typeNames.at(-1) ?? "";
    const kind = list(child(node, "typeName"), "arrayBounds").length > 0 ? "unknown" : castKind(type);
    const named = (name: string): Tree => ({
      TypeCast: { arg: argument, typeName: { names: [{ String: { sval: name } }], typemod: -1 } },
    });
    switch (kind) {
      case "text":
        return named("text");
      case "integer":
        return named("integer");
      case "number":
        // A bound number stays exact as it is; anything else needs the conversion.
        return tagged(argument, "ParamRef") === null ? named("real") : argument;
      case "boolean": {
        // The grammar writes TRUE and FALSE as constants; older spellings are 't' and 'f'.
        const spelt = textOf(child(tagged(argument, "A_Const"), "sval"), "sval");
        if (/^(?:t|true|f|false)$/.test(spelt))
          return { A_Const: { boolval: spelt.startsWith("t") ? { boolval: true } : {} } };
        return argument;
      }
      case "timestamp":
      case "json":
      case "keep":
        // Stored as text in one form: a cast would make a number of it.
        if (["ParamRef", "A_Const", "ColumnRef"].some((tag) => tagged(argument, tag) !== null) || isMoment(argument))
          return argument;
        refuse(`the cast of an expression to ${type}`);
        return null;
      case "bytes":
        return argument;
      default:
        refuse(`the type ${type}`);
        return null;
    }
  }

  function checkExpression(node: Tree): void {
    const kind = textOf(node, "kind");
    const operator = names(list(node, "name")).at(-1) ?? "";
    const refused = expressionKinds[kind];
    if (refused !== undefined) refuse(refused);
    else if (kind === "AEXPR_OP" && !operators.has(operator)) refuse(`the operator ${operator}`);
    if (kind === "AEXPR_LIKE") warnings.add("LIKE does not tell a from A on D1 (as ILIKE on PostgreSQL): write ILIKE");
  }

  /** PostgreSQL holds NULL for the largest value, SQLite for the smallest. */
  function changeSort(node: Tree): Tree | null {
    if (textOf(node, "sortby_nulls") !== "SORTBY_NULLS_DEFAULT") return null;
    const column = names(list(tagged(node["node"], "ColumnRef"), "fields")).at(-1);
    if (column !== undefined && !outerJoin && isNeverNull(column)) return null;
    const last = textOf(node, "sortby_dir") !== "SORTBY_DESC";
    return { SortBy: { ...node, sortby_nulls: last ? "SORTBY_NULLS_LAST" : "SORTBY_NULLS_FIRST" } };
  }

  function checkClauses(tag: string, node: Tree): void {
    if (list(node, "distinctClause").some((item) => isTree(item) && Object.keys(item).length > 0))
      refuse("DISTINCT ON");
    if (textOf(node, "limitOption") === "LIMIT_OPTION_WITH_TIES") refuse("WITH TIES");
    if (list(node, "usingClause").length > 0 && tag === "DeleteStmt")
      refuse("DELETE … USING: write WHERE id IN (SELECT …)");
    if (node["lateral"] === true) refuse("LATERAL");
    if (tag === "InsertStmt" && textOf(node, "override") !== "OVERRIDING_NOT_SET") refuse("OVERRIDING");
    if (textOf(child(child(node, "onConflictClause"), "infer"), "conname") !== "")
      refuse("ON CONFLICT ON CONSTRAINT: name the columns");
    if (tag === "CommonTableExpr" && tagged(node["ctequery"], "SelectStmt") === null)
      refuse("a WITH clause that changes rows");
    if (tag === "SubLink" && !["EXISTS_SUBLINK", "ANY_SUBLINK", "EXPR_SUBLINK"].includes(textOf(node, "subLinkType"))) {
      refuse("a subquery with ALL or ARRAY");
    }
    if (tag === "SubLink" && list(node, "operName").length > 0)
      refuse("an operator with ANY (SELECT …): write IN (SELECT …)");
  }

  function changeNode(tag: string, node: Tree): unknown {
    if (!plainNodes.has(tag)) refuse(nodeNames[tag] ?? tag);
    checkClauses(tag, node);
    switch (tag) {
      case "FuncCall":
        return changeCall(node);
      case "TypeCast":
        return changeCast(node);
      case "SortBy":
        return changeSort(node);
      case "A_Expr":
        checkExpression(node);
        return null;
      case "SQLValueFunction":
        if (textOf(node, "op") === "SVFOP_CURRENT_TIMESTAMP") return moment();
        refuse(textOf(node, "op").replace("SVFOP_", ""));
        return null;
      default:
        return null;
    }
  }

  const tree = rewrite(dropSchema(result, refuse), changeNode);
  return { tree, refusals: [...refusals], warnings: [...warnings] };
}

function isMoment(node: unknown): boolean {
  return names(list(tagged(node, "FuncCall"), "funcname"))[0] === "strftime";
}

/** `public.gallery` → `gallery`. The table of an INSERT, UPDATE or DELETE has no tag of its own, so all structures are looked at. */
function dropSchema(value: unknown, refuse: (what: string) => void): unknown {
  if (Array.isArray(value)) return value.map((item) => dropSchema(item, refuse));
  if (!isTree(value)) return value;
  const copy: Tree = {};
  for (const [name, inner] of Object.entries(value)) {
    if (name !== "schemaname") copy[name] = dropSchema(inner, refuse);
    else if (inner !== "public") refuse(`the schema ${String(inner)}`);
  }
  return copy;
}
