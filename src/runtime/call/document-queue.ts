/**
 * Queues the commands of one request to a MongoDB server: they are held back until the end, unless a later step needs a
 * result sooner.
 */
import type { Rows } from "../database/database.ts";
import type { DocumentCommand, DocumentSession } from "../database/document-store.ts";

/** Commands that belong together, and what to do with their rows. */
export interface DocumentEntry {
  readonly commands: readonly DocumentCommand[];
  readonly settle: (rows: Rows) => void;
}

export interface DocumentQueue {
  /** Holds the entry back for the end. */
  add(entry: DocumentEntry): void;
  /** Sends the entry at once, after everything that waits. */
  sendNow(entry: DocumentEntry): Promise<void>;
  /** Sends what waits. */
  flush(): Promise<void>;
  /** Makes what was sent durable. */
  commit(): Promise<void>;
  /** Takes back what was sent, where the server can. */
  rollback(): Promise<void>;
}

export function createDocumentQueue(begin: () => DocumentSession): DocumentQueue {
  let session: DocumentSession | null = null;
  let waiting: DocumentEntry[] = [];

  const send = async (entries: readonly DocumentEntry[]) => {
    if (entries.length === 0) return;
    session ??= begin();
    const rows = await session.send(entries.flatMap(({ commands }) => commands));
    let next = 0;
    for (const { commands, settle } of entries) {
      settle(rows.slice(next, next + commands.length));
      next += commands.length;
    }
  };
  const takeWaiting = () => {
    const entries = waiting;
    waiting = [];
    return entries;
  };

  return {
    add: (entry) => void waiting.push(entry),
    sendNow: (entry) => send([...takeWaiting(), entry]),
    flush: () => send(takeWaiting()),
    commit: async () => session?.commit(),
    rollback: async () => session?.rollback(),
  };
}
