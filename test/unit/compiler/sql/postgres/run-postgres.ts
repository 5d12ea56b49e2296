/** Runs compiled statements on the compiler's own throw-away server, with values as the adapter binds them. */
import { setFlagsFromString } from "node:v8";
import type { PostgresServer } from "../../../../../src/compiler/sql/postgres/server.ts";
import { startPostgresServer } from "../../../../../src/compiler/sql/postgres/server.ts";
import { createPostgresTarget } from "../../../../../src/compiler/sql/postgres/target.ts";
import type { OpenTarget } from "../../../../../src/compiler/sql/open-target.ts";
import { openTarget } from "../../../../../src/compiler/sql/open-target.ts";
import { readMigrations } from "../../../../../src/cli/project.ts";
import type { Migration } from "../../../../../src/compiler/sql/target.ts";
import { toPostgres } from "../../../../../src/runtime/database/postgres/to-postgres.ts";
import type { Json } from "../../../../../src/contract/plan.ts";
import type { ParameterType } from "../../../../../src/contract/plan/query.ts";
import { root } from "../../support.ts";

// As the command does: wasm that runs for a moment is not worth optimising.
for (const flag of ["--no-wasm-dynamic-tiering", "--no-wasm-tier-up"]) setFlagsFromString(flag);

export interface BoundValue {
  readonly value: Json;
  readonly type: ParameterType;
}

export type JsonRow = Record<string, Json>;

export interface PostgresRunner {
  readonly open: OpenTarget;
  server(): Promise<PostgresServer>;
  /** The rows as JSON; a refusal throws. */
  run(sql: string, values?: readonly BoundValue[]): Promise<JsonRow[]>;
}

function literal(value: string | null): string {
  return value === null ? "NULL" : `'${value.replaceAll("'", "''")}'`;
}

/** The project's migrations and some more. The caller closes `open` after the tests. */
export function createPostgresRunner(more: readonly Migration[] = []): PostgresRunner {
  const servers: PostgresServer[] = [];
  const target = createPostgresTarget(async () => {
    const server = await startPostgresServer();
    servers.push(server);
    return server;
  });
  const open = openTarget(target, [...readMigrations(root, "postgres"), ...more]);
  const server = async (): Promise<PostgresServer> => {
    await open.database();
    const [started] = servers;
    if (started === undefined) throw new Error("the server did not start");
    return started;
  };
  return {
    open,
    server,
    async run(sql, values = []) {
      const started = await server();
      const bound = values.map((value) => literal(toPostgres(value))).join(", ");
      const returns = /\bRETURNING\b|^(?:SELECT|WITH)/i.test(sql);
      const wrapped = returns ? `WITH answered AS (${sql}) SELECT to_json(answered)::text AS row FROM answered` : sql;
      try {
        await started.run(`PREPARE statement AS ${wrapped}`);
        const rows = await started.run(`EXECUTE statement${bound === "" ? "" : `(${bound})`}`);
        return rows.map((row) => JSON.parse(String(row["row"])) as JsonRow);
      } finally {
        await started.run("DEALLOCATE ALL");
      }
    },
  };
}
