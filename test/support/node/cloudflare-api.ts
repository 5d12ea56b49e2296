/**
 * As much of Cloudflare's API as wrangler asks for when it deploys: one account with D1 databases (each a SQLite of its own), R2
 * buckets, queues, and a Worker with its secrets. wrangler reaches it by CLOUDFLARE_API_BASE_URL.
 */
import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { DatabaseSync } from "node:sqlite";
import { buffer } from "node:stream/consumers";

export interface Binding {
  readonly name: string;
  readonly type: string;
  readonly [member: string]: unknown;
}

interface Metadata {
  readonly bindings: readonly Binding[];
  readonly placement?: unknown;
  readonly observability?: unknown;
}

export interface CloudflareApi {
  /** For the processes that run wrangler. */
  readonly environment: Readonly<Record<string, string>>;
  readonly databases: Map<string, { readonly id: string; readonly file: DatabaseSync }>;
  readonly buckets: Set<string>;
  readonly queues: Set<string>;
  /** By name; null: there is no Worker. */
  secrets: Map<string, string> | null;
  /** Of the last upload that was no draft. */
  uploaded: Metadata | null;
  /** Method and path of each request that changes something, in order. */
  readonly changes: string[];
  stop(): void;
}

type Answer =
  { readonly result: unknown } | { readonly status: number; readonly code: number; readonly message: string };
type Handler = (parts: readonly string[], body: Buffer, request: IncomingMessage) => Answer | Promise<Answer>;

const account = "0123456789abcdef0123456789abcdef";
const noWorker = { status: 404, code: 10_007, message: "This Worker does not exist on your account." };
const noDatabase = { status: 404, code: 7404, message: "The database could not be found" };
const noBucket = { status: 404, code: 10_006, message: "The specified bucket does not exist." };

/** Those of a trigger's body end with a semicolon as well. */
function statementsOf(sql: string): string[] {
  const statements: string[] = [];
  for (const piece of sql.split(/;\s*(?:\n|$)/)) {
    const last = statements.at(-1) ?? "";
    const isBody = /^(?:\s|--.*\n)*CREATE TRIGGER/.test(last) && !/\bEND\s*$/.test(last);
    if (isBody) statements.splice(-1, 1, `${last};\n${piece}`);
    else if (/\w/.test(piece)) statements.push(piece);
  }
  return statements;
}

/** Statement by statement, all or nothing, as D1 does it. */
function query(file: DatabaseSync, sql: string): Answer {
  file.exec("BEGIN");
  try {
    const statements = statementsOf(sql);
    const result = statements.map((text) => ({ success: true, results: file.prepare(text).all(), meta: {} }));
    file.exec("COMMIT");
    return { result };
  } catch (error) {
    file.exec("ROLLBACK");
    return { status: 400, code: 7500, message: String(error) };
  }
}

async function metadataOf(body: Buffer, request: IncomingMessage): Promise<Metadata> {
  const type = request.headers["content-type"] ?? "";
  const form = await new Response(new Uint8Array(body), { headers: { "content-type": type } }).formData();
  const metadata = form.get("metadata");
  return JSON.parse(typeof metadata === "string" ? metadata : ((await metadata?.text()) ?? "{}")) as Metadata;
}

export async function startCloudflareApi(): Promise<CloudflareApi> {
  const databases: CloudflareApi["databases"] = new Map();
  const find = (idOrName: string) =>
    [...databases].find(([name, { id }]) => name === idOrName || id === idOrName)?.map((entry) => entry);
  const told = (name: string) => ({ uuid: databases.get(name)?.id, name, version: "production" });

  const handlers: readonly (readonly [method: string, path: RegExp, handler: Handler])[] = [
    ["GET", /^d1\/database$/, () => ({ result: [...databases.keys()].map(told) })],
    [
      "POST",
      /^d1\/database$/,
      (_, body) => {
        const { name } = JSON.parse(body.toString()) as { name: string };
        databases.set(name, { id: randomUUID(), file: new DatabaseSync(":memory:") });
        return { result: told(name) };
      },
    ],
    [
      "GET",
      /^d1\/database\/([^/]+)$/,
      ([id = ""]) => {
        const [name] = find(id) ?? [];
        return typeof name === "string" ? { result: told(name) } : noDatabase;
      },
    ],
    [
      "POST",
      /^d1\/database\/([^/]+)\/query$/,
      ([id = ""], body) => {
        const database = [...databases.values()].find((entry) => entry.id === id);
        return database === undefined
          ? noDatabase
          : query(database.file, (JSON.parse(body.toString()) as { sql: string }).sql);
      },
    ],
    ["GET", /^r2\/buckets$/, () => ({ result: { buckets: [...api.buckets].map((name) => ({ name })) } })],
    ["GET", /^r2\/buckets\/([^/]+)$/, ([name = ""]) => (api.buckets.has(name) ? { result: { name } } : noBucket)],
    [
      "POST",
      /^r2\/buckets$/,
      (_, body) => {
        api.buckets.add((JSON.parse(body.toString()) as { name: string }).name);
        return { result: {} };
      },
    ],
    [
      "GET",
      /^queues$/,
      () => ({ result: [...api.queues].map((name) => ({ queue_name: name, queue_id: name, consumers: [] })) }),
    ],
    [
      "POST",
      /^queues$/,
      (_, body) => {
        const { queue_name: name } = JSON.parse(body.toString()) as { queue_name: string };
        api.queues.add(name);
        return { result: { queue_name: name, queue_id: name } };
      },
    ],
    ["POST", /^queues\/[^/]+\/consumers$/, () => ({ result: {} })],
    [
      "GET",
      /^workers\/services\/[^/]+$/,
      () => (api.secrets === null ? noWorker : { result: { default_environment: { script: {} } } }),
    ],
    [
      "GET",
      /^workers\/scripts\/[^/]+\/secrets$/,
      () =>
        api.secrets === null
          ? noWorker
          : { result: [...api.secrets.keys()].map((name) => ({ name, type: "secret_text" })) },
    ],
    [
      "PATCH",
      /^workers\/scripts\/[^/]+\/secrets-bulk$/,
      (_, body) => {
        if (api.secrets === null) return noWorker;
        const { secrets } = JSON.parse(body.toString()) as { secrets: Record<string, { text: string }> };
        for (const [name, { text }] of Object.entries(secrets)) api.secrets.set(name, text);
        return { result: {} };
      },
    ],
    [
      "GET",
      /^workers\/scripts\/[^/]+\/settings$/,
      () => (api.secrets === null ? noWorker : { result: { bindings: [] } }),
    ],
    [
      "GET",
      /^workers\/scripts\/[^/]+\/deployments$/,
      () => (api.secrets === null ? noWorker : { result: { deployments: [] } }),
    ],
    // A draft, which wrangler makes to put secrets on; then versions, which inherit them.
    [
      "PUT",
      /^workers\/scripts\/[^/]+$/,
      () => {
        api.secrets ??= new Map();
        return { result: { id: "script", startup_time_ms: 1 } };
      },
    ],
    [
      "POST",
      /^workers\/scripts\/[^/]+\/versions$/,
      async (_, body, request) => {
        api.uploaded = await metadataOf(body, request);
        return { result: { id: randomUUID(), startup_time_ms: 1, metadata: {}, resources: { script: {} } } };
      },
    ],
    ["POST", /^workers\/scripts\/[^/]+\/deployments$/, () => ({ result: { id: randomUUID() } })],
    ["PATCH", /^workers\/scripts\/[^/]+\/script-settings$/, () => ({ result: {} })],
    ["GET", /^workers\/scripts\/[^/]+\/subdomain$/, () => ({ result: { enabled: true, previews_enabled: false } })],
    ["POST", /^workers\/scripts\/[^/]+\/subdomain$/, () => ({ result: { enabled: true, previews_enabled: false } })],
    ["GET", /^workers\/workers\/[^/]+$/, () => ({ result: { subdomain: { enabled: true, previews_enabled: false } } })],
    ["GET", /^workers\/subdomain$/, () => ({ result: { subdomain: "test" } })],
    ["PUT", /^workers\/scripts\/[^/]+\/schedules$/, () => ({ result: {} })],
  ];

  const server = createServer((request, response) => {
    void (async () => {
      const { pathname } = new URL(request.url ?? "", "http://localhost");
      const path = pathname.replace(`/accounts/${account}/`, "");
      const body = await buffer(request);
      if (request.method !== "GET") api.changes.push(`${request.method ?? ""} ${path}`);
      const found = handlers.find(([method, pattern]) => method === request.method && pattern.test(path));
      const answer =
        found === undefined
          ? { status: 404, code: 10_000, message: `unknown: ${request.method ?? ""} ${request.url ?? ""}` }
          : await found[2](found[1].exec(path)?.slice(1) ?? [], body, request);
      response.setHeader("content-type", "application/json");
      if ("result" in answer) response.end(JSON.stringify({ success: true, errors: [], messages: [], ...answer }));
      else {
        const { status, code, message } = answer;
        response.statusCode = status;
        response.end(JSON.stringify({ success: false, errors: [{ code, message }], messages: [], result: null }));
      }
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const api: CloudflareApi = {
    environment: {
      CLOUDFLARE_API_BASE_URL: `http://127.0.0.1:${String(port)}`,
      CLOUDFLARE_API_TOKEN: "test",
      CLOUDFLARE_ACCOUNT_ID: account,
      WRANGLER_SEND_METRICS: "false",
      WRANGLER_HIDE_BANNER: "true",
      CI: "true",
      NO_COLOR: "1",
    },
    databases,
    buckets: new Set(),
    queues: new Set(),
    secrets: null,
    uploaded: null,
    changes: [],
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
  return api;
}
