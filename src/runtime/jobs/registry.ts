/**
 * The table of jobs. Every transition is one conditional statement, and an attempt that was overtaken changes nothing: its
 * lease is no longer the row's.
 *
 *     queued ⇄ running → done
 *                  └───→ dead
 */
import { sql } from "drizzle-orm";
import type { JobPriority } from "../../contract/plan.ts";
import type { Database, Row, Statement } from "../database/database.ts";
import type { Dialect } from "../database/dialect.ts";
import { quoted } from "../database/quoted-names.ts";
import { createStatements, hidden, insertInto, isOneOf, update } from "../database/statements.ts";
import { areStored } from "../files/readable.ts";
import { removal } from "../files/registry.ts";
import { priorityOf, rankOf, type Job, type JobOrigin, type JobProblem, type WakingJob } from "./job.ts";
import { toJob, toJobRow, type NewJob } from "./row.ts";

/** The attempt that may change the job. */
export interface JobClaim {
  readonly job: Job;
  readonly lease: string;
}

/**
 * Steps of earlier attempts that took effect, with their results as links/kept-links writes them; null = it is not
 * known what they returned.
 */
export type DoneSteps = ReadonlyMap<number, string | null>;

export type Taken =
  | { readonly job: Job; readonly doneSteps: DoneSteps }
  /** Nothing to run now: `found` is the row as it is, null for none. */
  | { readonly job: null; readonly found: Job | null };

export interface JobRegistry {
  /** For the batch that makes the call durable. */
  queueing(job: NewJob): Statement;
  find(id: string): Promise<Job | null>;
  /**
   * queued and due, or running with an expired lease → running under this lease.
   * @param sharing priorities, the highest first: for a job of one of them, the most urgent call's job among theirs
   * that is due is taken, whichever it is, and of equals the one that waits longest; none = this job itself
   */
  take(id: string, lease: string, now: string, leaseUntil: string, sharing?: readonly JobPriority[]): Promise<Taken>;
  /** For the start of an early batch: fails it unless the attempt still has the job and all its files are readable. */
  holding(claim: JobClaim, now: string): readonly Statement[];
  /** Records that a step takes effect in this batch; fails it when the step did so before. */
  noting(claim: JobClaim, step: number, now: string): Statement;
  /** @param result as in `DoneSteps` */
  keepingResult(claim: JobClaim, step: number, result: string): Statement;
  /** running → done, for the last batch. Fails it as `holding` does. */
  finishing(claim: JobClaim, expiresAt: string, now: string): readonly Statement[];
  /** The answer of a job that is done, as links/kept-links writes it. */
  keepAnswer(id: string, answer: string): Promise<void>;
  /** running → queued, after a failure. False: another attempt has the job. */
  postpone(claim: JobClaim, problem: JobProblem, dueAt: string, wakeAt: string, now: string): Promise<boolean>;
  /**
   * running → dead, and these files → gone, unless a step took effect early: its rows stay, so what they name stays too.
   * Resolves with the files that went; null: another attempt has the job.
   */
  markDead(
    claim: JobClaim,
    problem: JobProblem,
    files: readonly string[],
    expiresAt: string,
    now: string,
  ): Promise<{ readonly files: readonly string[] } | null>;
  /** Jobs whose message or attempt was lost, the highest priority first: queued again, until `wakeAt`. */
  wake(now: string, wakeAt: string, limit: number): Promise<readonly WakingJob[]>;
}

const { jobs, job_steps: steps, files } = quoted;

export function createJobRegistry(database: Database, dialect: Dialect): JobRegistry {
  const { read, write, reading, writing, mustWrite } = createStatements(database, dialect);

  /** The condition that the attempt still has the job. */
  const isHeld = ({ job, lease }: JobClaim) =>
    sql`${jobs.id} = ${job.id} AND ${jobs.lease} = ${lease} AND ${jobs.state} = 'running'`;
  const isWhole = ({ job }: JobClaim) => areStored(dialect, job.files);
  const isUnfinished = sql`${jobs.state} IN ('queued', 'running')`;
  /** The id of the job to take in place of this one; see 0007_waiting_jobs.sql of the migrations for how it is found. */
  const mostUrgent = (id: string, now: string, sharing: readonly JobPriority[]) => {
    const ranks = sharing.map(rankOf);
    const isWaiting = sql`${jobs.state} = 'queued' AND ${jobs.origin} = 'call' AND ${jobs.due_at} <= ${now}`;
    const firsts = ranks.map(
      (rank) =>
        sql`(SELECT ${jobs.id} FROM ${jobs} WHERE ${isWaiting} AND ${jobs.priority} = ${rank} ORDER BY ${jobs.due_at} LIMIT 1), `,
    );
    const isSharing = sql`(SELECT ${jobs.priority} FROM ${jobs} WHERE ${jobs.id} = ${id}) IN (${sql.raw(ranks.join(", "))})`;
    return sql`CASE WHEN ${isSharing} THEN COALESCE(${sql.join(firsts)}${id}) ELSE ${id} END`;
  };
  const jobOf = (id: string) => sql`SELECT * FROM ${jobs} WHERE ${jobs.id} = ${id}`;

  return {
    queueing: (job) => writing(insertInto(jobs, toJobRow(job))),
    async find(id) {
      const [row] = await read(jobOf(id));
      return row === undefined ? null : toJob(row);
    },
    async take(id, lease, now, leaseUntil, sharing = []) {
      const change = sql`UPDATE ${jobs} SET state = 'running', attempts = attempts + 1, lease = ${lease}, wake_at = ${leaseUntil}, updated_at = ${now}`;
      const isDue = sql`${jobs.state} = 'queued' AND ${jobs.due_at} <= ${now}`;
      const isLost = sql`${jobs.state} = 'running' AND ${jobs.wake_at} <= ${now}`;
      const chosen = sharing.length === 0 ? sql`${id}` : mostUrgent(id, now, sharing);
      const taking = writing(sql`${change} WHERE ${jobs.id} = ${chosen} AND ((${isDue}) OR (${isLost})) RETURNING *`);
      const taken = sql`SELECT ${jobs.id} FROM ${jobs} WHERE ${jobs.state} = 'running' AND ${jobs.lease} = ${lease}`;
      const [rows, found, noted] = await database.batch([
        // Of two attempts that choose at the same time, one waits for the other.
        sharing.length === 0 ? taking : { ...taking, lock: "jobs" },
        reading(jobOf(id)),
        reading(sql`SELECT * FROM ${steps} WHERE ${steps.job_id} IN (${taken})`),
      ]);
      if (rows?.[0] !== undefined) return { job: toJob(rows[0]), doneSteps: readSteps(noted ?? []) };
      return { job: null, found: found?.[0] === undefined ? null : toJob(found[0]) };
    },
    holding: (claim, now) =>
      mustWrite(
        sql`${update(jobs, { updated_at: now })} WHERE ${isHeld(claim)} AND ${isWhole(claim)} RETURNING ${jobs.id}`,
      ),
    noting: ({ job }, step, now) => writing(insertInto(steps, { job_id: job.id, step, created_at: now })),
    keepingResult: ({ job }, step, result) =>
      writing(sql`${update(steps, { result })} WHERE ${steps.job_id} = ${job.id} AND ${steps.step} = ${step}`),
    finishing(claim, expiresAt, now) {
      const done = { state: "done", lease: null, problem: null, expires_at: expiresAt, updated_at: now };
      return [
        ...mustWrite(sql`${update(jobs, done)} WHERE ${isHeld(claim)} AND ${isWhole(claim)} RETURNING ${jobs.id}`),
        writing(sql`DELETE FROM ${steps} WHERE ${steps.job_id} = ${claim.job.id}`),
      ];
    },
    async keepAnswer(id, answer) {
      await write(sql`${update(jobs, { result: answer })} WHERE ${jobs.id} = ${id}`);
    },
    async postpone(claim, problem, dueAt, wakeAt, now) {
      const text = JSON.stringify(problem);
      const queued = { state: "queued", lease: null, problem: text, due_at: dueAt, wake_at: wakeAt, updated_at: now };
      return (await write(sql`${update(jobs, queued)} WHERE ${isHeld(claim)} RETURNING ${jobs.id}`)).length > 0;
    },
    async markDead(claim, problem, keys, expiresAt, now) {
      const text = JSON.stringify(problem);
      const dead = { state: "dead", problem: text, expires_at: expiresAt, updated_at: now };
      // The files first: their condition needs the lease, which the row has until it is dead.
      const isHolding = sql`EXISTS (SELECT 1 FROM ${jobs} WHERE ${isHeld(claim)})`;
      const hasRows = sql`EXISTS (SELECT 1 FROM ${steps} WHERE ${steps.job_id} = ${claim.job.id})`;
      const isOwn = sql`${isOneOf(dialect, files.storage_key, keys)} AND ${hidden(sql`${files.status} <> 'pending'`)}`;
      const going = sql`${update(files, removal(now))} WHERE ${isOwn} AND ${isHolding} AND NOT ${hasRows}`;
      const [gone = [], ended = []] = await database.batch([
        writing(sql`${going} RETURNING ${files.storage_key}`),
        writing(sql`${update(jobs, dead)} WHERE ${isHeld(claim)} RETURNING ${jobs.id}`),
      ]);
      return ended.length === 0 ? null : { files: gone.map((row) => row["storage_key"] as string) };
    },
    async wake(now, wakeAt, limit) {
      const isLost = sql`${isUnfinished} AND ${jobs.wake_at} <= ${now}`;
      const chosen = sql`SELECT ${jobs.id} FROM ${jobs} WHERE ${isLost} ORDER BY ${jobs.priority} DESC, ${jobs.wake_at} LIMIT ${limit}`;
      const queued = update(jobs, { state: "queued", lease: null, wake_at: wakeAt, updated_at: now });
      const columns = sql`${jobs.id}, ${jobs.origin}, ${jobs.priority}`;
      const rows = await write(sql`${queued} WHERE ${jobs.id} IN (${chosen}) AND ${isLost} RETURNING ${columns}`);
      const woken = rows.map((row) => ({
        id: row["id"] as string,
        origin: row["origin"] as JobOrigin,
        rank: Number(row["priority"]),
      }));
      return woken
        .toSorted((left, right) => right.rank - left.rank)
        .map(({ id, origin, rank }) => ({ id, origin, priority: priorityOf(rank) }));
    },
  };
}

function readSteps(rows: readonly Row[]): DoneSteps {
  return new Map(rows.map(({ step, result }) => [Number(step), typeof result === "string" ? result : null]));
}
