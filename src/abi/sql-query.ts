/**
 * One statement of an ABI, from PostgreSQL's SQL to what the database will run: parsed, translated, prepared, typed. It
 * knows nothing of the values that will be bound.
 */
import type { ColumnType, ParameterType, UniqueCheck } from "../plan.ts";
import { pathFault } from "./accessor.ts";
import type { RowRules, RuleFault } from "./row-rules.ts";
import { applyRowRules, noRowRules } from "./row-rules.ts";
import type { Migration, SqlDatabase } from "./sql-database.ts";
import { openSqlDatabase } from "./sql-database.ts";
import { nameColumns } from "./sql-names.ts";
import { parseStatement } from "./sql-parse.ts";
import { makePortable } from "./sql-portable.ts";
import { printSqlite } from "./sql-translate.ts";
import { columnTypes, parameterTypes } from "./sql-types.ts";
import type { UniqueLookup } from "./unique.ts";

/** D1 binds at most this many values: https://developers.cloudflare.com/d1/platform/limits/ */
const maxBoundParameters = 100;

export interface Query {
  /** SQLite's SQL; empty after a fault. */
  readonly sql: string;
  readonly writes: boolean;
  /** The author's. */
  readonly placeholders: readonly number[];
  /** One per placeholder. */
  readonly types: readonly ParameterType[];
  /** One placeholder more comes after the author's: the request's moment, for the rules. */
  readonly bindsMoment: boolean;
  readonly unique: UniqueCheck | null;
  /** Names of the result's columns in order; null where a fault hides them. */
  readonly fields: readonly string[] | null;
  readonly columns: Readonly<Record<string, ColumnType>>;
  readonly faults: readonly string[];
  readonly ruleFaults: readonly RuleFault[];
  readonly warnings: readonly string[];
  readonly runsOn: { readonly d1: boolean; readonly postgres: boolean };
}

export type QueryAnalyser = (source: string, rules?: RowRules) => Promise<Query>;

const empty: Query = {
  sql: "",
  writes: false,
  placeholders: [],
  types: [],
  bindsMoment: false,
  unique: null,
  fields: null,
  columns: {},
  faults: [],
  ruleFaults: [],
  warnings: [],
  runsOn: { d1: false, postgres: false },
};

function neverNullIn(tables: SqlDatabase["tables"]): (column: string) => boolean {
  const columns = [...tables.values()].flat();
  return (name) => {
    const alike = columns.filter((column) => column.name.toLowerCase() === name.toLowerCase());
    return alike.length > 0 && alike.every((column) => column.neverNull);
  };
}

/** Rows are objects: each name once, and none that leads to a prototype. */
function columnFaults(fields: readonly string[]): string[] {
  const twice = new Set(fields.filter((name, index) => fields.indexOf(name) !== index));
  const forbidden = fields.map((name) => pathFault([name])).filter((fault) => fault !== null);
  return [...forbidden, ...[...twice].map((name) => `returns two columns named "${name}"; name them apart with AS`)];
}

/** Why D1 cannot bind so many values; null where it can. */
function bindingFault(bound: number, bindsMoment: boolean): string | null {
  if (bound <= maxBoundParameters) return null;
  const limit = `D1 binds at most ${String(maxBoundParameters)} parameters, this statement has ${String(bound)}`;
  return `needs PostgreSQL: ${limit}${bindsMoment ? ", one of them the request's moment" : ""}`;
}

/** The lookup of `unique` for the database. It holds nothing that the statement itself does not. */
async function printUnique({ result, placeholders }: UniqueLookup): Promise<UniqueCheck> {
  const sql = await printSqlite(makePortable(result, () => true).tree);
  return { sql, parameters: placeholders.map((number) => number - 1) };
}

function scanWarning(unique: UniqueCheck | null, database: SqlDatabase): string[] {
  if (unique === null || !database.scans(unique.sql)) return [];
  return ["unique reads the whole table at each call: no index begins with the column"];
}

async function analyse(source: string, rules: RowRules, database: SqlDatabase): Promise<Query> {
  const written = await parseStatement(source);
  if (typeof written === "string") return { ...empty, faults: [written] };
  const { writes, placeholders } = written;
  const { statement, lookup, bindsMoment, faults: ruleFaults } = applyRowRules(written, rules, database.tables);
  const types = parameterTypes(statement, database.tables);
  const runsOn = { d1: false, postgres: true };
  const known = { ...empty, writes, placeholders, types, bindsMoment, ruleFaults, runsOn };
  const portable = makePortable(nameColumns(statement.result), neverNullIn(database.tables));
  if (portable.refusals.length > 0) {
    const faults = portable.refusals.map((what) => `needs PostgreSQL, D1's SQLite has no equal for ${what}`);
    return { ...known, faults };
  }
  const tooMany = bindingFault(statement.placeholders.length, bindsMoment);
  if (tooMany !== null) return { ...known, faults: [tooMany] };
  const sql = await printSqlite(portable.tree);
  const result = database.prepare(sql);
  if (typeof result === "string") return { ...known, faults: [`SQLite refuses this: ${result}`] };
  const fields = result.map((column) => column.name);
  const unique = lookup === null ? null : await printUnique(lookup);
  return {
    ...known,
    sql,
    unique,
    fields,
    columns: columnTypes(statement, result),
    faults: columnFaults(fields),
    warnings: [...portable.warnings, ...scanWarning(unique, database)],
    runsOn: { d1: true, postgres: true },
  };
}

/** An analyser over one set of migrations; opens the database at the first statement and knows each statement once. */
export function createQueryAnalyser(migrations: readonly Migration[]): QueryAnalyser {
  let database: Promise<SqlDatabase> | null = null;
  const known = new Map<string, Promise<Query>>();
  return (source, rules = noRowRules) => {
    database ??= openSqlDatabase(migrations);
    const opened = database;
    const key = JSON.stringify([source, rules]);
    const query = known.get(key) ?? opened.then((tables) => analyse(source, rules, tables));
    known.set(key, query);
    return query;
  };
}
