/**
 * Registers the files of one call as pending: one batch is under way at a time, and the next takes all that wait, so
 * that many small files need few.
 */
import type { Statement } from "../database/database.ts";

export interface Reservations {
  /** Resolves once the row is durable. */
  add(row: Statement): Promise<void>;
}

interface Waiting {
  readonly row: Statement;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

export function createReservations(send: (rows: readonly Statement[]) => Promise<unknown>): Reservations {
  let waiting: Waiting[] = [];
  let isSending = false;

  const sendAll = async () => {
    isSending = true;
    // The files that have arrived already go together.
    await scheduler.wait(0);
    while (waiting.length > 0) {
      const taken = waiting;
      waiting = [];
      try {
        await send(taken.map(({ row }) => row));
        for (const { resolve } of taken) resolve();
      } catch (error) {
        for (const { reject } of taken) reject(error);
      }
    }
    isSending = false;
  };

  return {
    add: (row) =>
      new Promise((resolve, reject) => {
        waiting.push({ row, resolve, reject });
        if (!isSending) void sendAll();
      }),
  };
}
