/**
 * What the PostgreSQL engines do when the database dies under load, how many round trips they need, and what they try
 * again: on a throw-away server, in Node. Too slow and too rough for the unit tests.
 *
 *     npm run suite database
 */
import type { Database, Statement } from "../../../src/runtime/database/database.ts";
import { hyperdrive } from "../../../src/databases/hyperdrive.ts";
import { startLocalEndpoint } from "../../../src/cli/local/neon/local-endpoint.ts";
import { startCountingProxy, type CountingProxy } from "./counting-proxy.ts";
import { engineWays } from "./engine-ways.ts";
import { findBinaries, MISSING } from "../../../src/compiler/sql/postgres/find-binaries.ts";
import { loadAndKill, loadInPeace } from "./load.ts";
import { migrate } from "../../support/node/migrate.ts";
import { startCluster } from "../../../src/compiler/sql/postgres/throw-away-cluster.ts";

if ((await findBinaries()) === null) {
  console.error(`SKIPPED: ${MISSING}`);
  process.exit((process.env["CI"] ?? "") === "" ? 0 : 1);
}
const cluster = await startCluster();
await migrate(cluster.url);
const endpoint = await startLocalEndpoint(cluster.url);
const proxy = await startCountingProxy(cluster.port);
try {
  await checkWire(proxy);
  for (const way of engineWays({ url: cluster.url, neonUrl: endpoint.url })) {
    await loadInPeace(way);
    const { succeeded, refused, refusedButWritten } = await loadAndKill(way, cluster);
    console.log(
      `ok  ${way.name}: 200 callers, killed and restarted: ${succeeded} calls succeeded, each with its rows once; ` +
        `${refused} refused with 503, ${refusedButWritten} of them written in full, the rest not at all`,
    );
  }
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  await Promise.all([proxy.close(), endpoint.close()]);
  await cluster.stop();
  // Clients of Hyperdrive's kind are never closed: in the Worker the request's end does that.
  process.exit();
}

/** Round trips and second tries over PostgreSQL's own protocol, where only a proxy sees them. */
async function checkWire({ port, ...counters }: CountingProxy): Promise<void> {
  const url = new URL(cluster.url);
  url.port = String(port);
  const environment = { text: () => "", binding: () => undefined };
  const open = (): Database =>
    hyperdrive.open({
      ...environment,
      binding: (name) => (name === "HYPERDRIVE" ? { connectionString: url.href } : undefined),
    });
  const read = toStatement("SELECT 1 AS v", false);
  const write = toStatement("UPDATE gallery SET url = url WHERE false", true);

  const database = open();
  await database.batch([read]);
  const connecting = counters.takeRoundTrips();
  const inserts = Array.from({ length: 100 }, (_, row) =>
    toStatement(
      `INSERT INTO gallery SELECT 'wire/${row}', '', 'wire/${row}', '', '', 0, now(), now() RETURNING id`,
      true,
    ),
  );
  await database.batch(inserts.flatMap((write) => hyperdrive.dialect.mustChange({ ...write, lock: "wire" })));
  expectEqual("round trips for a batch of 100 rows", counters.takeRoundTrips(), 1);
  const session = database.begin();
  await session.send([write, write]);
  counters.takeRoundTrips();
  await session.send([write, write]);
  await session.commit([write, write]);
  expectEqual("round trips for a session's send and commit", counters.takeRoundTrips(), 2);

  counters.takeConnections();
  counters.loseNext(1);
  await open().batch([read]);
  expectEqual("connections for a read whose first was lost", counters.takeConnections(), 2);
  counters.loseNext(1);
  const refused = await open()
    .batch([read, write])
    .then(
      () => "written",
      (error: Error) => ("code" in error ? error.code : error),
    );
  expectEqual("a write whose connection was lost", refused, "database_unavailable");
  expectEqual("connections for it", counters.takeConnections(), 1);
  console.log(
    `ok  Hyperdrive: a batch of 100 guarded rows is one round trip, the connection ${connecting - 1} before it`,
  );
}

function toStatement(sql: string, writes: boolean): Statement {
  return { sql, parameters: [], columns: {}, writes };
}

function expectEqual(what: string, actual: unknown, expected: unknown): void {
  if (actual !== expected) throw new Error(`${what}: ${String(actual)} instead of ${String(expected)}`);
}
