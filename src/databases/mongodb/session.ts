/** Runs the commands of one request as one transaction, where the server has transactions. */
import type { ClientSession, Db, Document, MongoClient } from "mongodb";
import type { Rows } from "../../runtime/database/database.ts";
import type { NextId } from "./document-ids.ts";
import type { DocumentCommand, DocumentSession } from "../../runtime/database/document-store.ts";
import { isTransient, isUnknownCommit, toMongoProblem } from "./problems.ts";
import { runCommands, type CommandContext } from "./run-commands.ts";

export interface ServerConnection {
  readonly client: MongoClient;
  readonly database: Db;
  /** A standalone server has no transactions. */
  readonly hasTransactions: boolean;
}

const MAX_ATTEMPTS = 3;

const transactionOptions = {
  readConcern: { level: "snapshot" },
  writeConcern: { w: "majority" },
  readPreference: "primary",
} as const;

export function createMongoSession(connect: () => Promise<ServerConnection>, nextId: NextId): DocumentSession {
  let session: ClientSession | null = null;
  /** On a standalone server: what must be taken back after a failure. */
  const inserted: { readonly collection: string; readonly ids: readonly Document["_id"][] }[] = [];
  let isRolledBack = false;

  const contextOf = ({ database, hasTransactions }: ServerConnection): CommandContext => ({
    database,
    session,
    nextId,
    inserting: (collection, ids) => void (hasTransactions ? null : inserted.push({ collection, ids })),
  });
  const abort = async () => {
    const open = session;
    session = null;
    if (open?.inTransaction() === true) await open.abortTransaction();
    await open?.endSession();
  };
  /** A transaction whose results nobody has seen yet can begin again. */
  const beginWith = async (commands: readonly DocumentCommand[], connection: ServerConnection): Promise<Rows> => {
    for (let attempt = 1; ; attempt += 1) {
      session = connection.client.startSession();
      session.startTransaction(transactionOptions);
      try {
        return await runCommands(commands, contextOf(connection));
      } catch (error) {
        await abort();
        if (attempt === MAX_ATTEMPTS || !isTransient(error)) throw error;
      }
    }
  };

  return {
    send: (commands) =>
      reported(async () => {
        if (isRolledBack) throw new Error("The session has ended");
        if (commands.length === 0) return [];
        const connection = await connect();
        const opens = session === null && connection.hasTransactions && commands.some(isWrite);
        return opens ? beginWith(commands, connection) : runCommands(commands, contextOf(connection));
      }),
    commit: () =>
      reported(async () => {
        const open = session;
        session = null;
        inserted.length = 0;
        if (open === null) return;
        try {
          await commitSurely(open);
        } finally {
          await open.endSession();
        }
      }),
    rollback: () =>
      reported(async () => {
        isRolledBack = true;
        await abort();
        for (const { collection, ids } of inserted.splice(0).toReversed()) {
          const { database } = await connect();
          await database.collection(collection).deleteMany({ _id: { $in: [...ids] } });
        }
      }),
  };
}

const isWrite = ({ action }: DocumentCommand): boolean => action !== "find";

/** The driver tries twice; the election of a new primary may take longer than that. */
async function commitSurely(session: ClientSession): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await session.commitTransaction();
      return;
    } catch (error) {
      if (attempt === MAX_ATTEMPTS || !isUnknownCommit(error)) throw error;
    }
  }
}

async function reported<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw toMongoProblem(error);
  }
}
