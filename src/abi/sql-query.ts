/**
 * One statement of an ABI, from PostgreSQL's SQL to what the database will run: parsed, translated, prepared, typed. It
 * knows nothing of the values that will be bound.
 */
import type { ColumnType, ParameterType } from "../plan.ts";
import { pathFault } from "./accessor.ts";
import type { Migration, SqlDatabase } from "./sql-database.ts";
import { openSqlDatabase } from "./sql-database.ts";
import { nameColumns } from "./sql-names.ts";
import { parseStatement } from "./sql-parse.ts";
import { makePortable } from "./sql-portable.ts";
import { printSqlite } from "./sql-translate.ts";
import { columnTypes, parameterTypes } from "./sql-types.ts";

/** D1 binds at most this many values: https://developers.cloudflare.com/d1/platform/limits/ */
const maxBoundParameters = 100;

export interface Query {
  /** SQLite's SQL; empty after a fault. */
  readonly sql: string;
  readonly writes: boolean;
  readonly placeholders: readonly number[];
  /** One per placeholder. */
  readonly types: readonly ParameterType[];
  /** Names of the result's columns in order; null where a fault hides them. */
  readonly fields: readonly string[] | null;
  readonly columns: Readonly<Record<string, ColumnType>>;
  readonly faults: readonly string[];
  readonly warnings: readonly string[];
  readonly runsOn: { readonly d1: boolean; readonly postgres: boolean };
}

export type QueryAnalyser = (source: string) => Promise<Query>;

const empty: Query = {
  sql: "",
  writes: false,
  placeholders: [],
  types: [],
  fields: null,
  columns: {},
  faults: [],
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

async function analyse(source: string, database: SqlDatabase): Promise<Query> {
  const statement = await parseStatement(source);
  if (typeof statement === "string") return { ...empty, faults: [statement] };
  const { writes, placeholders } = statement;
  const types = parameterTypes(statement, database.tables);
  const known = { ...empty, writes, placeholders, types, runsOn: { d1: false, postgres: true } };
  const portable = makePortable(nameColumns(statement.result), neverNullIn(database.tables));
  if (portable.refusals.length > 0) {
    const faults = portable.refusals.map((what) => `needs PostgreSQL, D1's SQLite has no equal for ${what}`);
    return { ...known, faults };
  }
  if (placeholders.length > maxBoundParameters) {
    const limit = `D1 binds at most ${String(maxBoundParameters)} parameters, this statement has ${String(placeholders.length)}`;
    return { ...known, faults: [`needs PostgreSQL: ${limit}`] };
  }
  const sql = await printSqlite(portable.tree);
  const result = database.prepare(sql);
  if (typeof result === "string") return { ...known, faults: [`SQLite refuses this: ${result}`] };
  const fields = result.map((column) => column.name);
  return {
    ...known,
    sql,
    fields,
    columns: columnTypes(statement, result),
    faults: columnFaults(fields),
    warnings: portable.warnings,
    runsOn: { d1: true, postgres: true },
  };
}

/** An analyser over one set of migrations; opens the database at the first statement and knows each statement once. */
export function createQueryAnalyser(migrations: readonly Migration[]): QueryAnalyser {
  let database: Promise<SqlDatabase> | null = null;
  const known = new Map<string, Promise<Query>>();
  return (source) => {
    database ??= openSqlDatabase(migrations);
    const opened = database;
    const query = known.get(source) ?? opened.then((tables) => analyse(source, tables));
    known.set(source, query);
    return query;
  };
}
