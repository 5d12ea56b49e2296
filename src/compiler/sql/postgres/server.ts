/**
 * A throw-away PostgreSQL for the length of a compilation: a cluster of the machine's own PostgreSQL where one is
 * installed, else PGlite, which is PostgreSQL as wasm and takes several times as long to start.
 */
import { optionalPackage } from "../../optional-package.ts";

/** What the server says of a statement that it has parsed, in its types' numbers. */
export interface Description {
  /** In placeholder order. */
  readonly parameters: readonly number[];
  readonly columns: readonly { readonly name: string; readonly type: number }[];
}

export type TextRow = Readonly<Record<string, unknown>>;

export interface PostgresServer {
  /** Runs statements without values; resolves with the rows of the last. */
  run(sql: string): Promise<readonly TextRow[]>;
  /** Has a statement parsed, and runs nothing. @throws what the server refuses, with its `code` */
  describe(sql: string): Promise<Description>;
  stop(): Promise<void>;
}

/** Starts what the machine has. */
export async function startPostgresServer(): Promise<PostgresServer> {
  const { findBinaries } = await import("./find-binaries.ts");
  if ((await findBinaries()) === null) return startPglite();
  const { startClusterServer } = await import("./cluster.ts");
  return startClusterServer();
}

/** PGlite in memory. */
export async function startPglite(): Promise<PostgresServer> {
  const { PGlite } = await optionalPackage("@electric-sql/pglite", () => import("@electric-sql/pglite"));
  const database = await PGlite.create();
  return {
    run: async (sql) => (await database.exec(sql)).at(-1)?.rows ?? [],
    async describe(sql) {
      const { queryParams, resultFields } = await database.describeQuery(sql);
      return {
        parameters: queryParams.map(({ dataTypeID }) => dataTypeID),
        columns: resultFields.map(({ name, dataTypeID }) => ({ name, type: dataTypeID })),
      };
    },
    stop: () => database.close(),
  };
}
