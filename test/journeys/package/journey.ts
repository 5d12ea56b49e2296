/** What the journeys of the package share: a folder and servers that go with them, and a PostgreSQL of their own. */
import { rm } from "node:fs/promises";
import { findBinaries, MISSING } from "../../../src/compiler/sql/postgres/find-binaries.ts";
import { startCluster } from "../../../src/compiler/sql/postgres/throw-away-cluster.ts";
import { allLogs, stopServers } from "./servers.ts";

/** Shows what went wrong with all that the servers said. @param work is removed in any case */
export async function journey(work: string, travel: () => Promise<void>): Promise<void> {
  const began = performance.now();
  try {
    await travel();
    console.log(`All of it works, after ${((performance.now() - began) / 1000).toFixed(0)} s.`);
  } catch (error) {
    console.error(allLogs());
    console.error(error);
    process.exitCode = 1;
  } finally {
    await stopServers();
    await rm(work, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** With a server that is thrown away behind it. Without PostgreSQL on the machine it is skipped, and fails under CI. */
export async function onPostgresql(work: (url: string) => Promise<void>): Promise<void> {
  if ((await findBinaries()) === null) {
    if ((process.env["CI"] ?? "") !== "") throw new Error(MISSING);
    console.warn(`SKIPPED: ${MISSING}`);
    return;
  }
  const cluster = await startCluster();
  try {
    await work(cluster.url);
  } finally {
    await cluster.stop();
  }
}
