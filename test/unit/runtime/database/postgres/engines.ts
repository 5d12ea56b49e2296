/** The PostgreSQL engines as the tests open them, on the server that the global setup started. */
import { env } from "cloudflare:workers";
import { beforeEach, inject } from "vitest";
import type { Database, Row, Statement } from "../../../../../src/runtime/database/database.ts";
import type { Engine, EngineEnvironment } from "../../../../../src/runtime/database/engine.ts";
import { hyperdrive } from "../../../../../src/databases/hyperdrive.ts";
import { neon } from "../../../../../src/databases/neon.ts";
import { Problem } from "../../../../../src/contract/problem.ts";
import { postgresMustFindNothing } from "../../../../../src/compiler/sql/postgres/guard.ts";
import { guardRows } from "../../../../../src/contract/row-guard.ts";
import { dialect } from "../../../../../src/runtime/database/postgres/dialect.ts";
import { withPostgresNames } from "../../../../support/postgres-names.ts";
import type { DatabaseHarness, SqlType } from "../../../../contracts/database.ts";

declare module "vitest" {
  export interface ProvidedContext {
    readonly postgres: { readonly url: string; readonly neonUrl: string } | null;
  }
}

/** Null: the machine has no PostgreSQL, and these tests are skipped. */
export const postgres = inject("postgres");

/** The deployment, with what a test changes in it. */
export function environmentWith(changes: Readonly<Record<string, unknown>> = {}): EngineEnvironment {
  const values: Readonly<Record<string, unknown>> = { ...env, DATABASE_URL: postgres?.neonUrl, ...changes };
  return {
    binding: (name) => values[name],
    text(name) {
      const value = values[name];
      if (typeof value !== "string") throw new Problem("misconfigured", { reason: `${name} is not set` });
      return value;
    },
  };
}

/** A write that changes nothing: with it a session opens its connection. */
const opening: Statement = {
  sql: "UPDATE gallery SET url = url WHERE false",
  parameters: [],
  columns: {},
  writes: true,
};

/** Every batch as an interactive transaction, so that the whole contract runs over a session's connection. */
function inSessions(database: Database): Database {
  const batch: Database["batch"] = async (statements) => {
    const session = database.begin();
    await session.send([opening]);
    return session.commit(statements);
  };
  return { batch, begin: () => database.begin() };
}

const sqlTypes: Readonly<Record<SqlType, string>> = {
  text: "text",
  float: "double precision",
  boolean: "boolean",
  json: "jsonb",
  timestamp: "timestamptz",
  integer: "bigint",
  bytes: "bytea",
};

const harnessOf = (create: () => Database): DatabaseHarness => ({
  create,
  placeholder: (number) => `$${number}`,
  typed: (expression, type) => `${expression}::${sqlTypes[type]}`,
  mustChange: dialect.mustChange,
  mustFind: (read) => [{ ...read, sql: guardRows(read.sql) }],
  mustFindNothing: (read) => ({ ...read, sql: postgresMustFindNothing(read.sql) }),
  interactive: true,
});

export const engines: readonly (readonly [name: string, engine: Engine])[] = [
  ["Neon", neon],
  ["Hyperdrive", hyperdrive],
];

export const harnesses: readonly (readonly [name: string, harness: DatabaseHarness])[] = [
  ["Neon over HTTP", harnessOf(() => neon.open(environmentWith()))],
  ["Neon over a WebSocket", harnessOf(() => inSessions(neon.open(environmentWith())))],
  ["Hyperdrive", harnessOf(() => hyperdrive.open(environmentWith()))],
  ["Hyperdrive, in sessions", harnessOf(() => inSessions(hyperdrive.open(environmentWith())))],
];

/**
 * Sends statements of the tests, with the runtime's tables as D1 names them. Over HTTP, which leaves no connection behind:
 * those of Hyperdrive end with their request, and all tests are one.
 */
export async function runSql(sql: string): Promise<readonly Row[]> {
  const statement = { parameters: [], columns: {}, writes: true, sql: withPostgresNames(sql) };
  return (await neon.open(environmentWith()).batch([statement]))[0] ?? [];
}

/** Each test begins without objects; PostgreSQL's tests share a bucket. */
export function useEmptyBucket(): void {
  beforeEach(async () => {
    const { objects } = await env.BUCKET.list();
    await env.BUCKET.delete(objects.map(({ key }) => key));
  });
}

/** The migrations' tables, emptied for each test. */
export function useFreshTables(): void {
  if (postgres === null) return;
  const database = hyperdrive.open(environmentWith());
  beforeEach(() => database.batch([{ ...opening, sql: "DELETE FROM gallery" }]));
}
