/**
 * The statements of one request on their way to the database: held back until the end and sent as one atomic batch,
 * unless a later step needs a result sooner. Knows nothing of references or of files.
 */
import type { Database, Row, Statement } from "../database/database.ts";

/** Statements that belong together, and what to do with their rows. */
export interface Entry {
  readonly statements: readonly Statement[];
  /** Bookkeeping of the runtime waits for the last batch, so that a failure before it leaves files pending. */
  readonly purpose: "registry" | "query";
  readonly settle: (rows: readonly (readonly Row[])[]) => void;
}

export interface Transaction {
  /** Holds the entry back for the final batch. */
  add(entry: Entry): void;
  /** Sends the entry at once; with all that waits, in order, when that or the entry itself is the caller's query. */
  sendNow(entry: Entry): Promise<void>;
  /** Sends what waits. */
  commit(): Promise<void>;
  /** Adds a deed for the time when everything is durable. Whoever commits runs `deeds`. */
  afterCommit(name: string, deed: () => Promise<void>): void;
  readonly deeds: readonly { readonly name: string; readonly deed: () => Promise<void> }[];
}

export function createTransaction(database: Database): Transaction {
  let waiting: Entry[] = [];
  const deeds: { name: string; deed: () => Promise<void> }[] = [];

  const send = async (entries: readonly Entry[]) => {
    const results = await database.batch(entries.flatMap((entry) => entry.statements));
    let next = 0;
    for (const entry of entries) {
      entry.settle(results.slice(next, next + entry.statements.length));
      next += entry.statements.length;
    }
  };
  const flush = async (last: readonly Entry[]) => {
    const entries = [...waiting, ...last];
    waiting = [];
    await send(entries);
  };

  return {
    add: (entry) => void waiting.push(entry),
    async sendNow(entry) {
      const writes = entry.statements.some((statement) => statement.writes);
      if (writes || waiting.some(({ purpose }) => purpose === "query")) await flush([entry]);
      else await send([entry]);
    },
    commit: () => flush([]),
    afterCommit: (name, deed) => void deeds.push({ name, deed }),
    deeds,
  };
}
