/**
 * A throw-away cluster of the machine's own PostgreSQL, as the compiler uses it: over one connection, which can also
 * describe a statement without running it.
 */
import { optionalPackage } from "../../optional-package.ts";
import type { Client, Connection } from "pg";
import { startCluster } from "./throw-away-cluster.ts";
import type { Description, PostgresServer, TextRow } from "./server.ts";

/** Parse and Describe of the extended protocol, for which the driver has no call of its own. */
function describe(client: Client, sql: string): Promise<Description> {
  return new Promise((resolve, reject) => {
    let parameters: readonly number[] = [];
    let columns: Description["columns"] = [];
    const onParameters = ({ dataTypeIDs }: { readonly dataTypeIDs: readonly number[] }): void => {
      parameters = dataTypeIDs;
    };
    const request = {
      submit(connection: Connection): void {
        connection.once("parameterDescription", onParameters);
        connection.parse({ name: "", text: sql, types: [] }, true);
        connection.describe({ type: "S", name: "" }, true);
        connection.sync();
      },
      handleRowDescription({ fields }: { readonly fields: readonly { name: string; dataTypeID: number }[] }): void {
        columns = fields.map(({ name, dataTypeID }) => ({ name, type: dataTypeID }));
      },
      handleError(error: Error, connection: Connection): void {
        connection.removeListener("parameterDescription", onParameters);
        reject(error);
      },
      handleReadyForQuery(): void {
        resolve({ parameters, columns });
      },
    };
    client.query(request);
  });
}

/** Several statements give several results, whatever the types say. */
async function run(client: Client, sql: string): Promise<readonly TextRow[]> {
  const results: unknown = await client.query(sql);
  const last: unknown = Array.isArray(results) ? results.at(-1) : results;
  return (last as { readonly rows: TextRow[] }).rows;
}

export async function startClusterServer(): Promise<PostgresServer> {
  const [cluster, { default: pg }] = await Promise.all([startCluster(), optionalPackage("pg", () => import("pg"))]);
  const client = new pg.Client({ connectionString: cluster.url });
  try {
    await client.connect();
  } catch (error) {
    await cluster.stop();
    throw error;
  }
  return {
    run: (sql) => run(client, sql),
    describe: (sql) => describe(client, sql),
    async stop() {
      await client.end();
      await cluster.stop();
    },
  };
}
