/**
 * The statements of one request on their way to the database: held back until the end and sent as one atomic batch,
 * unless a later step needs a result sooner.
 */
import type { Database, Rows, Statement } from "../database/database.ts";
import type { DocumentCommand } from "../database/document-store.ts";

/** Statements that belong together, and what to do with their rows. */
export interface Entry {
  readonly statements: readonly Statement[];
  /**
   * Bookkeeping of the runtime waits for the last batch, so that a failure before it leaves files pending; or for the first
   * that writes rows of the caller's. `last` waits whatever is sent before.
   */
  readonly purpose: "registry" | "query" | "last";
  readonly settle: (rows: Rows) => void;
  /** Index of the plan's step that it runs; absent for statements of the runtime's own. */
  readonly step?: number;
  /** The error to answer with where the batch fails; absent: as it is. */
  readonly explain?: (error: unknown) => unknown;
}

/** Commands that belong together, and what to do with their rows. */
export interface DocumentEntry {
  readonly commands: readonly DocumentCommand[];
  readonly settle: (rows: Rows) => void;
}

/**
 * The commands of one request to a MongoDB server: held back until the end, unless a later step needs a result sooner. See
 * documents/document-queue.
 */
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

/** Records what was sent, for work that is retried after a failure: nothing may take effect twice. */
export interface Journal {
  /** Goes in front of statements that are sent before the final batch; makes it fail when it must not be sent. */
  opening(steps: readonly number[]): readonly Statement[];
  /** Sent once the results of such steps are known. */
  recording(steps: readonly number[]): readonly Statement[];
  /** Ends the final batch; makes it fail when it must not be sent. */
  closing(): readonly Statement[];
}

export interface Transaction {
  /** Holds the entry back for the final batch. */
  add(entry: Entry): void;
  /**
   * Sends the entry at once; together with everything that waits, in order, if that or the entry itself is the caller's
   * query.
   */
  sendNow(entry: Entry): Promise<void>;
  /** Sends what waits and makes everything durable. */
  commit(): Promise<void>;
  /** Takes back what was sent, where the engine can. */
  rollback(): Promise<void>;
  /** Adds a task that runs once everything is durable. Whoever commits runs `afterCommitTasks`. */
  afterCommit(name: string, run: () => Promise<void>): void;
  readonly afterCommitTasks: readonly { readonly name: string; readonly run: () => Promise<void> }[];
  /** What the request does on a MongoDB server, begun when it is first asked for. `commit` and `rollback` are for both. */
  documents(): DocumentQueue;
}

export function createTransaction(
  database: Database,
  beginDocuments: () => DocumentQueue,
  journal: Journal | null = null,
): Transaction {
  let waiting: Entry[] = [];
  const afterCommitTasks: { name: string; run: () => Promise<void> }[] = [];

  const session = database.begin();
  let documents: DocumentQueue | null = null;

  const settle = (entries: readonly Entry[], results: Rows, skipped = 0) => {
    let next = skipped;
    for (const entry of entries) {
      entry.settle(results.slice(next, next + entry.statements.length));
      next += entry.statements.length;
    }
  };
  const explained = (entries: readonly Entry[], sending: Promise<Rows>) =>
    sending.catch((error: unknown) => {
      throw entries.reduce((known, { explain }) => explain?.(known) ?? known, error);
    });
  const send = async (entries: readonly Entry[]) => {
    const steps = entries.filter(isWrite).flatMap(({ step }) => step ?? []);
    const opening = steps.length === 0 ? [] : (journal?.opening(steps) ?? []);
    settle(entries, await explained(entries, session.send([...opening, ...statementsOf(entries)])), opening.length);
    const recording = steps.length === 0 ? [] : (journal?.recording(steps) ?? []);
    // A result that could not be kept is missed only if what follows fails as well.
    if (recording.length > 0) await session.send(recording).catch(() => undefined);
  };
  const takeWaiting = (isLast: boolean) => {
    const entries = waiting.filter(({ purpose }) => isLast || purpose !== "last");
    waiting = waiting.filter((entry) => !entries.includes(entry));
    return entries;
  };

  return {
    add: (entry) => void waiting.push(entry),
    async sendNow(entry) {
      const comesAfter = isWrite(entry) || waiting.some(({ purpose }) => purpose === "query");
      await send(comesAfter ? [...takeWaiting(false), entry] : [entry]);
    },
    async commit() {
      // The SQL batch is where calls fail for good reasons, such as a row that exists or is missing: documents that
      // were written before it and are committed after it need no undoing then.
      await documents?.flush();
      const entries = takeWaiting(true);
      const committing = session.commit([...statementsOf(entries), ...(journal?.closing() ?? [])]);
      settle(entries, await explained(entries, committing));
      await documents?.commit();
    },
    async rollback() {
      await Promise.all([documents?.rollback(), session.rollback()]);
    },
    afterCommit: (name, run) => void afterCommitTasks.push({ name, run }),
    afterCommitTasks,
    documents: () => (documents ??= beginDocuments()),
  };
}

const isWrite = ({ statements }: Entry) => statements.some((statement) => statement.writes);

function statementsOf(entries: readonly Entry[]): Statement[] {
  return entries.flatMap((entry) => entry.statements);
}
