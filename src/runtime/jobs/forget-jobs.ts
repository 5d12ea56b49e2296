/** Removes finished jobs, even where no ABI makes any: an earlier deployment may have left some. */
import { sql } from "drizzle-orm";
import type { Database } from "../database/database.ts";
import type { Dialect } from "../database/dialect.ts";
import { quoted } from "../database/quoted-names.ts";
import { createStatements } from "../database/statements.ts";

const { jobs, job_steps: steps } = quoted;

/** Removes finished jobs that need not be kept any longer; resolves with how many. */
export async function forgetJobs(database: Database, dialect: Dialect, now: string, limit: number): Promise<number> {
  const { writing } = createStatements(database, dialect);
  const isOver = sql`${jobs.state} IN ('done', 'dead') AND ${jobs.expires_at} <= ${now}`;
  const chosen = sql`SELECT ${jobs.id} FROM ${jobs} WHERE ${isOver} LIMIT ${limit}`;
  // The steps first, because the jobs tell which steps are meant.
  const results = await database.batch([
    writing(sql`DELETE FROM ${steps} WHERE ${steps.job_id} IN (${chosen})`),
    writing(sql`DELETE FROM ${jobs} WHERE ${jobs.id} IN (${chosen}) RETURNING ${jobs.id}`),
  ]);
  return results[1]?.length ?? 0;
}
