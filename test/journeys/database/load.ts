/** Calls that write rows at once while the database is killed and comes back, and what is then in the table. */
import type { Database, Statement } from "../../../src/runtime/database/database.ts";
import { dialect } from "../../../src/runtime/database/postgres/dialect.ts";
import { Problem } from "../../../src/contract/problem.ts";
import type { EngineWay } from "./engine-ways.ts";
import type { Cluster } from "../../../src/compiler/sql/postgres/throw-away-cluster.ts";

const CALLERS = 200;
const ROWS_PER_CALL = 3;

export interface LoadReport {
  readonly succeeded: number;
  /** Answered with 503. */
  readonly refused: number;
  /** Of the refused: the answer to the commit was lost, the rows are there, all of the call's. */
  readonly refusedButWritten: number;
}

/**
 * 200 callers call without pause; in the middle the server is killed and started again. Ends when a third of the calls
 * were made after that. @throws Error when a call fails otherwise, or the rows are not those of the calls
 */
export async function loadAndKill(way: EngineWay, cluster: Cluster): Promise<LoadReport> {
  const succeeded = new Set<string>();
  const refused = new Set<string>();
  const stop = new AbortController();

  const call = async (database: Database, id: string) => {
    try {
      await way.write(database, toStatements(id));
      succeeded.add(id);
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== "database_unavailable") throw error;
      refused.add(id);
    }
  };
  const callers = Array.from({ length: CALLERS }, async (_, caller) => {
    const database = way.open();
    for (let turn = 0; !stop.signal.aborted; turn += 1) await call(database, `${way.name}/${caller}/${turn}`);
  });
  const load = Promise.all(callers).finally(() => stop.abort());
  const until = async (condition: () => boolean) => {
    while (!condition() && !stop.signal.aborted) await new Promise((resolve) => setTimeout(resolve, 5));
  };

  await until(() => succeeded.size >= CALLERS);
  await cluster.kill();
  await until(() => refused.size >= CALLERS);
  await cluster.start();
  const before = succeeded.size;
  await until(() => succeeded.size >= before + CALLERS);
  stop.abort();
  await load;
  return { ...(await compare(way, succeeded, refused)), succeeded: succeeded.size, refused: refused.size };
}

/** As many calls as callers, at once, with nothing in their way: all go through. */
export async function loadInPeace(way: EngineWay): Promise<void> {
  const ids = Array.from({ length: CALLERS }, (_, caller) => `${way.name}, in peace/${caller}`);
  await Promise.all(ids.map((id) => way.write(way.open(), toStatements(id))));
  await compare({ ...way, name: `${way.name}, in peace` }, new Set(ids), new Set());
}

function toStatements(id: string): Statement[] {
  const writes = Array.from({ length: ROWS_PER_CALL }, (_, row) => ({
    sql:
      "INSERT INTO gallery (id, user_id, storage_key, url, file_size, created_at, updated_at) " +
      "VALUES ($1, $2, $1, '', 0, now(), now()) RETURNING id",
    parameters: [`${id}/${row}`, id].map((value) => ({ value, type: "text" as const })),
    columns: {},
    writes: true,
  }));
  return writes.flatMap(dialect.mustChange);
}

async function compare(way: EngineWay, succeeded: ReadonlySet<string>, refused: ReadonlySet<string>) {
  const counts: Statement = {
    sql: "SELECT user_id, count(*) AS n FROM gallery WHERE split_part(user_id, '/', 1) = $1 GROUP BY user_id",
    parameters: [{ value: way.name, type: "text" }],
    columns: {},
    writes: false,
  };
  const [rows = []] = await way.open().batch([counts]);
  const written = new Map(rows.map((row) => [row["user_id"] as string, row["n"] as number]));
  for (const [id, count] of written) {
    if (count !== ROWS_PER_CALL) throw new Error(`${id} has ${count} of its ${ROWS_PER_CALL} rows`);
    if (!succeeded.has(id) && !refused.has(id)) throw new Error(`${id} has rows and was never called`);
  }
  const lost = [...succeeded].filter((id) => !written.has(id));
  if (lost.length > 0) throw new Error(`${lost.length} calls succeeded and have no rows, ${lost[0]} for one`);
  return { refusedButWritten: [...refused].filter((id) => written.has(id)).length };
}
