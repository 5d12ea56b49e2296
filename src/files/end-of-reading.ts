/**
 * What whoever ends reading owes: a wait until no isolate can hold a row of before. read-leases says why it is enough.
 *
 * Three parts, so that nobody has to remember it. A statement that ends reading is marked where it is written, in the
 * registries. The database of a request starts the wait when such a statement was sent. The app awaits it before an answer
 * leaves; a job, which answers nobody, does not. Knows nothing of routes, and nothing of what is ended.
 */
import type { Database, Rows, Statement } from "../database/database.ts";

/** More than this no setting allows: it is how long a revocation takes. */
export const MAX_READ_LEASE_MS = 5000;
/** Two clocks may run at slightly different speeds, and timers and moments are rounded to milliseconds. */
const CLOCK_MARGIN_MS = 10;

/** A statement after which something cannot be read that could be read before: whoever answers for it waits. */
export interface EndingStatement extends Statement {
  readonly endsReading: true;
}

export const endingReading = (statement: Statement): EndingStatement => ({ ...statement, endsReading: true });

/** The time of one request after which no isolate holds a row of before. */
export interface Lapse {
  /** Starts the time anew: something was ended, and is durable if it ever will be. */
  begin(): void;
  /** Resolves when the time is over; at once when nothing was ended. To be awaited before every answer. */
  passed(): Promise<void>;
}

/** @param leaseMs as the downloads of this deployment have it */
export function createLapse(leaseMs: number, wait: (milliseconds: number) => Promise<unknown>): Lapse {
  let running: Promise<unknown> = Promise.resolve();
  return {
    begin() {
      if (leaseMs > 0) running = wait(leaseMs + CLOCK_MARGIN_MS);
    },
    async passed() {
      await running;
    },
  };
}

/** The database, where every ending statement begins the lapse, whoever sends it and with whatever else. */
export function watchEndings(database: Database, lapse: Lapse): Database {
  const watch = async (isEnd: boolean, rows: Promise<Rows>): Promise<Rows> => {
    try {
      return await rows;
    } finally {
      // Also after a failure: a batch whose answer was lost may be durable, and the caller's next try finds nothing to end.
      if (isEnd) lapse.begin();
    }
  };
  return {
    batch: (statements) => watch(statements.some(isEnding), database.batch(statements)),
    begin() {
      const session = database.begin();
      // What is sent early is durable at once on some engines and with the commit on others: the later counts.
      let isEnd = false;
      const isNowEnd = (statements: readonly Statement[]) => (isEnd ||= statements.some(isEnding));
      return {
        send: (statements) => watch(isNowEnd(statements), session.send(statements)),
        commit: (statements) => watch(isNowEnd(statements), session.commit(statements)),
        rollback: () => session.rollback(),
      };
    },
  };
}

const isEnding = (statement: Statement): boolean => "endsReading" in statement;
