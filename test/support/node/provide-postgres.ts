/**
 * Vitest's global setup of the tests that need PostgreSQL: a throw-away server, and Neon's protocols in front of it.
 * Without PostgreSQL on the machine they are skipped, loudly; under CI they fail.
 */
import type { TestProject } from "vitest/node";
import { startLocalEndpoint } from "../../../src/cli/local/neon/local-endpoint.ts";
import { findBinaries, MISSING } from "../../../src/compiler/sql/postgres/find-binaries.ts";
import { migrate } from "./migrate.ts";
import { startCluster } from "../../../src/compiler/sql/postgres/throw-away-cluster.ts";

/** Where the tests find it. */
export interface ProvidedPostgres {
  /** PostgreSQL's own protocol. */
  readonly url: string;
  /** Neon's protocols. */
  readonly neonUrl: string;
}

declare module "vitest" {
  export interface ProvidedContext {
    /** Null: the machine has no PostgreSQL. */
    readonly postgres: ProvidedPostgres | null;
  }
}

export default async function provideToTests(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  if ((await findBinaries()) === null) {
    if ((process.env["CI"] ?? "") !== "") throw new Error(MISSING);
    console.warn(`\n!!! The tests of the PostgreSQL engines are SKIPPED. ${MISSING}\n`);
    project.provide("postgres", null);
    return undefined;
  }
  const cluster = await startCluster();
  await migrate(cluster.url);
  const endpoint = await startLocalEndpoint(cluster.url);
  project.provide("postgres", { url: cluster.url, neonUrl: endpoint.url });
  return async () => {
    await endpoint.close();
    await cluster.stop();
  };
}
