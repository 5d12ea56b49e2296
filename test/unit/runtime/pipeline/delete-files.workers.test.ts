import { env } from "cloudflare:workers";
import { beforeEach, expect, test } from "vitest";
import type { Json } from "../../../../src/contract/plan.ts";
import { as, createCaller, dataOf, expectProblem, upload } from "../../../support/app.ts";
import { runSweep } from "../../../support/build.ts";
import { readStored, useFreshStorage } from "../../../support/database.ts";
import { failingBatch } from "../../../support/faults.ts";
import { png } from "../../../support/pictures.ts";
import { claimId, planOf, queryStep, uploadStep } from "../../../support/plans.ts";

useFreshStorage();

const uploading = planOf([uploadStep({ maxFiles: 5 })], { id: "up-01", resource: "up" });
const deleting = planOf([{ mode: "delete-files", id: 1, maxKeys: 1000 }]);
const call = createCaller([uploading, deleting]);

let own: string[] = [];
let foreign: string[] = [];

async function uploadAs(id: string, count: number): Promise<string[]> {
  const parts = Array.from({ length: count }, () => ({ fileName: "a.png", type: "image/png", body: png([1, 2, 3]) }));
  const rows = await dataOf<{ storage_key: string }[]>(await upload(call, "/up", await as(id), parts));
  return rows.map((row) => row.storage_key);
}

async function remove(body: Json, id = "ann", using = call): Promise<Response> {
  const headers = await as(id, { "content-type": "application/json" });
  return using("/test", { method: "POST", headers, body: JSON.stringify(body) });
}

beforeEach(async () => {
  own = await uploadAs("ann", 2);
  foreign = await uploadAs("ben", 1);
});

test("deletes own files, answers in order, and leaves others alone", async () => {
  const [first = "", second = ""] = own;
  const [theirs = ""] = foreign;
  const data = await dataOf(await remove([second, theirs, "gallery/ann/none.png", first]));
  expect(data).toEqual([
    { storage_key: second, status: "deleted" },
    { storage_key: theirs, status: "not_found" },
    { storage_key: "gallery/ann/none.png", status: "not_found" },
    { storage_key: first, status: "deleted" },
  ]);
  const stored = await readStored();
  expect(stored.objects).toEqual([theirs]);
  expect(stored.files.map((file) => file["storage_key"])).toEqual([theirs]);
});

test("deleting twice is harmless, in one call and in two", async () => {
  const [key = ""] = own;
  const deleted = { storage_key: key, status: "deleted" };
  expect(await dataOf(await remove([key, key]))).toEqual([deleted, deleted]);
  expect(await dataOf(await remove([key]))).toEqual([{ storage_key: key, status: "not_found" }]);
});

test.each([
  "..",
  "../ben/a.png",
  "gallery/ann/../ben/x.png",
  "/gallery/ann/x.png",
  "gallery//x",
  "",
  "a\u0000b",
  "\ud800",
  "x".repeat(2000),
  "%",
])("the key %j is not found", async (key) => {
  const before = await readStored();
  const [row] = await dataOf<{ storage_key: string; status: string }[]>(await remove([key]));
  expect(row?.status).toBe("not_found");
  expect(await readStored()).toEqual(before);
});

test.each<[string, Json]>([
  ["an empty array", []],
  ["1,001 keys", Array.from({ length: 1001 }, (_, index) => `k/${index}`)],
  ["an object", { storage_key: "a" }],
  ["a string", "gallery/ann/x.png"],
  ["nothing", null],
  ["a number inside", [1]],
  ["an object inside", [{ storage_key: "a" }]],
])("%s is refused and deletes nothing", async (_, body) => {
  const before = await readStored();
  await expectProblem(await remove(body), 422, "payload_invalid");
  expect(await readStored()).toEqual(before);
});

test("1,000 keys are accepted", async () => {
  const keys = [...Array.from({ length: 998 }, (_, index) => `k/${index}`), ...own];
  const rows = await dataOf<{ status: string }[]>(await remove(keys));
  expect(rows.filter((row) => row.status === "deleted")).toHaveLength(2);
  expect((await readStored()).objects).toEqual(foreign);
});

test("the body must be JSON", async () => {
  const headers = await as("ann", { "content-type": "application/json" });
  await expectProblem(await call("/test", { method: "POST", headers, body: "[" }), 400, "body_malformed");
  await expectProblem(
    await call("/test", { method: "POST", headers: await as("ann"), body: new FormData() }),
    415,
    "content_type_unsupported",
  );
});

test("a later statement that fails keeps the files", async () => {
  const failing = planOf([...deleting.steps, queryStep({ sql: "INSERT INTO gallery (id) VALUES ('x')" })]);
  const before = await readStored();
  await expectProblem(await remove(own, "ann", createCaller([failing])), 422, "row_rejected");
  expect(await readStored()).toEqual(before);
});

test("a statement after it can delete the rows of the same keys", async () => {
  const [key = ""] = own;
  await env.DB.prepare(
    "INSERT INTO gallery (id, user_id, storage_key, url, file_size, created_at, updated_at) VALUES ('1', 'ann', ?, 'x', 1, 'now', 'now')",
  )
    .bind(key)
    .run();
  const withRows = planOf([
    ...deleting.steps,
    queryStep({
      sql: "DELETE FROM gallery WHERE storage_key = ?1 AND user_id = ?2 RETURNING storage_key",
      parameters: [
        { value: { from: "element", path: ["storage_key"] }, type: "any" },
        { value: claimId, type: "any" },
      ],
      each: { from: "result", step: 0, path: [] },
    }),
  ]);
  expect(await dataOf(await remove(own, "ann", createCaller([withRows])))).toEqual([{ storage_key: key }]);
  expect(await readStored()).toMatchObject({ objects: foreign, gallery: [] });
});

test("an interrupted removal is unreadable and like none, and finished by the sweep", async () => {
  // Batch 1 looks the keys up, batch 2 marks them, batch 3 forgets the rows.
  const interrupted = createCaller([deleting], { DB: failingBatch(env.DB, 3, "before") });
  const [key = ""] = own;
  expect(await dataOf(await remove([key], "ann", interrupted))).toEqual([{ storage_key: key, status: "deleted" }]);
  await expectProblem(await call(`/files/${key}`), 404, "file_not_found");
  expect(await dataOf(await remove([key]))).toEqual([{ storage_key: key, status: "not_found" }]);
  await runSweep(env);
  expect((await readStored()).files.map((file) => file["storage_key"])).not.toContain(key);
});
