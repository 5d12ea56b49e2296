/** The runtime on the tests' MongoDB servers. */
import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { MongoClient, type Document } from "mongodb";
import { inject } from "vitest";
import { createSluice } from "../../../../../src/index.ts";
import type { Build } from "../../../../../src/runtime/build.ts";
import { documents } from "../../../../../src/runtime/documents/documents.ts";
import type { Plan } from "../../../../../src/contract/plan.ts";
import { ORIGIN, type Call } from "../../../../support/app.ts";
import { buildOf } from "../../../../support/build.ts";

export const mongo = inject("mongo");

/** Documents are on a server. */
export function mongoBuild(plans: readonly Plan[]): Build {
  const build = buildOf(plans);
  return { ...build, features: { ...build.features, documents } };
}

/** An app of these plans whose documents are on the server. */
export function createMongoCaller(
  plans: readonly Plan[],
  url: string,
  bindings: Partial<Record<string, unknown>> = {},
): Call {
  const app = createSluice(mongoBuild(plans));
  return async (path, init) => {
    const context = createExecutionContext();
    const bound = { ...env, MONGODB_URL: url, ...bindings } as Env;
    const response = await app.fetch(new Request(new URL(path, ORIGIN), init), bound, context);
    await waitOnExecutionContext(context);
    return response;
  };
}

/** A failure that the server gives in place of its next answer to a command. */
export interface Failure {
  readonly command: string;
  readonly code?: number;
  readonly codeName?: string;
  readonly labels?: readonly string[];
  readonly after?: boolean;
  readonly cut?: boolean;
}

/** Asks one of the tests' own servers for what no MongoDB would tell. */
export async function ask(url: string, question: string, more: Document = {}): Promise<Document> {
  const client = new MongoClient(url, { serverMonitoringMode: "poll", maxPoolSize: 1 });
  try {
    return await client.db("admin").command({ sluiceTest: question, ...more });
  } finally {
    await client.close();
  }
}

export async function fail(url: string, failure: Failure): Promise<void> {
  const order = { code: 0, codeName: "Ordered", labels: [], after: false, cut: false, ...failure };
  await ask(url, "fail", { order });
}

/** The commands since the last call, without what the driver adds to each. */
export async function takeCommands(url: string): Promise<Document[]> {
  const { log } = (await ask(url, "take")) as { log?: string[] };
  return (log ?? [])
    .map((line) => JSON.parse(line) as Document)
    .filter((command) => !("endSessions" in command))
    .map(({ lsid: _lsid, txnNumber: _number, $clusterTime: _time, $db: _database, ...command }) => command);
}
