/** PostgreSQL's own protocol through pg's client or a compatible one: over TCP to Hyperdrive, over a WebSocket to Neon. */
import { within } from "../../bytes.ts";
import { pipeline, type PipelinedQuery } from "./pipelined-query.ts";
import { BEGIN, COMMIT, ROLLBACK, type Connection, type Query, type Transport } from "./transport.ts";

/** The part of a pg client that is used. */
export interface SocketClient {
  connect(): Promise<unknown>;
  query(query: PipelinedQuery): unknown;
  end(): Promise<void>;
  on(event: "error", listener: (error: Error) => void): unknown;
}

/**
 * One client for the batches, connected at the first one and kept: a client belongs to one request, whose end closes
 * its sockets. Sessions get clients of their own. `answerMilliseconds` is the longest wait for any answer.
 */
export function createSocketTransport(createClient: () => SocketClient, answerMilliseconds: number): Transport {
  const connect = () => openConnection(createClient(), answerMilliseconds);
  let connection: Connection | null = null;
  let turn: Promise<unknown> = Promise.resolve();

  const transactNow = async (queries: readonly Query[]) => {
    const open = (connection ??= await connect());
    try {
      const results = await open.run([BEGIN, ...queries, COMMIT]);
      return results.slice(1, -1);
    } catch (error) {
      // The failed transaction is still open, unless the connection is what failed.
      await open.run([ROLLBACK]).catch(() => {
        connection = null;
        open.close();
      });
      throw error;
    }
  };

  return {
    connect,
    transact(queries) {
      // One at a time: a second transaction must not begin inside a first that has failed.
      const result = turn.then(() => transactNow(queries));
      turn = result.catch(() => {});
      return result;
    },
  };
}

/** @throws whatever the driver says, or a TimeoutError */
async function openConnection(client: SocketClient, answerMilliseconds: number): Promise<Connection> {
  let closed = false;
  const close = () => {
    if (closed) return;
    closed = true;
    void client.end().catch(() => {});
  };
  const answered = async <Result>(work: Promise<Result>, what: string): Promise<Result> => {
    const late = () => {
      close();
      return new DOMException(`${what} took more than ${answerMilliseconds} ms`, "TimeoutError");
    };
    return within(work, answerMilliseconds, late);
  };
  // Every fault also rejects what waits for an answer; without a listener it would end the process as well.
  client.on("error", () => {});
  try {
    await answered(client.connect(), "Connecting to the database");
  } catch (error) {
    close();
    throw error;
  }
  return {
    async run(queries) {
      if (closed) throw new Error("The connection to the database is closed");
      const { query, results } = pipeline(queries);
      client.query(query);
      return answered(results, "The database's answer");
    },
    close,
  };
}
