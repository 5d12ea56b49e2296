/** Whatever ends reading, after its answer the next request sees it, also where the file was opened a moment before. */
import { env } from "cloudflare:workers";
import { afterEach, expect, test, vi } from "vitest";
import type { FileRecord } from "../../../src/files/file-record.ts";
import { fileUrl } from "../../../src/http/file-url.ts";
import { as, createCaller, type Call } from "../../support/app.ts";
import { useFreshStorage } from "../../support/database.ts";
import { claimId, planOf } from "../../support/plans.ts";
import { issue, origin, storeFile } from "./support.ts";

useFreshStorage();
afterEach(() => void vi.useRealTimers());

/** Longer than what lies between an answer and the next request. */
const LEASE_MS = "1000";
/** Objects stay where they are: that a file is gone must be known from its row. */
const BUCKET = new Proxy(env.BUCKET, {
  get(bucket, name) {
    if (name === "delete") return () => Promise.reject(new Error("down"));
    const value: unknown = Reflect.get(bucket, name);
    return typeof value === "function" ? (value as () => unknown).bind(bucket) : value;
  },
});
const deleting = planOf([{ mode: "delete-files", id: 1, maxKeys: 10, owner: claimId }]);
/** One app is one isolate's: a row that the one holds the other does not know. */
const isolate = (lease = LEASE_MS) => createCaller([deleting], { READ_LEASE_MS: lease, BUCKET });

const keyed = { "idempotency-key": "key-1" };

async function send(call: Call, method: string, path: string, owner: string | null, headers = {}, body?: unknown) {
  const credentials = await as(owner ?? "");
  const authorization = `Bearer ${credentials["x-access-token"] ?? ""}`;
  const json = body === undefined ? {} : { body: JSON.stringify(body) };
  const all = { ...credentials, authorization, "content-type": "application/json", ...headers };
  const response = await call(path, { method, headers: all, ...json });
  await response.arrayBuffer();
  expect([path, response.status]).toEqual([path, 200]);
}

type End = (call: Call, file: FileRecord) => Promise<void>;

const deleteFile: End = (call, { id, owner }) => send(call, "DELETE", `/v1/upload/${id}`, owner, keyed);
const deleteFiles: End = (call, { storageKey, owner }) => send(call, "POST", "/test", owner, keyed, [storageKey]);

/** The same call again, while the first one still waits for its answer. */
const repeated =
  (end: End): End =>
  async (call, file) => {
    const first = end(call, file);
    const left = env.DB.prepare("SELECT id FROM files WHERE id = ? AND status = 'stored'").bind(file.id);
    while ((await left.all()).results.length > 0) await scheduler.wait(5);
    await end(call, file);
    endings.push(first);
  };
const endings: Promise<void>[] = [];

/** Every route after which something cannot be read any more. A new one belongs in here. */
const routes: Readonly<Record<string, End>> = {
  "revoke a file's links": (call, { id, owner }) => send(call, "DELETE", `/v1/upload/${id}/links`, owner),
  "revoke an owner's links": (call, { owner }) => send(call, "DELETE", "/v1/upload/links", owner),
  "delete a file": deleteFile,
  "delete a file, repeated": repeated(deleteFile),
  "delete files": deleteFiles,
  "delete files, repeated": repeated(deleteFiles),
};

async function statusOf(call: Call, url: string): Promise<number> {
  const response = await call(url);
  await response.arrayBuffer();
  return response.status;
}

const here = isolate();

test.each<[string, Call, Call]>([
  ["another isolate", isolate(), isolate()],
  ["the same isolate", here, here],
])("what is ended in %s is seen by the next request", async (_, reading, ending) => {
  const seen = Object.entries(routes).map(async ([name, end], index) => {
    const file = await storeFile({ owner: `owner-${index}`, visibility: "public" });
    const urls = [await issue(file), fileUrl(origin, file.storageKey)];
    const statuses = () => Promise.all(urls.map((url) => statusOf(reading, url)));
    const before = await statuses();
    await end(ending, file);
    return [name, before, await statuses()];
  });
  // A revocation leaves a public file's own address alone.
  const expected = Object.keys(routes).map((name) => [
    name,
    [200, 200],
    name.startsWith("revoke") ? [410, 200] : [404, 404],
  ]);
  expect(await Promise.all(seen)).toEqual(expected);
  await Promise.all(endings);
});

test("a row is looked up once in a lease, for links and permanent addresses alike", async () => {
  vi.setSystemTime(Date.now());
  const file = await storeFile({ visibility: "public" });
  const urls = [await issue(file), fileUrl(origin, file.storageKey)];
  const [patient, other] = [isolate("5000"), isolate("5000")];
  expect(await statusOf(patient, urls[0] ?? "")).toBe(200);
  // Past the runtime, where nobody waits.
  await env.DB.prepare("DELETE FROM files").run();
  for (const url of urls) expect([await statusOf(patient, url), await statusOf(other, url)]).toEqual([200, 404]);
  await env.BUCKET.delete(file.storageKey);
  for (const url of urls) expect(await statusOf(patient, url)).toBe(404);
});

test("a file that comes is seen at once, and one that comes back", async () => {
  const call = isolate("5000");
  const url = fileUrl(origin, (await storeFile({ visibility: "public" })).storageKey);
  const hide = (status: string) => env.DB.prepare("UPDATE files SET status = ?, deleted_at = 'x'").bind(status).run();
  await hide("deleted");
  expect(await statusOf(call, url)).toBe(404);
  await hide("stored");
  expect(await statusOf(call, url)).toBe(200);
});

test("downloads are counted and the file's time ends while its row is held", async () => {
  const call = isolate("5000");
  const moment = Date.now();
  vi.setSystemTime(moment);
  const expiresAt = new Date(moment + 1000).toISOString();
  const file = await storeFile({ visibility: "public", expiresAt });
  const counted = await issue(file, { maxDownloads: 2 });
  expect([await statusOf(call, counted), await statusOf(call, counted), await statusOf(call, counted)]).toEqual([
    200, 200, 410,
  ]);
  vi.setSystemTime(moment + 1000);
  expect(await statusOf(call, fileUrl(origin, file.storageKey))).toBe(410);
});
