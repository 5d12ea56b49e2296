/**
 * What a name or an expression of a parsed statement is, as far as its tables and its form tell: PostgreSQL's rules for
 * which table a column belongs to, in subqueries and WITH clauses too.
 */
import type { CastKind } from "./casts.ts";
import { castKind } from "./casts.ts";
import type { ParsedStatement } from "./parse.ts";
import type { Tables } from "./target.ts";
import type { Tree } from "./tree.ts";
import { child, isTree, list, names, tagged, textOf } from "./tree.ts";

/** A column of a result, or of what a statement reads. */
interface Column {
  readonly name: string;
  readonly kind: CastKind;
  /** False where nothing tells. */
  readonly neverNull: boolean;
}

interface Source {
  /** Its alias, else its own name. */
  readonly name: string;
  readonly columns: readonly Column[];
}

/** The tables that a part of a statement can name. */
export interface SqlScope {
  readonly tables: Tables;
  readonly sources: readonly Source[];
  /** Columns of each WITH query. */
  readonly withs: ReadonlyMap<string, readonly Column[]>;
  /** Of the statement around a subquery. */
  readonly outer: SqlScope | null;
}

/** Around a statement there are tables only. */
export const outermost = (tables: Tables): SqlScope => ({ tables, sources: [], withs: new Map(), outer: null });

/** PostgreSQL's functions by what they return; `first` = what their first argument is. */
const functionKinds: ReadonlyMap<string, CastKind | "first"> = new Map([
  ...kindsOf("timestamp", "now transaction_timestamp statement_timestamp clock_timestamp"),
  ...kindsOf("integer", "count row_number rank dense_rank ntile"),
  ...kindsOf("integer", "length char_length character_length octet_length position strpos"),
  ...kindsOf("text", "lower upper replace trim btrim ltrim rtrim substr substring string_agg"),
  ...kindsOf("first", "min max sum abs mod lag lead first_value last_value nth_value"),
  ...kindsOf("number", "avg round ceil floor"),
]);

function kindsOf<Kind extends string>(kind: Kind, functions: string): [string, Kind][] {
  return functions.split(" ").map((name) => [name, kind]);
}

const isSame = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();

export const functionName = (call: Tree): string => names(list(call, "funcname")).at(-1) ?? "";

export const isComparison = (operator: string): boolean => /^(?:[<>]=?|=|<>)$/.test(operator);
export const isArithmetic = (operator: string): boolean => /^[-+*/%]$/.test(operator);

export const operatorOf = (expression: Tree): string => names(list(expression, "name")).at(-1) ?? "";

export function castType(cast: Tree): CastKind {
  const typeName = child(cast, "typeName");
  return list(typeName, "arrayBounds").length > 0 ? "unknown" : castKind(names(list(typeName, "names")).at(-1) ?? "");
}

/** What PostgreSQL makes of values of several kinds that have to be one. */
export function commonKind(kinds: readonly CastKind[]): CastKind {
  if (kinds.includes("number")) return "number";
  return kinds.find((kind) => kind !== "unknown") ?? "unknown";
}

/** The scope inside a SELECT. */
export function selectScope(select: Tree, outer: SqlScope): SqlScope {
  const inner = withScope(child(select, "withClause"), outer);
  return { ...inner, sources: list(select, "fromClause").flatMap((item) => sourcesOf(item, inner)) };
}

/** The scope inside an INSERT, UPDATE or DELETE. */
export function changeScope(statement: Tree, outer: SqlScope): SqlScope {
  const inner = withScope(child(statement, "withClause"), outer);
  const relation = child(statement, "relation");
  const target = relation === null ? [] : sourcesOf({ RangeVar: relation }, { ...inner, withs: new Map() });
  const excluded = target.map(({ columns }) => ({ name: "excluded", columns }));
  const others = [...list(statement, "fromClause"), ...list(statement, "usingClause")];
  const isInsert = statement["selectStmt"] !== undefined;
  return {
    ...inner,
    // A bare name in ON CONFLICT is the table's own.
    sources: [...target, ...(isInsert ? excluded : others.flatMap((item) => sourcesOf(item, inner)))],
  };
}

/** A nested scope that knows the WITH queries, each of which sees those before it; a recursive one sees its beginning. */
function withScope(clause: Tree | null, outer: SqlScope): SqlScope {
  const withs = new Map<string, readonly Column[]>();
  const scope: SqlScope = { tables: outer.tables, sources: [], withs, outer };
  for (const item of list(clause, "ctes")) {
    const query = tagged(item, "CommonTableExpr");
    const select = tagged(query?.["ctequery"], "SelectStmt");
    const columns = select === null ? [] : selectColumns(select, scope);
    withs.set(textOf(query, "ctename").toLowerCase(), renamed(columns, names(list(query, "aliascolnames"))));
  }
  return scope;
}

function renamed(columns: readonly Column[], aliases: readonly string[]): readonly Column[] {
  return columns.map((column, index) => ({ ...column, name: aliases[index] ?? column.name }));
}

function tableColumns(name: string, scope: SqlScope): readonly Column[] {
  for (let around: SqlScope | null = scope; around !== null; around = around.outer) {
    const found = around.withs.get(name.toLowerCase());
    if (found !== undefined) return found;
  }
  return scope.tables.get(name.toLowerCase()) ?? [];
}

function sourcesOf(item: unknown, scope: SqlScope): Source[] {
  const join = tagged(item, "JoinExpr");
  if (join !== null) return joined(join, scope);
  const table = tagged(item, "RangeVar");
  const subquery = tagged(item, "RangeSubselect");
  const alias = child(table ?? subquery, "alias");
  const select = tagged(subquery?.["subquery"], "SelectStmt");
  const columns = select === null ? tableColumns(textOf(table, "relname"), scope) : selectColumns(select, scope);
  return [{ name: textOf(alias, "aliasname") || textOf(table, "relname"), columns }];
}

/** The side of an outer join that may have no row has no columns that are never null. */
function joined(join: Tree, scope: SqlScope): Source[] {
  const type = textOf(join, "jointype");
  const side = (name: "larg" | "rarg", isOptional: boolean): Source[] => {
    const sources = sourcesOf(join[name], scope);
    return isOptional ? sources.map((source) => ({ ...source, columns: source.columns.map(orNull) })) : sources;
  };
  return [
    ...side("larg", type === "JOIN_RIGHT" || type === "JOIN_FULL"),
    ...side("rarg", type === "JOIN_LEFT" || type === "JOIN_FULL"),
  ];
}

const orNull = (column: Column): Column => ({ ...column, neverNull: false });

/** The columns that a statement returns, as far as its text tells. */
export function returnedColumns({ node, tag }: ParsedStatement, tables: Tables): readonly Column[] {
  const body = tagged(node, tag) ?? {};
  if (tag === "SelectStmt") return selectColumns(body, outermost(tables));
  const scope = changeScope(body, outermost(tables));
  return list(child(body, "returningClause"), "exprs").flatMap((target) =>
    targetColumns(tagged(target, "ResTarget"), scope),
  );
}

/** The columns that a SELECT returns. */
export function selectColumns(select: Tree, outer: SqlScope): readonly Column[] {
  const [left, right] = [child(select, "larg"), child(select, "rarg")];
  if (left !== null && right !== null) {
    const scope = withScope(child(select, "withClause"), outer);
    const others = selectColumns(right, scope);
    return selectColumns(left, scope).map(({ name, kind, neverNull }, index) => ({
      name,
      kind: commonKind([kind, others[index]?.kind ?? "unknown"]),
      neverNull: neverNull && (others[index]?.neverNull ?? false),
    }));
  }
  const scope = selectScope(select, outer);
  const [row] = list(select, "valuesLists");
  if (row !== undefined) {
    const items = list(tagged(row, "List"), "items");
    return items.map((item, index) => ({
      name: `column${String(index + 1)}`,
      kind: kindOf(item, scope),
      neverNull: false,
    }));
  }
  const columns = list(select, "targetList").flatMap((target) => targetColumns(tagged(target, "ResTarget"), scope));
  // ROLLUP and its like answer null for what they do not group by.
  const isRolledUp = list(select, "groupClause").some((item) => tagged(item, "GroupingSet") !== null);
  return isRolledUp ? columns.map(orNull) : columns;
}

function targetColumns(target: Tree | null, scope: SqlScope): readonly Column[] {
  const value = target?.["val"];
  const fields = list(tagged(value, "ColumnRef"), "fields");
  const path = names(fields);
  if (tagged(fields.at(-1), "A_Star") === null) {
    const name = textOf(target, "name") || (path.at(-1) ?? "");
    return [{ name, kind: kindOf(value, scope), neverNull: isNeverNull(value, scope) }];
  }
  const table = path.at(-2);
  return scope.sources
    .filter(({ name }) => table === undefined || isSame(name, table))
    .flatMap(({ columns }) => columns);
}

function findColumn(reference: Tree, scope: SqlScope): Column | null {
  const [column = "", table] = names(list(reference, "fields")).toReversed();
  for (let around: SqlScope | null = scope; around !== null; around = around.outer) {
    const sources = around.sources.filter(({ name }) => table === undefined || isSame(name, table));
    const found = sources.flatMap(({ columns }) => columns).find(({ name }) => isSame(name, column));
    if (found !== undefined) return found;
    if (table !== undefined && sources.length > 0) return null;
  }
  return null;
}

/** Tells if an expression has a value in every row. */
function isNeverNull(expression: unknown, scope: SqlScope): boolean {
  const column = tagged(expression, "ColumnRef");
  if (column !== null) return findColumn(column, scope)?.neverNull === true;
  const cast = tagged(expression, "TypeCast");
  if (cast !== null) return isNeverNull(cast["arg"], scope);
  const constant = tagged(expression, "A_Const");
  if (constant !== null) return constant["isnull"] !== true;
  const call = tagged(expression, "FuncCall");
  if (call !== null) return alwaysValued.has(functionName(call));
  const alternatives = list(tagged(expression, "CoalesceExpr"), "args");
  return alternatives.some((value) => isNeverNull(value, scope));
}

/** Functions that answer a value whatever they are asked. */
const alwaysValued: ReadonlySet<string> = new Set(
  "count row_number rank dense_rank now transaction_timestamp statement_timestamp clock_timestamp".split(" "),
);

function constantKind(constant: Tree): CastKind {
  if ("boolval" in constant) return "boolean";
  if ("ival" in constant) return "integer";
  // Text in quotes is of whatever type it meets, as a placeholder is.
  return "fval" in constant ? "number" : "unknown";
}

function operationKind(expression: Tree, scope: SqlScope): CastKind {
  const sides = [expression["lexpr"], expression["rexpr"]];
  const kind = textOf(expression, "kind");
  if (kind === "AEXPR_NULLIF") return kindOf(sides[0], scope);
  const operator = operatorOf(expression);
  if (kind !== "AEXPR_OP" || isComparison(operator)) return "boolean";
  if (operator === "||") return "text";
  if (operator === "->") return "json";
  return isArithmetic(operator) ? commonKind(sides.map((side) => kindOf(side, scope))) : "unknown";
}

function subqueryKind(link: Tree, scope: SqlScope): CastKind {
  const select = tagged(link["subselect"], "SelectStmt");
  if (textOf(link, "subLinkType") !== "EXPR_SUBLINK" || select === null) return "boolean";
  return selectColumns(select, scope)[0]?.kind ?? "unknown";
}

function callKind(call: Tree, scope: SqlScope): CastKind {
  const kind = functionKinds.get(functionName(call)) ?? "unknown";
  return kind === "first" ? kindOf(list(call, "args")[0], scope) : kind;
}

/** The values that a CASE can have. */
export const caseResults = (node: Tree): unknown[] => [
  ...list(node, "args").map((when) => tagged(when, "CaseWhen")?.["result"]),
  node["defresult"],
];

/** What PostgreSQL makes of an expression; `unknown` for what has no type of its own, placeholders above all. */
export function kindOf(expression: unknown, scope: SqlScope): CastKind {
  const [tag] = isTree(expression) ? Object.keys(expression) : [];
  const node = tag === undefined ? null : tagged(expression, tag);
  if (node === null) return "unknown";
  const common = (values: readonly unknown[]): CastKind => commonKind(values.map((value) => kindOf(value, scope)));
  switch (tag) {
    case "ColumnRef":
      return findColumn(node, scope)?.kind ?? "unknown";
    case "TypeCast":
      return castType(node);
    case "A_Const":
      return constantKind(node);
    case "A_Expr":
      return operationKind(node, scope);
    case "FuncCall":
      return callKind(node, scope);
    case "CoalesceExpr":
      return common(list(node, "args"));
    case "CaseExpr":
      return common(caseResults(node));
    case "SubLink":
      return subqueryKind(node, scope);
    case "SQLValueFunction":
      return "timestamp";
    case "BoolExpr":
    case "NullTest":
    case "BooleanTest":
      return "boolean";
    default:
      return "unknown";
  }
}
