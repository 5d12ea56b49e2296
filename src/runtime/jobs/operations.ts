/** What is done to jobs from outside of them: by an operator, and by the sweep also where no ABI makes any. */
import { sql, type SQL } from "drizzle-orm";
import type { TableRow } from "../../contract/tables.ts";
import type { Database } from "../database/database.ts";
import type { Dialect } from "../database/dialect.ts";
import { quoted } from "../database/quoted-names.ts";
import { createStatements, update } from "../database/statements.ts";
import { areStored } from "../files/readable.ts";

export type JobRow = TableRow<"jobs">;
export type JobSummary = Pick<JobRow, "id" | "endpoint" | "state" | "attempts" | "updated_at" | "problem">;

export interface JobOperations {
  /** The newest first; only those in the state, where one is given. */
  list(state: string | null, limit: number): Promise<readonly JobSummary[]>;
  /** How many are in each state that any is in. */
  count(): Promise<ReadonlyMap<string, number>>;
  find(id: string): Promise<JobRow | null>;
  /** Steps of the job that took effect early. */
  findSteps(id: string): Promise<readonly Pick<TableRow<"job_steps">, "step" | "result">[]>;
  /** dead → queued, with all its attempts; the minute's trigger sends it. False: not dead, or its files are gone. */
  retry(id: string, now: string): Promise<boolean>;
  /** Forgets a job that is done or dead. False: it is neither. */
  drop(id: string): Promise<boolean>;
}

const { jobs, job_steps: steps } = quoted;

export function createJobOperations(database: Database, dialect: Dialect): JobOperations {
  const { read, write } = createStatements(database, dialect);
  const find = async (id: string) => {
    const [row] = await read(sql`SELECT * FROM ${jobs} WHERE ${jobs.id} = ${id}`);
    return row === undefined ? null : (row as JobRow);
  };
  return {
    async list(state, limit) {
      const columns = sql.join(
        [jobs.id, jobs.endpoint, jobs.state, jobs.attempts, jobs.updated_at, jobs.problem],
        sql`, `,
      );
      const wanted = state === null ? sql`1 = 1` : sql`${jobs.state} = ${state}`;
      const order = sql`ORDER BY ${jobs.updated_at} DESC, ${jobs.id} LIMIT ${limit}`;
      return (await read(sql`SELECT ${columns} FROM ${jobs} WHERE ${wanted} ${order}`)) as readonly JobSummary[];
    },
    async count() {
      const counted = sql`SELECT ${jobs.state}, count(*) AS total FROM ${jobs}`;
      const rows = await read(sql`${counted} GROUP BY ${jobs.state} ORDER BY ${jobs.state}`);
      return new Map(rows.map(({ state, total }) => [state as JobRow["state"], Number(total)]));
    },
    find,
    async findSteps(id) {
      const rows = await read(
        sql`SELECT ${steps.step}, ${steps.result} FROM ${steps} WHERE ${steps.job_id} = ${id} ORDER BY ${steps.step}`,
      );
      return rows as readonly Pick<TableRow<"job_steps">, "step" | "result">[];
    },
    async retry(id, now) {
      const job = await find(id);
      if (job === null) return false;
      const queued = { state: "queued", attempts: 0, lease: null, problem: null, expires_at: null } as const;
      const change = update(jobs, { ...queued, due_at: now, wake_at: now, updated_at: now });
      const isDead = sql`${jobs.id} = ${id} AND ${jobs.state} = 'dead'`;
      const hasFiles = areStored(dialect, JSON.parse(job.files) as readonly string[]);
      return (await write(sql`${change} WHERE ${isDead} AND ${hasFiles} RETURNING ${jobs.id}`)).length > 0;
    },
    drop: async (id) => (await forget(sql`${jobs.id} = ${id}`, database, dialect)) > 0,
  };
}

/** Removes finished jobs whose time is over; resolves with how many. */
export function forgetJobs(database: Database, dialect: Dialect, now: string, limit: number): Promise<number> {
  return forget(sql`${jobs.expires_at} <= ${now} LIMIT ${limit}`, database, dialect);
}

/** @param condition which of the finished ones, with what may follow it */
async function forget(condition: SQL, database: Database, dialect: Dialect): Promise<number> {
  const { writing } = createStatements(database, dialect);
  const chosen = sql`SELECT ${jobs.id} FROM ${jobs} WHERE ${jobs.state} IN ('done', 'dead') AND ${condition}`;
  // The steps first: which jobs are meant is asked of the jobs.
  const results = await database.batch([
    writing(sql`DELETE FROM ${steps} WHERE ${steps.job_id} IN (${chosen})`),
    writing(sql`DELETE FROM ${jobs} WHERE ${jobs.id} IN (${chosen}) RETURNING ${jobs.id}`),
  ]);
  return results[1]?.length ?? 0;
}
