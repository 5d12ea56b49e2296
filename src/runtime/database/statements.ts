/**
 * Builds the runtime's own statements, prints them for the engine at hand, and sends them. Drizzle's `sql` binds every
 * value; names are those of quoted-names.
 */
import { sql, type BuildQueryConfig, type SQL, type SQLWrapper } from "drizzle-orm";
import type { Json } from "../../contract/plan.ts";
import type { Database, Row, Statement } from "./database.ts";
import type { Dialect } from "./dialect.ts";

/** Sends queries one by one, or turns them into statements for a batch. */
export interface Statements {
  readonly read: (query: SQL) => Promise<readonly Row[]>;
  /** Resolves with what a RETURNING clause gives. */
  readonly write: (query: SQL) => Promise<readonly Row[]>;
  readonly reading: (query: SQL) => Statement;
  /** @param before parameters of raw text in it, which has their placeholders; those of the rest are numbered from there */
  readonly writing: (query: SQL, before?: Statement["parameters"]) => Statement;
  /** Fails its batch where it changes no row. The query has a RETURNING clause and no WITH. */
  readonly mustWrite: (query: SQL) => readonly Statement[];
}

export function createStatements(database: Database, dialect: Dialect): Statements {
  const make = (query: SQL, writes: boolean, before: Statement["parameters"] = []): Statement => {
    const { sql: text, params } = query.toQuery(printingFor(dialect, before.length));
    const parameters = [...before, ...params.map((value) => ({ value: value as Json, type: "any" as const }))];
    return { sql: dialect.named(text), parameters, columns: {}, writes };
  };
  const send = async (statement: Statement) => (await database.batch([statement]))[0] ?? [];
  return {
    read: (query) => send(make(query, false)),
    write: (query) => send(make(query, true)),
    reading: (query) => make(query, false),
    writing: (query, before) => make(query, true, before),
    mustWrite: (query) => dialect.mustChange(make(query, true)),
  };
}

const nameOf = (name: string): string => `"${name.replaceAll('"', '""')}"`;

function printingFor(dialect: Dialect, before: number): BuildQueryConfig {
  const printing: Pick<BuildQueryConfig, "escapeName" | "escapeParam"> = {
    escapeName: nameOf,
    escapeParam: (index) => dialect.placeholder(before + index + 1),
  };
  // The rest is for columns of Drizzle's own tables and for values within the text: no statement has either.
  return printing as BuildQueryConfig;
}

/** What a statement writes into columns of the table. */
export type ColumnValues<Table> = { readonly [Column in Exclude<keyof Table, keyof SQLWrapper>]?: Json | SQL };

/** One flat query: a nested one for each part would take most of the time that a call spends on its statements. */
function query(texts: readonly string[], values: readonly unknown[]): SQL {
  return sql(texts as unknown as TemplateStringsArray, ...values);
}

/** `INSERT INTO table (…) VALUES (…)`. Columns that are not named get their default. */
export function insertInto<Table extends SQLWrapper>(table: Table, row: ColumnValues<Table>): SQL {
  return sql`${insertColumns(table, row)} VALUES (${valuesOf(row)})`;
}

/** `INSERT INTO table (…) SELECT …`, to be followed by a FROM clause: a row for each that is found there. */
export function insertForEach<Table extends SQLWrapper>(table: Table, row: ColumnValues<Table>): SQL {
  return sql`${insertColumns(table, row)} SELECT ${valuesOf(row)}`;
}

const insertColumns = (table: SQLWrapper, row: object): SQL =>
  sql`INSERT INTO ${table} (${sql.raw(Object.keys(row).map(nameOf).join(", "))})`;

function valuesOf(row: object): SQL {
  const values: readonly unknown[] = Object.values(row);
  return query(["", ...values.slice(1).map(() => ", "), ""], values);
}

/** `column = …, column = …` */
export function assign(columns: Readonly<Partial<Record<string, Json | SQL>>>): SQL {
  const names = Object.keys(columns).map((name) => `${nameOf(name)} = `);
  const texts = names.map((name, index) => (index === 0 ? name : `, ${name}`));
  return query([...texts, ""], Object.values(columns));
}

/** `UPDATE table SET …`, to be followed by a WHERE clause. */
export function update<Table extends SQLWrapper>(table: Table, columns: ColumnValues<Table>): SQL {
  return sql`UPDATE ${table} SET ${assign(columns)}`;
}

/** A condition: the column holds one of the values, however many there are, though engines bind only so many parameters. */
export function isOneOf(dialect: Dialect, column: SQL, values: readonly string[]): SQL {
  return sql`${column} IN (SELECT value FROM ${dialect.listOf(sql`${JSON.stringify(values)}`)})`;
}

/**
 * The condition, for whose columns no index is looked through: beside one that names few rows, SQLite would rather walk
 * all that have the same state or owner.
 */
export function hidden(condition: SQL): SQL {
  return sql`CASE WHEN ${condition} THEN 1 ELSE 0 END = 1`;
}
