/**
 * What the driver is made to send, and what becomes of a server's refusals: on the tests' own servers, which know what
 * the manual says, and prove nothing about a real MongoDB.
 */
import { env } from "cloudflare:workers";
import { Binary, Decimal128, Long, ObjectId } from "mongodb";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { MongoQuery } from "../../../../../src/compiler/language/mongo-schema.ts";
import type { Json, Plan } from "../../../../../src/contract/plan.ts";
import type { ProblemCode } from "../../../../../src/contract/problem.ts";
import { as, dataOf, expectProblem, upload, type Call, type FormPart } from "../../../../support/app.ts";
import { readStored, useFreshStorage } from "../../../../support/database.ts";
import { failingBatch } from "../../../../support/faults.ts";
import { png } from "../../../../support/pictures.ts";
import { planOf, queryStep, uploadStep } from "../../../../support/plans.ts";
import { mongoStep, type Source } from "../../../../contracts/document-plans.ts";
import { ask, createMongoCaller, fail, mongo, takeCommands, type Failure } from "./support.ts";

const { replicaSet, lone } = mongo.own.server;

useFreshStorage();
beforeEach(async () => {
  await Promise.all([ask(replicaSet, "reset"), ask(lone, "reset")]);
});
afterEach(() => vi.restoreAllMocks());

type Row = Readonly<Record<string, Json>>;

const source = (query: Omit<MongoQuery, "collection">, more: Partial<Source> = {}): Source => {
  return { query: { collection: "notes", ...query }, fields: ["id", "title", "rank"], ...more };
};
const insert = source({ action: "INSERT", parameters: ["title", "rank"] });
const find = source({ action: "FIND", filter: { rank: "$PAYLOAD.rank" }, sort: { title: -1 } });
const byId = { filter: { id: "$PAYLOAD.id", rank: "$PAYLOAD.rank" } };
const planOfSource = (...sources: readonly Source[]): Plan =>
  planOf(sources.map((one, index) => mongoStep(one, index)));

async function send(call: Call, body: Json): Promise<Response> {
  const headers = await as("ann", { "content-type": "application/json" });
  return call("/test", { method: "POST", headers, body: JSON.stringify(body) });
}

const titles = async (url: string): Promise<unknown[]> => {
  const { documents } = (await ask(url, "documents")) as { documents?: { title: unknown }[] };
  return (documents ?? []).map(({ title }) => title);
};

/** The runtime's statement that finds no row, in the last batch. */
const missing = queryStep({ id: 9, sql: "DELETE FROM gallery WHERE id = 'x' RETURNING id", mustReturn: true });

describe("commands", () => {
  const opening = { startTransaction: true, autocommit: false, readConcern: { level: "snapshot" } };
  const simple = { collation: { locale: "simple" } };
  const closing = { commitTransaction: 1, writeConcern: { w: "majority", wtimeout: 10_000 }, autocommit: false };
  /** Read as operators, these would match, change or fail. */
  const title = { $inc: { rank: 1 }, $where: "sleep(1000)", "a.b": { $ne: null }, __proto__: 1 };
  const rank = { $gt: "" };
  const id = "65a000000000000000000001";
  const exactly = (value: unknown) => ({ $expr: { $and: [{ $eq: ["$rank", { $literal: value }] }] } });
  const projection = { _id: 1, title: 1, rank: 1 };

  const commandsOf = async (query: Source, body: Json, url = replicaSet) => {
    await dataOf(await send(createMongoCaller([planOfSource(query)], url), body));
    return takeCommands(url);
  };

  test("INSERT: one command for all elements, in a transaction", async () => {
    const [command, ...more] = await commandsOf({ ...insert, isEach: true }, [{ title, rank }, { title: "b" }]);
    const _id = expect.stringMatching(/^ObjectId [0-9a-f]{24}$/) as string;
    const documents = [
      { _id, title, rank },
      { _id, title: "b", rank: null },
    ];
    expect(command).toEqual({ insert: "notes", documents, ordered: true, ...opening });
    expect(more).toEqual([closing]);
  });

  test("FIND: by value, and an index's condition beside it where the value is simple; no transaction", async () => {
    const page = { sort: { title: -1, _id: 1 }, projection, limit: 50, batchSize: 51, skip: 0, ...simple };
    const [hostile] = await commandsOf(find, { rank });
    expect(hostile).toEqual({ find: "notes", filter: exactly(rank), ...page });
    const [plain] = await commandsOf(find, { rank: "$rank" });
    expect(plain).toEqual({ find: "notes", filter: { rank: { $eq: "$rank" }, ...exactly("$rank") }, ...page });
    const [nothing] = await commandsOf(find, {});
    expect(nothing).toEqual({ find: "notes", filter: exactly(null), ...page });
  });

  test("UPDATE by id: one command", async () => {
    const update = source({ action: "UPDATE", ...byId, parameters: ["title"] });
    const [command] = await commandsOf(update, { id, rank, title });
    expect(command).toEqual({
      findAndModify: "notes",
      query: { _id: { $eq: `ObjectId ${id}` }, ...exactly(rank) },
      update: { $set: { title } },
      new: true,
      remove: false,
      upsert: false,
      fields: projection,
      ...simple,
      ...opening,
    });
  });

  test("UPDATE and DELETE of several: found, then changed by their ids and the same filter", async () => {
    const ids = [1, 2].map((number) => new ObjectId(`65a00000000000000000000${String(number)}`));
    await ask(replicaSet, "put", { collection: "notes", documents: ids.map((_id) => ({ _id, rank: 1 })) });
    const filter = { rank: { $eq: 1 }, ...exactly(1) };
    const found = { find: "notes", filter, sort: { _id: 1 }, projection, ...simple, ...opening };
    const among = { _id: { $in: ids.map((one) => `ObjectId ${one.toHexString()}`) }, ...filter };
    const update = source({ action: "UPDATE", filter: { rank: "$PAYLOAD.rank" }, parameters: ["title"] });
    expect(await commandsOf(update, { rank: 1, title })).toEqual([
      found,
      {
        update: "notes",
        updates: [{ q: among, u: { $set: { title } }, multi: true, ...simple }],
        ordered: true,
        autocommit: false,
      },
      closing,
    ]);
    const remove = source({ action: "DELETE", filter: { rank: "$PAYLOAD.rank" } });
    expect(await commandsOf(remove, { rank: 1 })).toEqual([
      found,
      { delete: "notes", deletes: [{ q: among, limit: 0, ...simple }], ordered: true, autocommit: false },
      closing,
    ]);
  });

  test("a lone server gets no transaction", async () => {
    const commands = await commandsOf(insert, { title }, lone);
    expect(commands).toMatchObject([{ insert: "notes" }]);
    expect(commands[0]).not.toHaveProperty("startTransaction");
  });

  test("a step without documents, or without an id to look for, sends nothing", async () => {
    const call = createMongoCaller([planOf([queryStep({ sql: "SELECT 1 AS one" })])], "mongodb://nowhere.invalid/x");
    expect(await dataOf(await send(call, {}))).toEqual({ one: 1 });
    const remove = source({ action: "DELETE", ...byId });
    expect(await commandsOf(remove, { id: { $gt: "" }, rank: 1 })).toEqual([]);
  });

  test("more documents than one answer holds", async () => {
    const documents = Array.from({ length: 250 }, (_, rank) => ({ _id: new ObjectId(), title: rank, rank: 1 }));
    await ask(replicaSet, "put", { collection: "notes", documents });
    const remove = source({ action: "DELETE", filter: { rank: "$PAYLOAD.rank" } });
    const call = createMongoCaller([planOfSource(remove)], replicaSet);
    expect(await dataOf(await send(call, { rank: 1 }))).toHaveLength(250);
    expect(await titles(replicaSet)).toEqual([]);
  });
});

describe("all or nothing", () => {
  const red: FormPart = { fileName: "red.png", type: "image/png", body: png([200, 30, 30]) };
  const storing = planOf([uploadStep({ issuesLinks: false }), mongoStep(insert, 2)]);

  test.each([
    ["a replica set", replicaSet],
    ["a lone server", lone],
  ])("%s: what was inserted goes when the database refuses", async (_, url) => {
    const plan = planOf([mongoStep(insert, 1), missing]);
    await expectProblem(await send(createMongoCaller([plan], url), { title: "a" }), 422, "row_missing");
    expect(await titles(url)).toEqual([]);
  });

  test.each([
    ["a replica set", replicaSet, "before"],
    ["a lone server", lone, "after"],
  ])("%s: what was updated stays as it was only in a transaction", async (_, url, title) => {
    const _id = new ObjectId();
    await ask(url, "put", { collection: "notes", documents: [{ _id, title: "before", rank: 1 }] });
    const update = source({ action: "UPDATE", ...byId, parameters: ["title"] });
    const plan = planOf([mongoStep(update, 1), missing]);
    const body = { id: _id.toHexString(), rank: 1, title: "after" };
    await expectProblem(await send(createMongoCaller([plan], url), body), 422, "row_missing");
    expect(await titles(url)).toEqual([title]);
  });

  test("a step that reads what another wrote, and finds nothing", async () => {
    const reading: Source = {
      ...source({ action: "FIND", filter: { rank: 7, title: "$PAYLOAD.title" } }),
      mustReturn: true,
    };
    const steps = [{ ...mongoStep(insert, 1), send: "now" as const }, mongoStep(reading, 2)] as Plan["steps"];
    const call = createMongoCaller([planOf(steps)], replicaSet);
    expect(await dataOf(await send(call, { title: "seen", rank: 7 }))).toMatchObject({ title: "seen" });
    await expectProblem(await send(call, { title: "unseen", rank: 8 }), 422, "row_missing");
    expect(await titles(replicaSet)).toEqual(["seen"]);
  });

  test.each([replicaSet, lone])("the database fails at the end: no file, no document", async (url) => {
    const call = createMongoCaller([storing], url, { DB: failingBatch(env.DB, 2, "before") });
    await expectProblem(await upload(call, "/test", await as("ann"), [red]), 503, "database_unavailable");
    expect(await titles(url)).toEqual([]);
    expect((await readStored()).objects).toEqual([]);
  });

  test("the server refuses the document: no file either", async () => {
    await fail(replicaSet, { command: "insert", code: 121, codeName: "DocumentValidationFailure" });
    const call = createMongoCaller([storing], replicaSet);
    await expectProblem(await upload(call, "/test", await as("ann"), [red]), 422, "row_rejected");
    expect(await readStored()).toMatchObject({ objects: [], files: [] });
  });
});

describe("refusals", () => {
  const failures: [Failure, number, ProblemCode][] = [
    [{ command: "insert", code: 11_000, codeName: "DuplicateKey" }, 409, "unique_violation"],
    [{ command: "insert", code: 121, codeName: "DocumentValidationFailure" }, 422, "row_rejected"],
    [{ command: "insert", code: 10_334, codeName: "BSONObjectTooLarge" }, 422, "row_rejected"],
    [{ command: "insert", code: 13, codeName: "Unauthorized" }, 500, "misconfigured"],
    [{ command: "insert", code: 8000, codeName: "AtlasError" }, 500, "misconfigured"],
    [{ command: "insert", code: 50, codeName: "MaxTimeMSExpired" }, 503, "database_unavailable"],
    [{ command: "insert", code: 9999, codeName: "SomethingElse" }, 500, "internal"],
    [{ command: "insert", cut: true }, 503, "database_unavailable"],
  ];

  test.each(failures)("%j: %i %s", async (failure, status, code) => {
    const lines: unknown[] = [];
    for (const method of ["error", "warn", "log"] as const) {
      vi.spyOn(console, method).mockImplementation((line) => void lines.push(line));
    }
    // Lost connections are tried again, as a transaction that begins again.
    const times = failure.cut === true ? 3 : 1;
    for (let time = 0; time < times; time += 1) await fail(replicaSet, failure);
    const response = await send(createMongoCaller([planOfSource(insert)], replicaSet), { title: "confidential" });
    expect(response.headers.get("retry-after")).toBe(code === "database_unavailable" ? "5" : null);
    const problem = await expectProblem(response, status, code);
    const told = JSON.stringify([problem, lines]);
    for (const secret of ["mongodb://", "secret", "127.0.0.1", "confidential"]) expect(told).not.toContain(secret);
    expect(await titles(replicaSet)).toEqual([]);
  });

  test("a transaction that meets another begins again", async () => {
    const labels = ["TransientTransactionError"];
    await fail(replicaSet, { command: "insert", code: 112, codeName: "WriteConflict", labels });
    await dataOf(await send(createMongoCaller([planOfSource(insert)], replicaSet), { title: "a" }));
    const names = (await takeCommands(replicaSet)).map((command) => Object.keys(command)[0]);
    expect(names).toEqual(["insert", "abortTransaction", "insert", "commitTransaction"]);
    expect(await titles(replicaSet)).toEqual(["a"]);
  });

  test("a commit of which nobody knows is committed again", async () => {
    const labels = ["UnknownTransactionCommitResult"];
    await fail(replicaSet, { command: "commitTransaction", code: 50, codeName: "MaxTimeMSExpired", labels });
    await dataOf(await send(createMongoCaller([planOfSource(insert)], replicaSet), { title: "a" }));
    expect(await titles(replicaSet)).toEqual(["a"]);
  });

  const addresses: [url: string, reason: string][] = [
    ["", "MONGODB_URL"],
    ["postgres://user:hidden@host/notes", "is no mongodb:// or mongodb+srv:// address"],
    ["mongodb://user:hidden@host", "names no database"],
    ["mongodb://user:hidden@host/?retryWrites=true", "names no database"],
    ["mongodb://user:hid%den@host/notes", "nothing that the driver can read"],
    ["mongodb://user:hidden@host/notes?authMechanism=MAGIC", "nothing that the driver can read"],
  ];

  test.each(addresses)("%s: %s", async (url, reason) => {
    const logged = vi.spyOn(console, "error").mockImplementation(() => undefined);
    await expectProblem(await send(createMongoCaller([planOfSource(insert)], url), {}), 500, "misconfigured");
    expect(String(logged.mock.calls[0]?.[0])).toContain(reason);
    expect(JSON.stringify(logged.mock.calls)).not.toMatch(/hid(?:den|%den)/);
  });

  test("nobody answers: 503 within the URL's own timeout", async () => {
    const url = "mongodb://127.0.0.1:1/notes?serverSelectionTimeoutMS=200";
    const response = await send(createMongoCaller([planOfSource(insert)], url), {});
    await expectProblem(response, 503, "database_unavailable");
  });

  test("with a password, and with a wrong one", async () => {
    const address = (password: string) => `${replicaSet.replace("//", `//ann:${password}@`)}?authSource=admin`;
    const call = createMongoCaller([planOfSource(insert)], address(encodeURIComponent("s3cret/pass")));
    expect(await dataOf(await send(call, { title: "a" }))).toMatchObject({ title: "a" });
    const logged = vi.spyOn(console, "error").mockImplementation(() => undefined);
    const refused = await send(createMongoCaller([planOfSource(insert)], address("guessed")), { title: "b" });
    await expectProblem(refused, 500, "misconfigured");
    expect(JSON.stringify(logged.mock.calls)).toContain("18 AuthenticationFailed");
    expect(JSON.stringify(logged.mock.calls)).not.toMatch(/guessed|s3cret/);
    expect(await titles(replicaSet)).toEqual(["a"]);
  });

  test("MONGODB_DATABASE goes before the URL's path", async () => {
    const call = createMongoCaller([planOfSource(insert)], replicaSet, { MONGODB_DATABASE: "elsewhere" });
    await dataOf(await send(call, { title: "a" }));
    const { log = [] } = (await ask(replicaSet, "take")) as { log?: string[] };
    expect(log.filter((line) => line.includes('"$db":"elsewhere"'))).toHaveLength(1);
  });
});

test.each([80, 81])("a value of %i levels", async (levels) => {
  const title = JSON.parse("[".repeat(levels) + "]".repeat(levels)) as Json;
  const response = await send(createMongoCaller([planOfSource(insert)], replicaSet), { title });
  if (levels === 80) await dataOf(response);
  else await expectProblem(response, 422, "row_rejected");
});

test("documents that others wrote are answered as JSON", async () => {
  const _id = new ObjectId();
  const document = {
    _id,
    moment: new Date("2026-01-02T03:04:05.678Z"),
    big: Long.fromString("9007199254740993"),
    exact: Long.fromNumber(7),
    price: Decimal128.fromString("1.10"),
    bytes: new Binary(new Uint8Array([1, 2, 3])),
    friend: { of: [_id] },
    infinite: Infinity,
  };
  await ask(replicaSet, "put", { collection: "notes", documents: [document] });
  const fields = ["id", ...Object.keys(document).slice(1), "nothing"];
  const all: Source = { ...source({ action: "FIND", filter: {} }), fields };
  const row = await dataOf<Row>(await send(createMongoCaller([planOfSource(all)], replicaSet), {}));
  expect(row).toEqual({
    id: _id.toHexString(),
    moment: "2026-01-02T03:04:05.678Z",
    big: "9007199254740993",
    exact: 7,
    price: "1.10",
    bytes: "AQID",
    friend: { of: [_id.toHexString()] },
    infinite: null,
    nothing: null,
  });
});
