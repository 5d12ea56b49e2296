/**
 * One HTTP request of Neon's serverless driver: a query, or a batch that is one transaction. What the driver sends and
 * expects is read off its source (https://github.com/neondatabase/serverless). Knows nothing of WebSockets.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import pg from "pg";
import type { Access, Caller } from "./access.ts";

interface SqlQuery {
  readonly query: string;
  readonly params?: readonly (string | null)[];
}

type SqlRequest = SqlQuery | { readonly queries: readonly SqlQuery[] };

/** The driver reads these of an error, and nothing else. */
const ERROR_FIELDS = [
  "severity",
  "code",
  "detail",
  "hint",
  "position",
  "internalPosition",
  "internalQuery",
  "where",
  "schema",
  "table",
  "column",
  "dataType",
  "constraint",
  "file",
  "line",
  "routine",
] as const;

const isolationLevels: ReadonlyMap<string, string> = new Map([
  ["ReadUncommitted", "READ UNCOMMITTED"],
  ["ReadCommitted", "READ COMMITTED"],
  ["RepeatableRead", "REPEATABLE READ"],
  ["Serializable", "SERIALIZABLE"],
]);

/** Answers requests with connections that are kept for the next one, as Neon's own proxy does. */
export interface SqlEndpoint {
  /** Answers 200 with results, 400 with what the server said against a query, 500 when there is none to say it. */
  answer(request: IncomingMessage, response: ServerResponse): Promise<void>;
  close(): Promise<void>;
}

export function createSqlEndpoint(access: Access): SqlEndpoint {
  const pools = new Map<string, pg.Pool>();
  const poolOf = (connectionString: string) => {
    const known = pools.get(connectionString);
    if (known !== undefined) return known;
    const pool = new pg.Pool({ connectionString, max: 20, allowExitOnIdle: true });
    // Of an idle connection: the pool has dropped it already.
    pool.on("error", () => {});
    pools.set(connectionString, pool);
    return pool;
  };
  return {
    async answer(request, response) {
      try {
        const pool = poolOf(access.admit(callerOf(request)));
        const body = JSON.parse(await text(request)) as SqlRequest;
        const client = await pool.connect();
        const answer = await runOn(client, response, () =>
          "queries" in body ? runBatch(client, body.queries, request) : run(client, body),
        );
        response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify(answer));
      } catch (error) {
        answerError(response, error);
      }
    },
    async close() {
      await Promise.all([...pools.values()].map((pool) => pool.end()));
    },
  };
}

/** A connection is only kept when its work went well: of one that failed nobody knows the state. */
async function runOn(client: pg.PoolClient, response: ServerResponse, work: () => Promise<unknown>): Promise<unknown> {
  let released = false;
  const release = (broken: boolean) => {
    if (released) return;
    released = true;
    client.release(broken);
  };
  // The failed query rejects; this is the same error once more.
  const ignore = () => {};
  client.on("error", ignore);
  // Neon cancels what nobody waits for any more.
  response.once("close", () => release(true));
  try {
    const answer = await work();
    client.off("error", ignore);
    release(false);
    return answer;
  } catch (error) {
    release(true);
    throw error;
  }
}

/** @throws Error where the driver would have sent an address */
function callerOf(request: IncomingMessage): Caller {
  const { username, password, pathname } = new URL(String(request.headers["neon-connection-string"] ?? ""));
  const [user = "", secret = "", database = ""] = [username, password, pathname.slice(1)].map(decodeURIComponent);
  return { user, password: secret, database };
}

async function runBatch(client: pg.ClientBase, queries: readonly SqlQuery[], request: IncomingMessage) {
  await client.query(`BEGIN${toModes(request)}`);
  const results = [];
  for (const query of queries) results.push(await run(client, query));
  await client.query("COMMIT");
  return { results };
}

function toModes({ headers }: IncomingMessage): string {
  const level = isolationLevels.get(String(headers["neon-batch-isolation-level"]));
  return [
    level === undefined ? "" : ` ISOLATION LEVEL ${level}`,
    headers["neon-batch-read-only"] === "true" ? " READ ONLY" : "",
    headers["neon-batch-deferrable"] === "true" ? " DEFERRABLE" : "",
  ].join("");
}

async function run(client: pg.ClientBase, { query, params = [] }: SqlQuery) {
  const { command, rowCount, rows, fields } = await client.query<(string | null)[]>({
    text: query,
    values: [...params],
    rowMode: "array",
    // As the driver asks for with Neon-Raw-Text-Output and Neon-Array-Mode.
    types: { getTypeParser: () => (value: string) => value },
  });
  return { command, rowCount, rows, fields, rowAsArray: true };
}

function answerError(response: ServerResponse, error: unknown): void {
  if (response.headersSent || response.destroyed) return;
  if (!(error instanceof pg.DatabaseError)) {
    response.writeHead(500).end(error instanceof Error ? error.message : String(error));
    return;
  }
  const fields = ERROR_FIELDS.map((name) => [name, error[name] ?? null]);
  response.writeHead(400, { "Content-Type": "application/json" });
  response.end(JSON.stringify({ message: error.message, ...Object.fromEntries(fields) }));
}
