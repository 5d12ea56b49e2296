/** Whatever ends reading is answered at once, and the next request sees it. */
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import type { FileRecord } from "../../../../src/runtime/files/record.ts";
import { fileUrl } from "../../../../src/runtime/links/file-url.ts";
import { as, createCaller, type Call } from "../../../support/app.ts";
import { useFreshStorage } from "../../../support/database.ts";
import { planOf } from "../../../support/plans.ts";
import { issue, origin, storeFile } from "./support.ts";

useFreshStorage();

/** Objects stay where they are: that a file is gone must be known from its row. */
const BUCKET = new Proxy(env.BUCKET, {
  get(bucket, name) {
    if (name === "delete") return () => Promise.reject(new Error("down"));
    const value: unknown = Reflect.get(bucket, name);
    return typeof value === "function" ? (value as () => unknown).bind(bucket) : value;
  },
});
const deleting = planOf([{ mode: "delete-files", id: 1, maxKeys: 10 }]);
/** One app is one isolate's. */
const isolate = () => createCaller([deleting], { BUCKET });

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

/** The same call again, which finds nothing to end. */
const repeated =
  (end: End): End =>
  async (call, file) => {
    await end(call, file);
    await end(call, file);
  };

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
});

test("a row that changes in the database is seen by the next request", async () => {
  const url = fileUrl(origin, (await storeFile({ visibility: "public" })).storageKey);
  const turn = (status: string) =>
    env.DB.prepare("UPDATE sluice_files SET status = ?, deleted_at = 'x'").bind(status).run();
  const seen = [await statusOf(here, url)];
  for (const status of ["deleted", "stored"]) {
    await turn(status);
    seen.push(await statusOf(here, url));
  }
  expect(seen).toEqual([200, 404, 200]);
});

/** Anything that waits for a time that has to pass. */
const WAIT_MS = 200;

test.each(Object.entries(routes))("%s: the answer waits for nothing", async (_, end) => {
  const tookMs: number[] = [];
  // The fastest of a few: the machine may be busy.
  for (let attempt = 0; attempt < 4; attempt++) {
    const file = await storeFile({ owner: `owner-${attempt}` });
    const began = performance.now();
    await end(here, file);
    tookMs.push(performance.now() - began);
  }
  expect(Math.min(...tookMs)).toBeLessThan(WAIT_MS);
});
