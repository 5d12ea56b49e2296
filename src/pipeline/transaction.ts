/**
 * The statements of one request on their way to the database: held back until the end and sent as one atomic batch,
 * unless a later step needs a result sooner. Knows nothing of references or of files.
 */
import type { Database, Rows, Statement } from "../database/database.ts";

/** Statements that belong together, and what to do with their rows. */
export interface Entry {
  readonly statements: readonly Statement[];
  /** Bookkeeping of the runtime waits for the last batch, so that a failure before it leaves files pending. */
  readonly purpose: "registry" | "query";
  readonly settle: (rows: Rows) => void;
}

export interface Transaction {
  /** Holds the entry back for the final batch. */
  add(entry: Entry): void;
  /** Sends the entry at once; with all that waits, in order, when that or the entry itself is the caller's query. */
  sendNow(entry: Entry): Promise<void>;
  /** Sends what waits and makes everything durable. */
  commit(): Promise<void>;
  /** Takes back what was sent, where the engine can. */
  rollback(): Promise<void>;
  /** Adds a deed for the time when everything is durable. Whoever commits runs `deeds`. */
  afterCommit(name: string, deed: () => Promise<void>): void;
  readonly deeds: readonly { readonly name: string; readonly deed: () => Promise<void> }[];
}

export function createTransaction(database: Database): Transaction {
  let waiting: Entry[] = [];
  const deeds: { name: string; deed: () => Promise<void> }[] = [];

  const session = database.begin();

  const settle = (entries: readonly Entry[], results: Rows) => {
    let next = 0;
    for (const entry of entries) {
      entry.settle(results.slice(next, next + entry.statements.length));
      next += entry.statements.length;
    }
  };
  const send = async (entries: readonly Entry[]) => {
    settle(entries, await session.send(statementsOf(entries)));
  };
  const takeWaiting = () => {
    const entries = waiting;
    waiting = [];
    return entries;
  };

  return {
    add: (entry) => void waiting.push(entry),
    async sendNow(entry) {
      const writes = entry.statements.some((statement) => statement.writes);
      const comesAfter = writes || waiting.some(({ purpose }) => purpose === "query");
      await send(comesAfter ? [...takeWaiting(), entry] : [entry]);
    },
    async commit() {
      const entries = takeWaiting();
      settle(entries, await session.commit(statementsOf(entries)));
    },
    rollback: () => session.rollback(),
    afterCommit: (name, deed) => void deeds.push({ name, deed }),
    deeds,
  };
}

function statementsOf(entries: readonly Entry[]): Statement[] {
  return entries.flatMap((entry) => entry.statements);
}
