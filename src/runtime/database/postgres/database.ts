/** The database port on PostgreSQL, over any transport: batches, sessions, one retry of reads, problems. */
import type { Database, Rows, Session, Statement } from "../database.ts";
import { toExchange, toSettings } from "./exchange.ts";
import { isConnectionFault, toPostgresProblem } from "./problems.ts";
import { BEGIN, COMMIT, ROLLBACK, type Connection, type Query, type Transport } from "./transport.ts";

export function createPostgresDatabase(transport: Transport, timeoutMilliseconds: number): Database {
  const settings = toSettings(timeoutMilliseconds);

  const batch: Database["batch"] = async (statements) => {
    if (statements.length === 0) return [];
    const { queries, read } = toExchange(statements);
    const transact = async () => transport.transact([settings, ...queries]);
    const results = await reported(() => (statements.some(changes) ? transact() : retriedOnce(transact)));
    return read(results.slice(1));
  };

  return { batch, begin: () => createSession(transport, settings, batch) };
}

/** What may not run twice, or outside of a session's transaction. */
const changes = (statement: Statement): boolean => statement.writes || statement.lock !== undefined;

/**
 * Reads go as batches of their own until the first write, which opens a transaction on a connection of its own. A last
 * batch before which nothing was written is a batch like any other: no connection is opened for it.
 */
function createSession(transport: Transport, settings: Query, batch: Database["batch"]): Session {
  let connection: Connection | null = null;
  let ended = false;

  const run = async (statements: readonly Statement[], last: boolean): Promise<Rows> => {
    const { queries, read } = toExchange(statements);
    const opening = connection === null ? [BEGIN, settings] : [];
    connection ??= await transport.connect();
    const results = await connection.run([...opening, ...queries, ...(last ? [COMMIT] : [])]);
    return read(results.slice(opening.length));
  };
  const rollback = async () => {
    ended = true;
    const open = connection;
    connection = null;
    // Closing alone rolls back too, but a pooler then discards its connection to the server.
    await open?.run([ROLLBACK]).catch(() => {});
    open?.close();
  };
  const guarded = async (work: () => Promise<Rows>): Promise<Rows> => {
    if (ended) throw new Error("The session has ended");
    try {
      return await reported(work);
    } catch (error) {
      await rollback();
      throw error;
    }
  };

  return {
    send: (statements) =>
      guarded(async () => {
        if (statements.length === 0) return [];
        return connection === null && !statements.some(changes) ? batch(statements) : run(statements, false);
      }),
    async commit(statements) {
      const rows = await guarded(() => (connection === null ? batch(statements) : run(statements, true)));
      ended = true;
      connection?.close();
      connection = null;
      return rows;
    },
    rollback,
  };
}

async function reported<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw toPostgresProblem(error);
  }
}

async function retriedOnce<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!isConnectionFault(error)) throw error;
    return work();
  }
}
