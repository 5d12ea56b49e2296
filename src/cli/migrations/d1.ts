/**
 * Applies migrations to D1, all of them as one transaction. The user's are listed in wrangler's own table
 * `d1_migrations`, whose rows have no room for a checksum; the runtime's in a table of their own.
 */
import { viewOnSqlite } from "../../compiler/migrations/files-view.ts";
import { withoutView } from "../../compiler/migrations/user-migrations.ts";
import { onD1 } from "../../contract/tables.ts";
import type { RunOnD1 } from "./run-on-d1.ts";
import { earlierNames, moveOnD1, type SchemaRow } from "./earlier-version.ts";
import type { MigrationFile, MigrationFiles } from "./migration-file.ts";
import type { AppliedMigration, DatabaseState } from "./database-state.ts";
import { planMigrations, type MigrationPlan } from "./plan.ts";

export interface D1Migration {
  readonly run: RunOnD1;
  readonly files: MigrationFiles;
  /** Only says what would be done. */
  readonly isDry: boolean;
  readonly print: (line: string) => void;
}

interface D1State extends DatabaseState {
  readonly schema: readonly SchemaRow[];
  /** The view `files` is there; null where nothing has the name. */
  readonly hasView: boolean | null;
}

/** What is applied as a whole or not at all. */
interface Step {
  readonly title: string;
  readonly statements: readonly string[];
}

const runtimeRecord = onD1("migrations");
const checksums = onD1("checksums");
const userRecord = "d1_migrations";

/** The last as wrangler makes it. */
const recordTables = [
  `CREATE TABLE IF NOT EXISTS ${runtimeRecord} (name text PRIMARY KEY NOT NULL, checksum text NOT NULL, applied_at timestamp DEFAULT CURRENT_TIMESTAMP NOT NULL)`,
  `CREATE TABLE IF NOT EXISTS ${checksums} (name text PRIMARY KEY NOT NULL, checksum text NOT NULL)`,
  `CREATE TABLE IF NOT EXISTS ${userRecord} (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL)`,
];

/** Resolves with how many files were applied. @throws Error that says what to do */
export async function migrateD1(migration: D1Migration): Promise<number> {
  const { run, files, isDry, print } = migration;
  const state = await readState(run, isDry);
  const plan = planMigrations(files, state);
  for (const line of plan.lines) print(`  ${line}`);
  if (plan.faults.length > 0) throw new Error(plan.faults.join("\n"));
  const steps = isDry ? [] : stepsOf(plan, state);
  if (steps.length === 0) return 0;
  try {
    await run(steps.flatMap(({ statements }) => statements));
  } catch {
    const now = await readState(run, false);
    // Somebody else has applied some meanwhile: what is left is ours.
    if (JSON.stringify(now) !== JSON.stringify(state)) return migrateD1({ ...migration, print: () => undefined });
    await runEach(run, steps);
  }
  return plan.runtime.length + plan.user.length;
}

async function readState(run: RunOnD1, isDry: boolean): Promise<D1State> {
  const about = ["SELECT type, name, sql FROM sqlite_schema ORDER BY name", viewOnSqlite.find];
  const first = await run(isDry ? about : [...recordTables, ...about, readRuntime, readUser]);
  const [schema = [], view = [], ...records] = first.slice(isDry ? 0 : recordTables.length);
  const tables = schema.filter(({ type }) => type === "table").map(({ name }) => String(name));
  const [runtime = [], user = []] = isDry ? await run(readingOf(tables)) : records;
  return {
    schema: schema as unknown as readonly SchemaRow[],
    hasView: view[0] === undefined ? null : view[0]["own"] === 1,
    tables,
    runtime: runtime as unknown as readonly AppliedMigration[],
    user: user as unknown as readonly AppliedMigration[],
  };
}

const readRuntime = `SELECT name, checksum FROM ${runtimeRecord} ORDER BY name`;
const readUser = `SELECT name, checksum FROM ${userRecord} LEFT JOIN ${checksums} USING (name) ORDER BY id`;

/** As many as there are, without making one. */
function readingOf(tables: readonly string[]): string[] {
  const unchecked = tables.includes(userRecord)
    ? `SELECT name, NULL AS checksum FROM ${userRecord} ORDER BY id`
    : nothing;
  return [
    tables.includes(runtimeRecord) ? readRuntime : nothing,
    tables.includes(userRecord) && tables.includes(checksums) ? readUser : unchecked,
  ];
}

const nothing = "SELECT NULL WHERE false";

const quote = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** First in its step: of two who apply the same at once, one fails here. */
const recordRuntime = ({ name, checksum }: MigrationFile): string =>
  `INSERT INTO ${runtimeRecord} (name, checksum) VALUES (${quote(name)}, ${quote(checksum)})`;

const recordUser = ({ name, checksum }: MigrationFile): string[] => [
  `INSERT INTO ${userRecord} (name) VALUES (${quote(name)})`,
  `INSERT OR REPLACE INTO ${checksums} (name, checksum) VALUES (${quote(name)}, ${quote(checksum)})`,
];

function stepsOf(plan: MigrationPlan, { schema, hasView }: D1State): Step[] {
  const making: Step = { title: "the view files", statements: [viewOnSqlite.make] };
  const moved = plan.moved ?? [];
  const forgotten = `DELETE FROM ${userRecord} WHERE name IN (${earlierNames.map(quote).join(", ")})`;
  const moving: Step = {
    title: "the tables of an earlier version",
    statements: [...moved.map(recordRuntime), ...moveOnD1(moved, schema), forgotten],
  };
  const user = hasView === false && plan.moved === null ? plan.user : withoutView(plan.user, viewOnSqlite);
  const applying = [
    ...(plan.moved === null ? [] : [moving]),
    ...plan.runtime.map((file) => ({ title: file.path, statements: [recordRuntime(file), file.sql] })),
    ...(hasView === null || plan.moved !== null ? [making] : []),
    ...user.map((file) => ({ title: file.path, statements: [...recordUser(file), file.sql] })),
  ];
  return plan.user.length === 0 ? applying : [...applying, making];
}

/** Finds out which step is refused. @throws Error that names it */
async function runEach(run: RunOnD1, steps: readonly Step[]): Promise<void> {
  for (const [index, step] of steps.entries()) {
    try {
      await run(step.statements);
    } catch (error) {
      const rest = index === 0 ? "Nothing was applied." : "What is before it is applied, of this one nothing is.";
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(`${step.title}: ${reason}\n${rest}`, { cause: error });
    }
  }
}
