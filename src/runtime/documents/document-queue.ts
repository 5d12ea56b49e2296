/**
 * Queues the commands of one request to a MongoDB server: they are held back until the end, unless a later step needs a
 * result sooner.
 */
import type { DocumentEntry, DocumentQueue } from "../call/transaction.ts";
import type { DocumentSession } from "../database/document-store.ts";

export function createDocumentQueue(session: DocumentSession): DocumentQueue {
  let waiting: DocumentEntry[] = [];

  const send = async (entries: readonly DocumentEntry[]) => {
    if (entries.length === 0) return;
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
    commit: () => session.commit(),
    rollback: () => session.rollback(),
  };
}
