/** Whatever fails after the first byte, bucket and tables are as they were. */
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import type { Plan } from "../../../../src/contract/plan.ts";
import {
  as,
  concat,
  createCaller,
  expectProblem,
  formBody,
  MULTIPART,
  upload,
  type FormPart,
} from "../../../support/app.ts";
import { readStored, useFreshStorage } from "../../../support/database.ts";
import { failingBatch, failingParts } from "../../../support/faults.ts";
import { JPEG_START, png } from "../../../support/pictures.ts";
import { planOf, queryStep, uploadStep } from "../../../support/plans.ts";
import { pattern } from "../../../support/source.ts";

useFreshStorage();

const NOTHING = { objects: [], files: [], gallery: [] };
const red: FormPart = { fileName: "red.png", type: "image/png", body: png([200, 30, 30]) };
const large: FormPart = {
  fileName: "a.jpg",
  type: "image/jpeg",
  body: concat([JPEG_START, pattern(14_000_000)]),
};

/** Every file's row gets the same id: the second call violates the primary key. */
const storing = (id: string): Plan =>
  planOf([
    uploadStep(),
    queryStep({
      sql: "INSERT INTO gallery (id, user_id, storage_key, url, file_size, created_at, updated_at) VALUES (?1, ?2, ?3, 'x', 1, 'now', 'now') RETURNING id",
      parameters: [
        { value: { from: "literal", value: id }, type: "any" },
        { value: { from: "claim", path: ["id"] }, type: "any" },
        { value: { from: "element", path: ["storage_key"] }, type: "any" },
      ],
      each: { from: "result", step: 0, path: [] },
    }),
  ]);

test("a unique violation after the upload is 409", async () => {
  const call = createCaller([storing("one")]);
  expect((await upload(call, "/test", await as("u"), [red])).status).toBe(200);
  const before = await readStored();
  await expectProblem(await upload(call, "/test", await as("u"), [red]), 409, "unique_violation");
  expect(await readStored()).toEqual(before);
});

test("the second of two rows fails, and both go", async () => {
  const call = createCaller([storing("one")]);
  await expectProblem(await upload(call, "/test", await as("u"), [red, red]), 409, "unique_violation");
  expect(await readStored()).toEqual(NOTHING);
});

test.each([1, 2, 3])("R2 fails at part %i", async (part) => {
  const faulty = failingParts(env.BUCKET, part);
  const call = createCaller([storing("one")], { BUCKET: faulty.bucket });
  await expectProblem(await upload(call, "/test", await as("u"), [red, large]), 503, "storage_unavailable");
  expect(await readStored()).toEqual(NOTHING);
  expect(faulty.open()).toBe(0);
});

// One file: batch 1 asks for the epoch of its link, 2 reserves it, 3 commits.
test("a question that does not reach D1 is asked again", async () => {
  const call = createCaller([storing("one")], { DB: failingBatch(env.DB, 1, "before") });
  expect((await upload(call, "/test", await as("u"), [red])).status).toBe(200);
});

test.each([
  [2, "before"],
  [3, "before"],
] as const)("D1 fails at batch %i, %s it ran", async (batch, moment) => {
  const call = createCaller([storing("one")], { DB: failingBatch(env.DB, batch, moment) });
  const response = await upload(call, "/test", await as("u"), [red]);
  await expectProblem(response, 503, "database_unavailable");
  expect(response.headers.get("retry-after")).toBe("5");
  expect(await readStored()).toEqual(NOTHING);
});

test("D1 reserves the row but loses the answer", async () => {
  const call = createCaller([storing("one")], { DB: failingBatch(env.DB, 2, "after") });
  await expectProblem(await upload(call, "/test", await as("u"), [red]), 503, "database_unavailable");
  expect(await readStored()).toEqual(NOTHING);
});

test("D1 commits but loses the answer: row and object stay together", async () => {
  const call = createCaller([storing("one")], { DB: failingBatch(env.DB, 3, "after") });
  await expectProblem(await upload(call, "/test", await as("u"), [red]), 503, "database_unavailable");
  const { objects, files, gallery } = await readStored();
  expect(files.map((file) => [file["storage_key"], file["status"]])).toEqual(objects.map((key) => [key, "stored"]));
  expect(gallery.map((row) => row["storage_key"])).toEqual(objects);
  expect(objects).toHaveLength(1);
});

test.each([0, 10, 300, 1000, 6_000_000, 13_900_000])("the client goes away after %i bytes", async (length) => {
  const body = formBody([red, large]).subarray(0, length);
  const stream = new ReadableStream({
    pull(controller) {
      if (body.length > 0) controller.enqueue(body.slice());
      controller.error(new Error("gone"));
    },
  });
  const call = createCaller([storing("one")]);
  const response = await call("/test", { method: "POST", headers: { ...(await as("u")), ...MULTIPART }, body: stream });
  expect(response.status).toBe(400);
  expect(await readStored()).toEqual(NOTHING);
});

test.each([0, 300])("a client that stops sending after %i bytes is given up", async (length) => {
  const body = formBody([red, red]);
  const stream = new ReadableStream({
    start(controller) {
      if (length > 0) controller.enqueue(body.slice(0, length));
    },
  });
  const call = createCaller([storing("one")], { MAX_IDLE_SECONDS: "1" });
  const response = await call("/test", { method: "POST", headers: { ...(await as("u")), ...MULTIPART }, body: stream });
  expect(await expectProblem(response, 408, "client_too_slow")).toMatchObject({ limit: 1 });
  expect(await readStored()).toEqual(NOTHING);
});

test("eight uploads at once, one of which fails, keep to themselves", async () => {
  const call = createCaller([planOf([uploadStep()])]);
  const headers = await as("u");
  const files = Array.from({ length: 8 }, (_, index) => png([index * 30, 10, 10], 4 + index, 4));
  const responses = await Promise.all(
    files.map((body, index) =>
      upload(call, "/test", headers, [{ fileName: "a.png", type: index === 3 ? "image/jpeg" : "image/png", body }]),
    ),
  );
  expect(responses.map((response) => response.status)).toEqual([200, 200, 200, 415, 200, 200, 200, 200]);
  const stored = await readStored();
  expect(stored.objects).toHaveLength(7);
  expect(stored.files.map((file) => file["width"]).toSorted()).toEqual([10, 11, 4, 5, 6, 8, 9]);
});
