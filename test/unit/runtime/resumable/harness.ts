/** Uploads in pieces through an app of the endpoints beside it, on any engine, and what is left of them. */
import { env } from "cloudflare:workers";
import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { expect, inject } from "vitest";
import type { Json } from "../../../../src/contract/plan.ts";
import type { ProblemCode } from "../../../../src/contract/problem.ts";
import { d1 } from "../../../../src/databases/d1.ts";
import type { Engine } from "../../../../src/runtime/database/engine.ts";
import { callerOf, expectProblem, token } from "../../../support/app.ts";
import { buildOf, runSweep } from "../../../support/build.ts";
import { secrets } from "../../../support/secrets.ts";
import { addressOf, tusClient, type TusClient } from "../../../support/tus.ts";

export const MIB = 1024 * 1024;

type Bindings = Readonly<Record<string, unknown>>;
type Rows = readonly Readonly<Record<string, unknown>>[];

export interface ResumableHarness {
  readonly engine: Engine;
  readonly bindings: Bindings;
  readonly run: (sql: string) => Promise<Rows>;
}

export const onD1: ResumableHarness = {
  engine: d1,
  bindings: {},
  run: async (sql) => (await env.DB.prepare(sql).all()).results,
};

export interface Uploader extends TusClient {
  readonly headers: Readonly<Record<string, string>>;
  /** Creates an upload, which must succeed, and resolves with its address. */
  begin(...parameters: Parameters<TusClient["create"]>): Promise<string>;
  /** The offset that HEAD tells. */
  offset(address: string): Promise<number>;
}

export function createUploads({ engine, bindings, run }: ResumableHarness = onD1) {
  const plans = inject("compiled").resumable;
  const callWith = (more: Bindings = {}) => callerOf(buildOf(plans, engine), { ...bindings, ...secrets, ...more });
  const call = callWith();

  const headersOf = async (id: string) => ({
    "x-access-token": await token({ id }, { secret: secrets.JWT_SECRET_KEY }),
  });
  const clientWith = (path: string, headers: Readonly<Record<string, string>>, more: Bindings = {}): Uploader => {
    const client = tusClient(callWith(more), path, headers);
    return {
      ...client,
      headers,
      async begin(...parameters) {
        const created = await client.create(...parameters);
        expect([created.status, await created.text()]).toEqual([201, ""]);
        return addressOf(created);
      },
      async offset(address) {
        const head = await client.head(address);
        expect(head.status).toBe(200);
        return Number(head.headers.get("upload-offset"));
      },
    };
  };
  /** @param id of the caller; null: nobody */
  const clientOf = async (path: string, id: string | null = "ann", more: Bindings = {}) =>
    clientWith(path, id === null ? {} : await headersOf(id), more);

  const files = () => run("SELECT * FROM sluice_files ORDER BY created_at");
  const things = () => run("SELECT id, storage_key FROM taken_things ORDER BY id");
  const objects = async () => (await env.BUCKET.list()).objects.map(({ key }) => key);
  /** Neither rows nor objects, once the sweep has taken what is gone. */
  const expectNothing = async () => {
    await sweep();
    expect([await files(), await objects()]).toEqual([[], []]);
  };
  const sweep = () => runSweep({ ...env, ...bindings, ...secrets } as Env, engine);
  const count = async (name: string) => {
    const [row] = await run(`SELECT bytes, files FROM sluice_quotas WHERE name = '${name}'`);
    return row === undefined ? null : [Number(row["bytes"]), Number(row["files"])];
  };
  return { call, callWith, clientWith, clientOf, headersOf, files, things, objects, expectNothing, sweep, count };
}

export const objectOf = (address: string) => {
  const id = new URL(address).pathname.split("/").at(-1) ?? "";
  return env.RESUMABLE_UPLOADS.get(env.RESUMABLE_UPLOADS.idFromString(id));
};

/** Rings the alarm that an upload's object has set; false: it has none. */
export const ring = (address: string): Promise<boolean> => runDurableObjectAlarm(objectOf(address));

/** What the object of an upload has stored: nothing, once it has ended. */
export const storedIn = (address: string): Promise<readonly string[]> =>
  runInDurableObject(objectOf(address), async (_, { storage }) => [...(await storage.list()).keys()]);

export function bytesOf(length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  for (let start = 0; start < length; start += 65_536) crypto.getRandomValues(bytes.subarray(start, start + 65_536));
  return bytes;
}

export async function readObject(key: string): Promise<Uint8Array> {
  const object = await env.BUCKET.get(key);
  return new Uint8Array((await object?.arrayBuffer()) ?? new ArrayBuffer(0));
}

export type Row = Readonly<Record<string, Json>> & { readonly storage_key: string };

/** The first row of an answer's data. */
export async function rowOf(response: Response): Promise<Row> {
  const { data } = await response.json<{ data: Row | readonly Row[] }>();
  return (Array.isArray(data) ? data[0] : data) as Row;
}

export async function digestOf(algorithm: string, bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return btoa(String.fromCharCode(...new Uint8Array(await crypto.subtle.digest(algorithm, bytes))));
}

/** A body that sends these pieces and then either ends or never says another word. */
export function slowBody(...pieces: readonly Uint8Array<ArrayBuffer>[]) {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  const wrote = (async () => {
    for (const piece of pieces) await writer.write(piece);
  })().catch(() => undefined);
  return { body: readable, wrote, writer };
}

export const refused = (response: Response, status: number, code: ProblemCode) => expectProblem(response, status, code);
