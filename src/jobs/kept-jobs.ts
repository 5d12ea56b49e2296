/**
 * What happens to the rows of jobs also where no ABI makes any, as an earlier deployment may have left some: they are
 * counted, and finished ones forgotten. Knows nothing of how a job runs.
 */
import { lte, sql } from "drizzle-orm";
import type { Database } from "../database/database.ts";
import { toStatement, type Dialect } from "../database/dialect.ts";
import type { JobState } from "./job.ts";

/** How many jobs are in each state; a state that none is in has 0. */
export async function countJobs(database: Database, dialect: Dialect): Promise<Readonly<Record<JobState, number>>> {
  const { jobs } = dialect.tables;
  const [rows = []] = await database.batch([
    toStatement(dialect, sql`SELECT ${jobs.state}, count(*) AS total FROM ${jobs} GROUP BY ${jobs.state}`),
  ]);
  const counts = { queued: 0, running: 0, done: 0, dead: 0 };
  for (const row of rows) counts[row["state"] as JobState] = Number(row["total"]);
  return counts;
}

/** Removes finished jobs whose time is over; resolves with how many. */
export async function forgetJobs(database: Database, dialect: Dialect, now: string, limit: number): Promise<number> {
  const { jobs, job_steps: steps } = dialect.tables;
  const isOver = sql`${jobs.state} IN ('done', 'dead') AND ${lte(jobs.expires_at, now)}`;
  const chosen = sql`SELECT ${jobs.id} FROM ${jobs} WHERE ${isOver} LIMIT ${limit}`;
  const removing = { writes: true, mustReturn: false };
  // The steps first: which jobs are meant is asked of the jobs.
  const results = await database.batch([
    toStatement(dialect, sql`DELETE FROM ${steps} WHERE ${steps.job_id} IN (${chosen})`, removing),
    toStatement(dialect, sql`DELETE FROM ${jobs} WHERE ${jobs.id} IN (${chosen}) RETURNING ${jobs.id}`, removing),
  ]);
  return results[1]?.length ?? 0;
}
