/**
 * Applies migrations to a PostgreSQL database. Each file is one transaction that also records that it was applied, so
 * no file is ever half applied. Two migrations at the same time do not collide: each transaction first waits for the
 * one lock and looks again. Nothing is kept between transactions, so it works through a pooler as well.
 */
import pg from "pg";
import type { MigrationFile } from "./migration-file.ts";
import { planMigrations, type AppliedMigration } from "./plan.ts";

export interface PostgresMigration {
  readonly url: string;
  readonly files: readonly MigrationFile[];
  /** Only says what would be done. */
  readonly isDry: boolean;
  readonly print: (line: string) => void;
}

/** The same number for everybody who migrates with this code: "sluice" in ASCII. */
const lock = "SELECT pg_advisory_xact_lock(126943985001317)";

const table = `
  CREATE TABLE IF NOT EXISTS sluice_migrations (
    name text PRIMARY KEY NOT NULL,
    checksum text NOT NULL,
    applied_at timestamptz(3) NOT NULL DEFAULT now()
  )`;

/** Resolves with how many files were applied. @throws Error that says what to do */
export async function migratePostgres({ url, files, isDry, print }: PostgresMigration): Promise<number> {
  for (const file of files) await refuseTransactions(file);
  const client = new pg.Client({ connectionString: url, application_name: "sluice migrate" });
  // A connection that breaks is told by the query that breaks with it.
  client.on("error", () => undefined);
  await client.connect().catch((error: unknown) => {
    throw new Error(`${nameOf(url)} does not answer: ${messageOf(error)}`, { cause: error });
  });
  try {
    const { lines, pending, faults } = planMigrations(files, await readApplied(client));
    print(nameOf(url));
    for (const line of lines) print(`  ${line}`);
    if (faults.length > 0) throw new Error(faults.join("\n"));
    let count = 0;
    for (const file of isDry ? [] : pending) if (await applyFile(client, file, count)) count += 1;
    return count;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Host and database: never the password. */
function nameOf(url: string): string {
  const { hostname, port, pathname } = new URL(url);
  return `PostgreSQL at ${hostname}${port === "" ? "" : `:${port}`}${pathname}`;
}

const messageOf = (error: unknown): string => {
  if (error instanceof AggregateError) return error.errors.map(messageOf).join("; ");
  return error instanceof Error ? error.message : String(error);
};

async function readApplied(client: pg.Client): Promise<readonly AppliedMigration[]> {
  const known = await client.query("SELECT FROM pg_catalog.pg_class WHERE oid = to_regclass('sluice_migrations')");
  if (known.rowCount === 0) return [];
  return (await client.query<AppliedMigration>("SELECT name, checksum FROM sluice_migrations ORDER BY name")).rows;
}

/** False: somebody else has applied it meanwhile. */
async function applyFile(client: pg.Client, file: MigrationFile, before: number): Promise<boolean> {
  try {
    await client.query("BEGIN");
    await client.query(lock);
    await client.query(table);
    const found = await client.query("SELECT FROM sluice_migrations WHERE name = $1", [file.name]);
    const isNew = found.rowCount === 0;
    if (isNew) {
      await client.query(file.sql);
      await client.query("INSERT INTO sluice_migrations (name, checksum) VALUES ($1, $2)", [file.name, file.checksum]);
    }
    await client.query("COMMIT");
    return isNew;
  } catch (error) {
    await client.query("ROLLBACK").catch(() => undefined);
    const rest = before === 0 ? "Nothing was applied." : `The ${before} before it are applied, of this one nothing is.`;
    const advice = isExisting(error)
      ? "\nThe database has such a table already, and not from here: drop it, or use an empty database."
      : "";
    throw new Error(`${file.name}${placeOf(error, file.sql)}: ${messageOf(error)}\n${rest}${advice}`, { cause: error });
  }
}

/** https://www.postgresql.org/docs/current/errcodes-appendix.html: duplicate_table */
const isExisting = (error: unknown): boolean => error instanceof Error && "code" in error && error.code === "42P07";

/** `:line` of an error that the server places. */
function placeOf(error: unknown, sql: string): string {
  const position = error instanceof Error && "position" in error ? Number(error.position) : NaN;
  return Number.isNaN(position) ? "" : `:${sql.slice(0, position - 1).split("\n").length}`;
}

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
