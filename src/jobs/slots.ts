/** Up to when each schedule was taken care of. One conditional statement gives a moment to one run only. */
import { eq, sql } from "drizzle-orm";
import type { Database, Statement } from "../database/database.ts";
import { insertInto, toStatement, type Dialect } from "../database/dialect.ts";
import { Problem } from "../problem.ts";

export interface Slots {
  /** The last moment that was given away, in milliseconds; null for a schedule that never ran. */
  last(endpoint: string): Promise<number | null>;
  /**
   * Gives the moment away and queues its job in one batch. False: it was given away before, or an earlier run of the
   * schedule is not finished.
   */
  claim(endpoint: string, slot: number, queueing: Statement): Promise<boolean>;
}

export function createSlots(database: Database, dialect: Dialect): Slots {
  const { schedules, jobs } = dialect.tables;
  return {
    async last(endpoint) {
      const query = sql`SELECT ${schedules.last_slot} FROM ${schedules} WHERE ${eq(schedules.endpoint, endpoint)}`;
      const [rows] = await database.batch([toStatement(dialect, query)]);
      const slot = rows?.[0]?.["last_slot"];
      return typeof slot === "string" ? Date.parse(slot) : null;
    },
    async claim(endpoint, slot, queueing) {
      const ofSchedule = sql`${eq(jobs.endpoint, endpoint)} AND ${eq(jobs.origin, "schedule")}`;
      const isFree = sql`NOT EXISTS (SELECT 1 FROM ${jobs} WHERE ${ofSchedule} AND ${jobs.state} IN ('queued', 'running'))`;
      const inserting = insertInto(schedules, { endpoint, last_slot: new Date(slot).toISOString() });
      const isLater = sql`${schedules.last_slot} < excluded.last_slot AND ${isFree}`;
      const claiming = sql`${inserting} ON CONFLICT (endpoint) DO UPDATE SET last_slot = excluded.last_slot WHERE ${isLater} RETURNING endpoint`;
      try {
        await database.batch([toStatement(dialect, claiming, { writes: true, mustReturn: true }), queueing]);
        return true;
      } catch (error) {
        if (error instanceof Problem && error.code === "row_missing") return false;
        throw error;
      }
    },
  };
}
