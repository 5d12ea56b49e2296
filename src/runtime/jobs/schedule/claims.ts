/** Records up to which time each schedule has been run. One conditional statement gives a time to one run only. */
import { sql } from "drizzle-orm";
import type { Database, Statement } from "../../database/database.ts";
import type { Dialect } from "../../database/dialect.ts";
import { quoted } from "../../database/quoted-names.ts";
import { createStatements, insertInto } from "../../database/statements.ts";
import { Problem } from "../../../contract/problem.ts";

export interface ScheduleClaims {
  /** The last time that was claimed, in milliseconds; null for a schedule that never ran. */
  last(endpoint: string): Promise<number | null>;
  /**
   * Claims the time and queues its job in one batch. False: it was claimed before, or an earlier run of the schedule is
   * not finished.
   */
  claim(endpoint: string, slot: number, queueing: Statement): Promise<boolean>;
}

const { schedules, jobs } = quoted;

export function createScheduleClaims(database: Database, dialect: Dialect): ScheduleClaims {
  const { read, mustWrite } = createStatements(database, dialect);
  return {
    async last(endpoint) {
      const ofSchedule = sql`${schedules.endpoint} = ${endpoint}`;
      const [row] = await read(sql`SELECT ${schedules.last_slot} FROM ${schedules} WHERE ${ofSchedule}`);
      const slot = row?.["last_slot"];
      return typeof slot === "string" ? Date.parse(slot) : null;
    },
    async claim(endpoint, slot, queueing) {
      const ofSchedule = sql`${jobs.endpoint} = ${endpoint} AND ${jobs.origin} = 'schedule'`;
      const isFree = sql`NOT EXISTS (SELECT 1 FROM ${jobs} WHERE ${ofSchedule} AND ${jobs.state} IN ('queued', 'running'))`;
      const inserting = insertInto(schedules, { endpoint, last_slot: new Date(slot).toISOString() });
      const isLater = sql`${schedules.last_slot} < excluded.last_slot AND ${isFree}`;
      const claiming = sql`${inserting} ON CONFLICT (endpoint) DO UPDATE SET last_slot = excluded.last_slot WHERE ${isLater} RETURNING endpoint`;
      try {
        await database.batch([...mustWrite(claiming), queueing]);
        return true;
      } catch (error) {
        if (error instanceof Problem && error.code === "row_missing") return false;
        throw error;
      }
    },
  };
}
