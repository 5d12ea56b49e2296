/** Reads and changes the table of jobs from a terminal: on D1 through wrangler, on PostgreSQL by its address. */
import { Client } from "pg";
import { d1Binding } from "../../contract/bindings.ts";
import { createReport, formatDiagnostic, type Diagnostic } from "../../compiler/text/diagnostic.ts";
import { readWranglerToml, settingsPath } from "../project.ts";
import { completeSecrets, secretNamed } from "../local/secrets.ts";
import { projectFolder, spawnWrangler, waitForExit } from "../local/wrangler.ts";

export interface TableOptions {
  /** The deployed database instead of the local one. D1 only: PostgreSQL is where DATABASE_URL says. */
  readonly remote: boolean;
  /** The environment of wrangler.toml; null = the top level. */
  readonly environment: string | null;
}

export type JobRecord = Readonly<Record<string, unknown>>;

export interface JobTable {
  /** The newest first; only those in the state, where one is given. */
  list(state: string | null, limit: number): Promise<readonly JobRecord[]>;
  /** How many are in each state that any is in. */
  count(): Promise<ReadonlyMap<string, number>>;
  find(id: string): Promise<JobRecord | null>;
  /** Steps of the job that took effect early. */
  findSteps(id: string): Promise<readonly JobRecord[]>;
  /** dead → queued, with all its attempts; the minute's trigger sends it. False: not dead, or its files are gone. */
  retry(id: string, now: string): Promise<boolean>;
  /** Forgets a job that is done or dead. False: it is neither. */
  drop(id: string): Promise<boolean>;
  close(): Promise<void>;
}

/** Runs one statement of the table's own. Ids and states are checked to be plain words before they get here. */
export type RunSql = (sql: string) => Promise<readonly JobRecord[]>;

export async function openJobTable(options: TableOptions): Promise<JobTable> {
  const found: Diagnostic[] = [];
  const { database } = readWranglerToml(projectFolder, options.environment, createReport(settingsPath, found));
  if (found.length > 0) throw new Error(found.map(formatDiagnostic).join("\n"));
  if (database === "d1")
    return createJobTable(
      (sql) => runOnD1(sql, options),
      onSqlite,
      async () => undefined,
    );
  const url = process.env["DATABASE_URL"] ?? secretNamed(await completeSecrets(), "DATABASE_URL");
  const client = new Client({ connectionString: url });
  await client.connect();
  return createJobTable(
    async (sql) => (await client.query<Record<string, unknown>>(sql)).rows,
    onPostgres,
    () => client.end(),
  );
}

/** Storage keys of a job's files, and how many there are. */
export const onSqlite = { keys: "SELECT value FROM json_each(jobs.files)", count: "json_array_length(jobs.files)" };
const onPostgres = {
  keys: "SELECT json_array_elements_text(jobs.files::json)",
  count: "json_array_length(jobs.files::json)",
};

export function createJobTable(
  run: RunSql,
  { keys, count }: typeof onSqlite,
  close: () => Promise<void> = async () => undefined,
): JobTable {
  return {
    list: (state, limit) =>
      run(
        `SELECT id, endpoint, state, attempts, updated_at, problem FROM jobs ${state === null ? "" : `WHERE state = '${plain(state)}'`} ` +
          `ORDER BY updated_at DESC, id LIMIT ${String(limit)}`,
      ),
    async count() {
      const rows = await run("SELECT state, count(*) AS total FROM jobs GROUP BY state ORDER BY state");
      return new Map(rows.map(({ state, total }) => [String(state), Number(total)]));
    },
    find: async (id) => (await run(`SELECT * FROM jobs WHERE id = '${plain(id)}'`))[0] ?? null,
    findSteps: (id) => run(`SELECT step, result FROM job_steps WHERE job_id = '${plain(id)}' ORDER BY step`),
    async retry(id, now) {
      const times = `due_at = '${now}', wake_at = '${now}', updated_at = '${now}', expires_at = NULL`;
      const stored = `SELECT count(*) FROM files WHERE status = 'stored' AND storage_key IN (${keys})`;
      const rows = await run(
        `UPDATE jobs SET state = 'queued', attempts = 0, lease = NULL, problem = NULL, ${times} ` +
          `WHERE id = '${plain(id)}' AND state = 'dead' AND (${stored}) = ${count} RETURNING id`,
      );
      return rows.length > 0;
    },
    async drop(id) {
      const rows = await run(`DELETE FROM jobs WHERE id = '${plain(id)}' AND state IN ('done', 'dead') RETURNING id`);
      if (rows.length > 0) await run(`DELETE FROM job_steps WHERE job_id = '${plain(id)}'`);
      return rows.length > 0;
    },
    close,
  };
}

function plain(word: string): string {
  if (/^[a-z0-9]{1,64}$/.test(word)) return word;
  throw new Error(`${JSON.stringify(word)} is neither a job's id nor a state`);
}

async function runOnD1(sql: string, { remote, environment }: TableOptions): Promise<readonly JobRecord[]> {
  const where = remote ? "--remote" : "--local";
  const env = environment === null ? [] : ["--env", environment];
  const child = spawnWrangler(["d1", "execute", d1Binding, where, ...env, "--json", "--command", sql]);
  let output = "";
  let errors = "";
  child.stdout?.setEncoding("utf8").on("data", (chunk: string) => (output += chunk));
  child.stderr?.setEncoding("utf8").on("data", (chunk: string) => (errors += chunk));
  const code = await waitForExit(child);
  // Wrangler may say something of its own before the JSON.
  const json = output.slice(Math.max(0, output.search(/^[[{]/m)));
  if (code !== 0) throw new Error(`wrangler d1 execute failed: ${(errors + output).trim()}`);
  const [answer] = JSON.parse(json) as readonly { readonly results: readonly JobRecord[] }[];
  return answer?.results ?? [];
}
