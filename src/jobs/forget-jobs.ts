/** Forgets finished jobs, also where no ABI makes any: an earlier deployment may have left some. */
import { lte, sql } from "drizzle-orm";
import type { Database } from "../database/database.ts";
import { toStatement, type Dialect } from "../database/dialect.ts";

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
