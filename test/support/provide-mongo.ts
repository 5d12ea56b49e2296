/**
 * Vitest's global setup of the tests of documents on MongoDB: two servers of our own (see mongo-server), and a real one
 * where MONGODB_URL says so. Nothing is known of the tests.
 */
import type { TestProject } from "vitest/node";
import { startMongoServer } from "./mongo-server.ts";

declare module "vitest" {
  export interface ProvidedContext {
    readonly mongo: {
      readonly replicaSet: string;
      readonly lone: string;
      /** A real server, of which the tests use collections with names of their own. Null: nobody gave one. */
      readonly real: string | null;
    };
  }
}

export default async function provideMongo(project: TestProject): Promise<() => Promise<void>> {
  const replicaSet = await startMongoServer({ isReplicaSet: true });
  const lone = await startMongoServer({ isReplicaSet: false });
  const real = process.env["MONGODB_URL"] ?? "";
  project.provide("mongo", { replicaSet: replicaSet.url, lone: lone.url, real: real === "" ? null : real });
  return async () => {
    await Promise.all([replicaSet.close(), lone.close()]);
  };
}
