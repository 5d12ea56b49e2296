/** Documents end to end: what `mongo_query` compiles to, run by D1. */
import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { sqliteDocuments } from "../../../../src/compiler/documents/dialect.ts";
import { writeDocumentSql } from "../../../../src/compiler/documents/sql.ts";
import { plans } from "../../../../.sluice/plans.ts";
import type { Json, Plan } from "../../../../src/contract/plan.ts";
import type { Parameter } from "../../../../src/contract/plan/query.ts";
import { as, createCaller, dataOf, expectProblem, upload, type FormPart } from "../../../support/app.ts";
import { readStored, useFreshStorage } from "../../../support/database.ts";
import { failingBatch } from "../../../support/faults.ts";
import { png } from "../../../support/pictures.ts";
import { planOf, queryStep } from "../../../support/plans.ts";
import { byRank, document, insert, list, remove, update } from "./mongo-steps.ts";

useFreshStorage();

const red: FormPart = { fileName: "red.png", type: "image/png", body: png([200, 30, 30]) };
const blue: FormPart = { fileName: "blue.png", type: "image/png", body: png([30, 30, 200]) };
const PATH = "/upload-gallery-and-store-mongo";
const FIELDS = ["id", "user_id", "storage_key", "url", "dominant_color", "file_size"];

const call = createCaller(
  Object.entries({
    insert,
    list,
    byrank: byRank,
    update,
    remove,
    strict: queryStep({ ...remove, mustReturn: true }),
  }).map(([name, step]) => planOf([step], { id: `${name}-01`, resource: name })),
);

async function send(path: string, user: string, body: Json): Promise<Response> {
  const headers = await as(user, { "content-type": "application/json" });
  return call(path, { method: "POST", headers, body: JSON.stringify(body) });
}

const data = async (path: string, user: string, body: Json): Promise<Json> => dataOf(await send(path, user, body));

interface Note {
  readonly [name: string]: Json;
  readonly id: string;
}

async function addNote(user: string, note: { readonly [name: string]: Json }): Promise<Note> {
  return dataOf<Note>(await send("/insert", user, note));
}

async function readDocuments(): Promise<Record<string, unknown>[]> {
  return (await env.DB.prepare("SELECT * FROM sluice_documents ORDER BY position").all()).results;
}

describe("upload-gallery-and-store-mongo", () => {
  const gallery = createCaller(plans);

  test("one document per file, in order, with the types of their values", async () => {
    const rows = await dataOf<Note[]>(await upload(gallery, PATH, await as("ann"), [red, blue]));
    expect(rows.map((row) => Object.keys(row))).toEqual([FIELDS, FIELDS]);
    expect(rows).toMatchObject([
      { user_id: "ann", dominant_color: "#c81e1e", file_size: (red.body as Uint8Array).length },
      { user_id: "ann", dominant_color: "#1e1ec8", file_size: (blue.body as Uint8Array).length },
    ]);
    for (const row of rows) expect(row.id).toMatch(/^[0-9a-f]{24}$/);
    expect(rows[0]?.id).not.toBe(rows[1]?.id);

    const { objects, files } = await readStored();
    expect(rows.map((row) => row["storage_key"]).toSorted()).toEqual(objects);
    const documents = await readDocuments();
    expect(documents.map((row) => row["id"])).toEqual(rows.map((row) => row.id));
    for (const [index, row] of documents.entries()) {
      const { id: _, ...fields } = rows[index] ?? {};
      const moment = files[0]?.["created_at"];
      expect(row).toMatchObject({ collection: "gallery", created_at: moment, updated_at: moment });
      expect(JSON.parse(String(row["body"]))).toEqual({ ...fields, created_at: moment, updated_at: moment });
    }
  });

  test("one file is an array too", async () => {
    expect(await dataOf(await upload(gallery, PATH, await as("ann"), [red]))).toHaveLength(1);
  });

  test.each([{ id: 7 }, { id: { $gt: "" } }, { id: "'; DROP TABLE sluice_documents; --" }])(
    "user_id from %j",
    async (claims) => {
      // The folder's segment has to be text: only the document is looked at here.
      const [, step] = plans.find(({ resource }) => `/${resource}` === PATH)?.steps ?? [];
      if (step?.mode !== "query") throw new Error("expected the compiled query");
      const parameters = step.parameters.map((parameter): Parameter =>
        parameter.value.from === "claim" ? document({ from: "literal", value: claims.id }) : parameter,
      );
      const plan = planOf([{ ...step, parameters, each: null }]);
      expect(
        await dataOf(await createCaller([plan])("/test", { method: "POST", headers: await as("x") })),
      ).toMatchObject({
        user_id: claims.id,
      });
    },
  );

  test.each(["before", "after"] as const)(
    "the commit fails %s it ran: nothing, or everything, stays",
    async (moment) => {
      // Batch 1 reserves the files, the second commits.
      const faulty = createCaller(plans, { DB: failingBatch(env.DB, 2, moment) });
      await expectProblem(await upload(faulty, PATH, await as("ann"), [red, blue]), 503, "database_unavailable");
      if (moment === "before") {
        expect(await readDocuments()).toEqual([]);
        expect((await readStored()).objects).toEqual([]);
      } else expect(await readDocuments()).toHaveLength(2);
    },
  );

  test("a later step fails: files and documents go", async () => {
    const stored = plans.find(({ resource }) => `/${resource}` === PATH);
    const failing: Plan = planOf([...(stored?.steps ?? []), queryStep({ ...remove, id: 3, mustReturn: true })]);
    await expectProblem(
      await upload(createCaller([failing]), "/test", await as("ann"), [red, blue]),
      422,
      "row_missing",
    );
    expect(await readDocuments()).toEqual([]);
    expect((await readStored()).objects).toEqual([]);
  });
});

describe("clients", () => {
  const operators: Json[] = [{ $gt: "" }, { $ne: null }, { $where: "1" }, [{ $gt: "" }], "$gt", "' OR 1=1 --", null];

  test.each(operators.map((value) => [value]))("store %j as it is", async (value) => {
    expect(await addNote("ann", { title: value, rank: 1 })).toMatchObject({ title: value, rank: 1, owner: "ann" });
    expect(await data("/list", "ann", {})).toMatchObject({ title: value });
  });

  test.each(operators.map((value) => [value]))("match nothing else by %j", async (value) => {
    await addNote("ann", { rank: 1 });
    expect(await data("/byrank", "ann", { rank: value })).toBeNull();
    expect(await data("/remove", "ann", { id: value })).toBeNull();
    expect(await data("/update", "ann", { id: value, title: "x" })).toBeNull();
    expect(await readDocuments()).toHaveLength(1);
  });

  test('1 is not "1"', async () => {
    await addNote("ann", { title: "number", rank: 1 });
    await addNote("ann", { title: "text", rank: "1" });
    expect(await data("/byrank", "ann", { rank: 1 })).toMatchObject({ title: "number", rank: 1 });
    expect(await data("/byrank", "ann", { rank: "1" })).toMatchObject({ title: "text", rank: "1" });
  });

  test("see, change and delete their own documents only", async () => {
    const note = await addNote("ann", { title: "a", rank: 1 });
    expect(await data("/list", "ben", {})).toBeNull();
    expect(await data("/update", "ben", { id: note.id, title: "b" })).toBeNull();
    expect(await data("/remove", "ben", { id: note.id })).toBeNull();
    await expectProblem(await send("/strict", "ben", { id: note.id }), 422, "row_missing");
    expect(await data("/update", "ann", { id: note.id, title: { b: [true] } })).toEqual({
      ...note,
      title: { b: [true] },
    });
    expect(await data("/remove", "ann", { id: note.id })).toMatchObject({ id: note.id });
    expect(await data("/list", "ann", {})).toBeNull();
  });
});

test("sort, limit and skip; the shape follows the number of documents", async () => {
  for (const rank of [9, 10, 2]) await addNote("ann", { title: `t${String(rank)}`, rank });
  const ranks = async (body: Json): Promise<Json> => {
    const found = await data("/list", "ann", body);
    return Array.isArray(found) ? found.map((note: Json) => (note as Note)["rank"] ?? null) : found;
  };
  expect(await ranks({})).toEqual([10, 9, 2]);
  expect(await ranks({ limit: 2 })).toEqual([10, 9]);
  expect(await ranks({ limit: 2, skip: 2 })).toMatchObject({ rank: 2 });
  expect(await ranks({ limit: -1 })).toBeNull();
  await expectProblem(await send("/list", "ann", { limit: { $gt: 0 } }), 422, "row_rejected");
});

test("a FIND that must return finds or ends the call", async () => {
  const caller = createCaller([planOf([queryStep({ ...list, mustReturn: true })])]);
  const find = async (): Promise<Response> => caller("/test", { method: "POST", headers: await as("ann") });
  await expectProblem(await find(), 422, "row_missing");
  await addNote("ann", { title: "a", rank: 1 });
  expect(await dataOf(await find())).toMatchObject({ title: "a" });
});

test("a value is stored as deeply nested as a body may be", async () => {
  const nested = (levels: number): Json => JSON.parse("[".repeat(levels) + "]".repeat(levels)) as Json;
  expect((await send("/insert", "ann", { title: nested(99) })).status).toBe(200);
  expect((await send("/insert", "ann", { title: nested(100) })).status).toBe(400);
  expect(await readDocuments()).toHaveLength(1);
});

test("D1 takes the most fields that one INSERT may have", async () => {
  const names = Array.from({ length: 90 }, (_, index) => `f${String(index)}`);
  const query = { collection: "wide", action: "INSERT", parameters: names, with_timestamps: true } as const;
  const fields = ["id", ...names, "created_at", "updated_at"];
  const { sql, values, columns } = writeDocumentSql({ ...query, parameters: names }, fields, sqliteDocuments);
  const parameters = values.map(({ type, ...value }): Parameter => {
    return { value: value.kind === "name" ? { from: "payload", path: [value.name] } : { from: "now" }, type };
  });
  const wide = createCaller([planOf([queryStep({ sql, parameters, columns })])]);
  const body = Object.fromEntries(names.map((name, index) => [name, index]));
  const headers = await as("ann", { "content-type": "application/json" });
  const row = await dataOf<Note>(await wide("/test", { method: "POST", headers, body: JSON.stringify(body) }));
  expect(Object.keys(row)).toEqual(fields);
  expect(row).toMatchObject(body);
});
