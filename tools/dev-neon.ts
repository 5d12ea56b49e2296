/**
 * Neon without an account: a throw-away PostgreSQL with the migrations applied, behind an endpoint that speaks Neon's
 * protocols, until Ctrl-C. Nothing is kept.
 *
 *     npm run dev:neon [-- --port 5488]
 */
import { startLocalEndpoint } from "./neon/local-endpoint.ts";
import { migrate } from "./neon/migrate.ts";
import { startCluster } from "../src/compiler/sql/postgres/throw-away-cluster.ts";
import { nextFreePort } from "../src/compiler/sql/postgres/free-port.ts";
import { readPort } from "../src/cli/local/read-port.ts";
import { createStyle } from "../src/cli/terminal/style.ts";

const DEFAULT_PORT = 5488;
const style = createStyle(process.stdout);

try {
  const port = (await readPort()) ?? (await nextFreePort(DEFAULT_PORT));
  const cluster = await startCluster();
  await migrate(cluster.url);
  const endpoint = await startLocalEndpoint({ databaseUrl: cluster.url, port });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.once(signal, () => void endpoint.close().then(() => cluster.stop()));
  }
  console.log(`\n  ${style.bold("Neon, local")}  ${style.dim("a throw-away database, Ctrl-C ends it")}\n`);
  console.log(`  ${style.dim("for .dev.vars, with DATABASE = neon:")}  DATABASE_URL=${endpoint.url}`);
  console.log(`  ${style.dim("the same database for psql:")}           ${cluster.url}\n`);
} catch (error) {
  console.error(`\n  ${style.bad(error instanceof Error ? error.message : String(error))}\n`);
  process.exitCode = 1;
}
