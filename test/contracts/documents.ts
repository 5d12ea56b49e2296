/**
 * What every store of documents must do, from the call to the answer: run on the document table, on the tests' own
 * server, and on a real MongoDB where there is one.
 */
import { describe, expect, test } from "vitest";
import type { MongoQuery } from "../../src/compiler/language/mongo-schema.ts";
import type { Json } from "../../src/contract/plan.ts";
import { as, dataOf, expectProblem, type Call } from "../support/app.ts";
import type { Source } from "./document-plans.ts";

export interface DocumentHarness {
  readonly createCaller: (sources: Readonly<Record<string, Source>>) => Call;
  /** Whole texts of code points outside of Unicode come back as they were; else they are refused. */
  readonly keepsLoneSurrogates: boolean;
}

type Row = Readonly<Record<string, Json>>;

const fields = ["id", "title", "rank", "owner", "created_at", "updated_at"];
const owner = { owner: "$PROTECTED.id" };

/** The endpoints of one test, on a collection of its own. */
function createNotes({ createCaller }: DocumentHarness) {
  const collection = `notes-${crypto.randomUUID().slice(0, 8)}`;
  const source = (query: Omit<MongoQuery, "collection">, more: Partial<Source> = {}): Source => {
    return { query: { collection, ...query }, fields, ...more };
  };
  const write = { parameters: ["title", "rank"], set: owner } satisfies Partial<MongoQuery>;
  const call = createCaller({
    insert: source({ action: "INSERT", ...write }, { fields: fields.slice(0, 4) }),
    stamped: source({ action: "INSERT", ...write, with_timestamps: true }),
    titled: source({ action: "INSERT", parameters: ["title"], set: owner }, { fields: ["id", "title"] }),
    several: source({ action: "INSERT", ...write }, { isEach: true }),
    all: source({ action: "FIND", filter: {}, limit: 1000 }),
    mine: source({ action: "FIND", filter: owner }),
    byrank: source({ action: "FIND", filter: owner, parameters: ["rank"] }),
    one: source({ action: "FIND", filter: { id: "$PAYLOAD.id", ...owner } }, { mustReturn: true }),
    newest: source({ action: "FIND", filter: {}, sort: { id: -1 } }),
    ranked: source({
      action: "FIND",
      filter: {},
      sort: { rank: -1, title: 1 },
      limit: "$PAYLOAD.limit",
      skip: "$PAYLOAD.skip",
    }),
    upwards: source({ action: "FIND", filter: {}, sort: { rank: 1 } }),
    update: source({ action: "UPDATE", filter: { id: "$PAYLOAD.id", ...owner }, parameters: ["title"] }),
    rerank: source({
      action: "UPDATE",
      filter: { rank: "$PAYLOAD.old", ...owner },
      set: { rank: "$PAYLOAD.rank" },
      with_timestamps: true,
    }),
    remove: source({ action: "DELETE", filter: { id: "$PAYLOAD.id", ...owner } }),
    strict: source({ action: "DELETE", filter: { id: "$PAYLOAD.id", ...owner } }, { mustReturn: true }),
    clear: source({ action: "DELETE", filter: owner, parameters: ["rank"] }),
  });
  const send = async (path: string, body: Json | string, user = "ann"): Promise<Response> => {
    const headers = await as(user, { "content-type": "application/json" });
    return call(`/${path}`, { method: "POST", headers, body: typeof body === "string" ? body : JSON.stringify(body) });
  };
  const data = async (path: string, body: Json | string = {}, user = "ann") => dataOf(await send(path, body, user));
  /** As a list, whatever their number. */
  const rows = async (path: string, body: Json | string = {}, user = "ann"): Promise<readonly Row[]> => {
    const found = await data(path, body, user);
    return (Array.isArray(found) ? found : found === null ? [] : [found]) as readonly Row[];
  };
  const titles = async (path: string, body: Json = {}) => (await rows(path, body)).map(({ title }) => title);
  const insert = async (...notes: readonly Row[]) => {
    for (const note of notes) await data("insert", note);
  };
  return { send, data, rows, titles, insert };
}

const values: readonly Json[] = [
  "text",
  "",
  "1",
  1,
  0,
  -1.5,
  1e21,
  2_147_483_648,
  9_007_199_254_740_991,
  true,
  false,
  null,
  "null",
  [],
  [1, "1", [null]],
  {},
  { a: 1, b: 2 },
  { b: 2, a: 1 },
  { $gt: "" },
  { $ref: "users", $id: 1 },
  { $numberLong: "1" },
  { _bsontype: "ObjectId", id: "x" },
  { toBSON: 1, "a.b": { "": 0 } },
  '{"$gt":""}',
  "\0 é 🖼 \u2028",
  "'; DROP TABLE documents; --",
];

export function describeDocuments(name: string, harness: DocumentHarness): void {
  describe(`documents: ${name}`, () => {
    describeValues(harness);
    describeFinding(harness);
    describeWriting(harness);
  });
}

function describeValues(harness: DocumentHarness): void {
  test("a value comes back as itself, and equals only itself", async () => {
    const { data, rows } = createNotes(harness);
    const notes = values.map((rank, index) => ({ title: String(index), rank }));
    expect(await rows("several", notes)).toMatchObject(notes);
    await data("titled", { title: "without a rank" });
    await data("insert", { title: "a list of all", rank: values });
    for (const note of notes) {
      const found = await rows("byrank", { rank: note.rank });
      expect(found, JSON.stringify(note.rank)).toMatchObject([note]);
      expect(JSON.stringify(found[0]?.["rank"])).toBe(JSON.stringify(note.rank));
    }
  });

  test("members called __proto__ and constructor are data", async () => {
    const { send, rows } = createNotes(harness);
    const rank = '{"__proto__":{"polluted":1},"constructor":{"prototype":2}}';
    await send("insert", `{"title":"t","rank":${rank}}`);
    const response = await send("byrank", `{"rank":${rank}}`);
    expect(await response.text()).toContain(`"rank":${rank}`);
    expect(await rows("byrank", { rank: {} })).toEqual([]);
    expect(Reflect.get({}, "polluted")).toBeUndefined();
  });

  test("lone surrogates", async () => {
    const { send, rows } = createNotes(harness);
    const sent = await send("insert", { title: "\ud800" });
    if (harness.keepsLoneSurrogates) expect(await rows("all")).toMatchObject([{ title: "\ud800" }]);
    else await expectProblem(sent, 422, "row_rejected");
  });

  test("nested deeply, and too deeply", async () => {
    const { send } = createNotes(harness);
    const nested = (levels: number) => `{"title":${"[".repeat(levels)}${"]".repeat(levels)}}`;
    expect((await send("insert", nested(60))).status).toBe(200);
    expect([400, 422]).toContain((await send("insert", nested(5000))).status);
  });
}

function describeFinding(harness: DocumentHarness): void {
  test("as inserted, newest first, by fields with ties", async () => {
    const { titles, insert, data } = createNotes(harness);
    await insert({ title: "c", rank: 10 }, { title: "a", rank: 9 }, { title: "b", rank: 10 }, { title: "d" });
    await data("titled", { title: "e" });
    expect(await titles("all")).toEqual(["c", "a", "b", "d", "e"]);
    expect(await titles("newest")).toEqual(["e", "d", "b", "a", "c"]);
    expect(await titles("ranked")).toEqual(["b", "c", "a", "d", "e"]);
    expect(await titles("upwards")).toEqual(["d", "e", "a", "c", "b"]);
  });

  test("nothing, then numbers, then texts by their bytes", async () => {
    const { rows, insert } = createNotes(harness);
    const ranks = ["b", 2, "B", "é", -1, null, "a", 10];
    await insert(...ranks.map((rank) => ({ title: "t", rank })));
    expect((await rows("upwards")).map(({ rank }) => rank)).toEqual([null, -1, 2, 10, "B", "a", "b", "é"]);
  });

  test("limit and skip of the client's, kept within bounds", async () => {
    const { send, titles, rows } = createNotes(harness);
    const notes = Array.from({ length: 60 }, (_, index) => ({ title: String(index), rank: -index }));
    expect(await rows("several", notes)).toHaveLength(60);
    expect(await titles("ranked", { limit: 3, skip: 2 })).toEqual(["2", "3", "4"]);
    expect(await titles("ranked", { limit: "2", skip: "59" })).toEqual(["59"]);
    const counts = async (...pages: readonly Json[]) =>
      Promise.all(pages.map(async (page) => (await rows("ranked", page)).length));
    const pages = [{}, { limit: 0 }, { limit: -1 }, { limit: 100_000 }, { skip: -5 }, { skip: 4_294_967_296 }];
    expect(await counts(...pages)).toEqual([50, 0, 0, 60, 50, 0]);
    for (const limit of [{ $gt: 0 }, 1.5, "x", [1], true]) {
      await expectProblem(await send("ranked", { limit }), 422, "row_rejected");
    }
  });

  test("an id that is none finds, changes and deletes nothing", async () => {
    const { send, data, insert } = createNotes(harness);
    await insert({ title: "a" });
    for (const id of [null, "", "x", "f".repeat(24), "F".repeat(24), 1, { $gt: "" }, [""], { $ne: null }]) {
      await expectProblem(await send("one", { id }), 422, "row_missing");
      expect(await data("update", { id, title: "b" })).toBeNull();
      expect(await data("remove", { id })).toBeNull();
    }
    expect(await data("all")).toMatchObject({ title: "a" });
  });

  test("each to their own", async () => {
    const { send, data } = createNotes(harness);
    const note = (await data("insert", { title: "a", rank: 1 })) as Row;
    expect(await data("mine", {}, "ben")).toBeNull();
    expect(await data("update", { id: note["id"] ?? null, title: "b" }, "ben")).toBeNull();
    expect(await data("clear", { rank: 1 }, "ben")).toBeNull();
    await expectProblem(await send("strict", { id: note["id"] ?? null }, "ben"), 422, "row_missing");
    expect(await data("one", { id: note["id"] ?? null })).toMatchObject({ title: "a" });
  });
}

function describeWriting(harness: DocumentHarness): void {
  test("INSERT answers the document, its fields in order", async () => {
    const { data } = createNotes(harness);
    const row = (await data("stamped", { title: "a" })) as Row;
    expect(Object.keys(row)).toEqual(fields);
    expect(row).toMatchObject({ title: "a", rank: null, owner: "ann" });
    expect(row["id"]).toMatch(/^[0-9a-f]{24}$/);
    expect(Math.abs(Number.parseInt((row["id"] as string).slice(0, 8), 16) - Date.now() / 1000)).toBeLessThan(60);
    expect(row["created_at"]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(row["updated_at"]).toBe(row["created_at"]);
    expect(await data("all")).toEqual(row);
  });

  test("one document per element, in order, with ids of their own", async () => {
    const { rows, titles } = createNotes(harness);
    const notes = Array.from({ length: 300 }, (_, index) => ({ title: String(index), rank: index }));
    const inserted = await rows("several", notes);
    expect(inserted.map(({ title }) => title)).toEqual(notes.map(({ title }) => title));
    expect(new Set(inserted.map(({ id }) => id)).size).toBe(300);
    expect(await titles("all")).toEqual(notes.map(({ title }) => title));
  });

  test("UPDATE of one: the field, nothing else", async () => {
    const { data, insert } = createNotes(harness);
    await insert({ title: "other", rank: 1 });
    const { id = null, ...note } = (await data("insert", { title: "a", rank: 1 })) as Row;
    const nothing = { created_at: null, updated_at: null };
    const title = { $set: { rank: 2 } };
    expect(await data("update", { id, title })).toEqual({ id, ...note, ...nothing, title });
    expect(await data("one", { id })).toEqual({ id, ...note, ...nothing, title });
    expect(await data("update", { id })).toMatchObject({ title: null });
  });

  test("UPDATE of several, by value", async () => {
    const { rows, insert } = createNotes(harness);
    await insert(
      { title: "a", rank: 1 },
      { title: "b", rank: "1" },
      { title: "c", rank: [1] },
      { title: "d", rank: 1 },
    );
    expect(await rows("rerank", { old: { $lt: 9 }, rank: 2 })).toEqual([]);
    const changed = await rows("rerank", { old: 1, rank: { $inc: 1 } });
    expect(changed.map(({ title, rank }) => [title, rank])).toEqual([
      ["a", { $inc: 1 }],
      ["d", { $inc: 1 }],
    ]);
    expect(changed[0]?.["updated_at"]).toEqual(expect.stringMatching(/Z$/));
    expect((await rows("all")).map(({ rank }) => rank)).toEqual([{ $inc: 1 }, "1", [1], { $inc: 1 }]);
  });

  test("DELETE answers what it removed", async () => {
    const { data, rows, titles, insert } = createNotes(harness);
    await insert({ title: "a", rank: 1 }, { title: "b", rank: 1 }, { title: "c", rank: [1] });
    const { id = null } = (await data("insert", { title: "d", rank: 2 })) as Row;
    expect(await rows("clear", { rank: { $ne: 0 } })).toEqual([]);
    expect(await titles("clear", { rank: 1 })).toEqual(["a", "b"]);
    expect(await data("strict", { id })).toMatchObject({ id, title: "d" });
    expect(await titles("all")).toEqual(["c"]);
  });
}
