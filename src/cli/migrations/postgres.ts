/**
 * Applies migrations to a PostgreSQL database. Each file is one transaction that also records that it was applied, so
 * no file is ever half applied. Two migrations at the same time do not collide: each transaction first waits for the
 * one lock and looks again. Nothing is kept between transactions, so it works through a pooler as well.
 */
import type { Client } from "pg";
import { optionalPackage } from "../../compiler/optional-package.ts";
import { lineOfError } from "../../compiler/sql/postgres/refusal-line.ts";
import { viewOnPostgres } from "../../compiler/migrations/files-view.ts";
import { withoutView } from "../../compiler/migrations/user-migrations.ts";
import { onPostgres, runtimeSchema, setUserPath } from "../../contract/tables.ts";
import { earlierNames, moveOnPostgres } from "./earlier-version.ts";
import type { MigrationFile, MigrationFiles } from "./migration-file.ts";
import type { AppliedMigration, DatabaseState } from "./database-state.ts";
import { databaseNamed } from "./deployed-database.ts";
import { planMigrations, type MigrationPlan } from "./plan.ts";

export interface PostgresMigration {
  readonly url: string;
  readonly files: MigrationFiles;
  /** Only says what would be done. */
  readonly isDry: boolean;
  readonly print: (line: string) => void;
}

/** The same number for everybody who migrates with this code: "sluice" in ASCII. */
const lock = "SELECT pg_advisory_xact_lock(126943985001317)";

const runtimeRecord = onPostgres("migrations");
const userRecord = "public.sluice_migrations";

const recordTable = (name: string): string => `
  CREATE TABLE IF NOT EXISTS ${name} (
    name text PRIMARY KEY NOT NULL,
    checksum text NOT NULL,
    applied_at timestamptz(3) NOT NULL DEFAULT now()
  )`;

/** A role that may not make schemas can be given one: it is not made again. */
const makeRecords = `
  DO $$ BEGIN
    IF to_regnamespace('${runtimeSchema}') IS NULL THEN CREATE SCHEMA ${runtimeSchema}; END IF;
  END $$;
  ${recordTable(runtimeRecord)};
  ${recordTable(userRecord)}`;

/** Resolves with how many files were applied. @throws Error that says what to do */
export async function migratePostgres({ url, files, isDry, print }: PostgresMigration): Promise<number> {
  for (const file of [...files.runtime, ...files.user]) await refuseTransactions(file);
  const { default: pg } = await optionalPackage("pg", () => import("pg"));
  const client = new pg.Client({ connectionString: url, application_name: "sluice migrate" });
  // A connection that breaks is told by the query that breaks with it.
  client.on("error", () => undefined);
  await client.connect().catch((error: unknown) => {
    const what = error instanceof pg.DatabaseError ? "refuses" : "does not answer";
    const advice = "Start it, or put another address into DATABASE_URL, of the environment or of .dev.vars";
    throw new Error(`${nameOfDatabase(url)} ${what}: ${messageOf(error)}\n${advice}`, { cause: error });
  });
  try {
    const plan = planMigrations(files, await readState(client));
    print(nameOfDatabase(url));
    for (const line of plan.lines) print(`  ${line}`);
    if (plan.faults.length > 0) throw new Error(plan.faults.join("\n"));
    return isDry ? 0 : await apply(client, plan, files);
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function apply(client: Client, plan: MigrationPlan, files: MigrationFiles): Promise<number> {
  let count = 0;
  const applyAll = async (pending: readonly MigrationFile[], record: string) => {
    for (const file of pending) if (await applyFile(client, file, { record, before: count })) count += 1;
  };
  if (plan.moved !== null) await moveTables(client, plan.moved, files.user);
  await applyAll(plan.runtime, runtimeRecord);
  const hasView = await readView(client);
  if (hasView === null || (hasView && plan.runtime.length > 0)) await transact(client, () => makeView(client));
  const isTaken = hasView === false;
  await applyAll(isTaken ? plan.user : withoutView(plan.user, viewOnPostgres), userRecord);
  if (plan.user.length > 0) await transact(client, () => makeView(client));
  return count;
}

/** Host and database: never the password. */
export function nameOfDatabase(url: string): string {
  const { host, port, path } = databaseNamed(url);
  return `PostgreSQL at ${host}${port === "" ? "" : `:${port}`}${path}`;
}

const messageOf = (error: unknown): string => {
  if (error instanceof AggregateError) return error.errors.map(messageOf).join("; ");
  return error instanceof Error ? error.message : String(error);
};

const readTables = `
  SELECT CASE nspname WHEN 'public' THEN '' ELSE nspname || '.' END || relname AS name
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE nspname IN ('public', '${runtimeSchema}') AND relkind IN ('r', 'p')`;

async function readState(client: Client): Promise<DatabaseState> {
  const tables = (await client.query<{ name: string }>(readTables)).rows.map(({ name }) => name);
  const read = async (record: string): Promise<readonly AppliedMigration[]> => {
    if (!tables.includes(record.replace("public.", ""))) return [];
    return (await client.query<AppliedMigration>(`SELECT name, checksum FROM ${record} ORDER BY name`)).rows;
  };
  return { tables, runtime: await read(runtimeRecord), user: await read(userRecord) };
}

/** True where the view `files` is there, false where something of the user's has the name, null where nothing has. */
async function readView(client: Client): Promise<boolean | null> {
  return (await client.query<{ own: boolean }>(viewOnPostgres.find)).rows[0]?.own ?? null;
}

const makeView = (client: Client): Promise<unknown> => client.query(viewOnPostgres.make);

/** One transaction, alone among all who migrate. */
async function transact<Result>(client: Client, work: () => Promise<Result>): Promise<Result> {
  try {
    await client.query("BEGIN");
    await client.query(lock);
    await client.query(`SELECT ${setUserPath()}`);
    const result = await work();
    await client.query("COMMIT");
    return result;
  } catch (error) {
    await client.query("ROLLBACK").catch(() => undefined);
    throw error;
  }
}

const record = (client: Client, table: string, { name, checksum }: MigrationFile): Promise<unknown> =>
  client.query(`INSERT INTO ${table} (name, checksum) VALUES ($1, $2)`, [name, checksum]);

async function moveTables(
  client: Client,
  moved: readonly MigrationFile[],
  user: readonly MigrationFile[],
): Promise<void> {
  await transact(client, async () => {
    await client.query(makeRecords);
    const known = await client.query(`SELECT FROM ${runtimeRecord}`);
    // Somebody else has moved them meanwhile.
    if (known.rowCount !== 0) return;
    for (const sql of moveOnPostgres(moved, runtimeSchema)) await client.query(sql);
    for (const file of moved) await record(client, runtimeRecord, file);
    await client.query(`DELETE FROM ${userRecord} WHERE name = ANY ($1)`, [earlierNames]);
    const update = `UPDATE ${userRecord} SET checksum = $2 WHERE name = $1`;
    for (const { name, checksum } of user) await client.query(update, [name, checksum]);
  });
}

interface Place {
  /** The table that lists what was applied. */
  readonly record: string;
  /** How many files were applied before it. */
  readonly before: number;
}

/** False: somebody else has applied it meanwhile. */
async function applyFile(client: Client, file: MigrationFile, place: Place): Promise<boolean> {
  try {
    return await transact(client, async () => {
      await client.query(makeRecords);
      const found = await client.query(`SELECT FROM ${place.record} WHERE name = $1`, [file.name]);
      if (found.rowCount !== 0) return false;
      await client.query(file.sql);
      await record(client, place.record, file);
      return true;
    });
  } catch (error) {
    const { before } = place;
    const rest = before === 0 ? "Nothing was applied." : `The ${before} before it are applied, of this one nothing is.`;
    const advice = isExisting(error)
      ? "\nThe database has such a table already, and not from here: drop it, or use an empty database."
      : "";
    const line = lineOfError(error, file.sql);
    const where = line === null ? file.path : `${file.path}:${line}`;
    throw new Error(`${where}: ${messageOf(error)}\n${rest}${advice}`, { cause: error });
  }
}

/** https://www.postgresql.org/docs/current/errcodes-appendix.html: duplicate_table */
const isExisting = (error: unknown): boolean => error instanceof Error && "code" in error && error.code === "42P07";

/** BEGIN, COMMIT and the like in a file would end the transaction that it runs in. */
async function refuseTransactions({ name, sql }: MigrationFile): Promise<void> {
  const { parse } = await import("pgsql-parser");
  let statements: readonly { readonly stmt?: object }[];
  try {
    statements = (await parse(sql)).stmts ?? [];
  } catch {
    // The server's own words for it are better.
    return;
  }
  const ends = statements.some(({ stmt }) => stmt !== undefined && "TransactionStmt" in stmt);
  if (ends) throw new Error(`${name} holds BEGIN, COMMIT or ROLLBACK: each file is one transaction already`);
}
