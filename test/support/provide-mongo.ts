/**
 * Vitest's global setup of the tests of documents on MongoDB: two servers of our own for each of their files (see
 * mongo-server), and a real one where MONGODB_URL names it.
 */
import type { TestProject } from "vitest/node";
import { startMongoServer } from "./mongo-server.ts";

export interface MongoServers {
  readonly replicaSet: string;
  readonly lone: string;
}

declare module "vitest" {
  export interface ProvidedContext {
    readonly mongo: {
      /** By the test file that empties them: files run side by side. */
      readonly own: Readonly<Record<"documents" | "jobs" | "server", MongoServers>>;
      /** A real server, of which the tests use collections with names of their own. Null: nobody gave one. */
      readonly real: string | null;
    };
  }
}

export default async function provideMongo(project: TestProject): Promise<() => Promise<void>> {
  const [documents, jobs, server] = await Promise.all([startPair(), startPair(), startPair()]);
  const real = process.env["MONGODB_URL"] ?? "";
  project.provide("mongo", {
    own: { documents: documents.urls, jobs: jobs.urls, server: server.urls },
    real: real === "" ? null : real,
  });
  return async () => {
    await Promise.all([documents.close(), jobs.close(), server.close()]);
  };
}

async function startPair(): Promise<{ readonly urls: MongoServers; readonly close: () => Promise<void> }> {
  const [replicaSet, lone] = await Promise.all([
    startMongoServer({ isReplicaSet: true }),
    startMongoServer({ isReplicaSet: false }),
  ]);
  return {
    urls: { replicaSet: replicaSet.url, lone: lone.url },
    async close() {
      await Promise.all([replicaSet.close(), lone.close()]);
    },
  };
}
