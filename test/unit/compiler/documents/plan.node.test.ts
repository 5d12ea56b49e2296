/** What `mongo_query` compiles to where the deployment keeps documents on MongoDB, and what is told of it. */
import { describe, expect, test } from "vitest";
import { readDeployment } from "../../../../src/cli/configuration/deployment.ts";
import { createReport, type Diagnostic } from "../../../../src/compiler/text/diagnostic.ts";
import { pointerLine } from "../../../support/pointer-line.ts";
import { emitBuild, featuresOf, type ModuleNames } from "../../../../src/compiler/emit.ts";
import type { Plan } from "../../../../src/contract/plan.ts";
import { abi, compile, query, upload } from "../support.ts";

type Members = Record<string, unknown>;

const owner = "$PROTECTED.id";
const insert: Members = { action: "INSERT", parameters: ["title"], set: { owner }, with_timestamps: true };
const find: Members = { action: "FIND", filter: { owner }, sort: { title: -1 }, limit: "$PAYLOAD.limit" };
const update: Members = { action: "UPDATE", filter: { id: "$PAYLOAD.id", owner }, parameters: ["title"] };

const mongo = (members: Members, more: Members = {}): Members => {
  return { id: 1, mode: "QUERY", mongo_query: { collection: "notes", ...members }, ...more };
};
const compiled = (actionables: readonly Members[], more: Members = {}) =>
  compile([abi(actionables, more)], { documents: "mongodb" });

async function planOf(actionables: readonly Members[], more: Members = {}): Promise<Plan> {
  const { plans, diagnostics } = await compiled(actionables, more);
  const [plan] = plans;
  if (plan === undefined) throw new Error(diagnostics.map(pointerLine).join("\n"));
  return plan;
}

const claim = { from: "claim", path: ["id"] };
const payload = (name: string) => ({ from: "payload", path: [name] });
const fields = ["id", "title", "owner", "created_at", "updated_at"];

describe("steps", () => {
  test("INSERT", async () => {
    const now = { from: "now" };
    expect((await planOf([mongo(insert)])).steps).toEqual([
      {
        mode: "documents",
        id: 1,
        collection: "notes",
        action: "insert",
        set: [
          { field: "title", value: payload("title") },
          { field: "owner", value: claim },
          { field: "created_at", value: now },
          { field: "updated_at", value: now },
        ],
        fields,
        each: null,
        mustReturn: false,
        send: "commit",
      },
    ]);
  });

  test("FIND, UPDATE, DELETE", async () => {
    const abis = [insert, find, update, { action: "DELETE", filter: { id: "$PAYLOAD.id" } }].map((members, index) =>
      abi([mongo(members)], { id: `notes-${String(index)}`, resource: `notes-${String(index)}` }),
    );
    const { plans } = await compile(abis, { documents: "mongodb" });
    const head = { mode: "documents", id: 1, collection: "notes", fields, each: null, mustReturn: false };
    const id = { field: "id", value: payload("id") };
    expect(plans.slice(1).map(({ steps }) => steps[0])).toEqual([
      {
        ...head,
        action: "find",
        filter: [{ field: "owner", value: claim }],
        sort: [{ field: "title", direction: -1 }],
        limit: payload("limit"),
        defaultLimit: 50,
        maxLimit: 1000,
        skip: { from: "literal", value: 0 },
        send: "now",
      },
      {
        ...head,
        action: "update",
        filter: [id, { field: "owner", value: claim }],
        set: [{ field: "title", value: payload("title") }],
        send: "commit",
      },
      { ...head, action: "delete", filter: [id], send: "commit" },
    ]);
  });

  test("after an UPLOAD: one document per file, of the fields that it reads", async () => {
    const members = { action: "INSERT", parameters: ["storage_key", "width"] };
    const plan = await planOf([upload({ max_file_uploads: 2 }, { returnables: ["width"] }), mongo(members, { id: 2 })]);
    expect(plan.steps[0]).toMatchObject({ imageFields: ["width"] });
    expect(plan.steps[1]).toMatchObject({ each: { from: "result", step: 0, path: [] }, send: "commit" });
  });

  test("a result that a later step reads is there in time; statements and documents wait apart", async () => {
    const plan = await planOf([
      query(1, "INSERT INTO albums (id, owner) VALUES ($1, $2)", ["$GENERATOR.UUID", owner]),
      mongo(insert, { id: 2 }),
      mongo(
        { action: "FIND", filter: { id: "$PAYLOAD.other" } },
        { id: 3, depends_on: [{ resource_id: "self", action_ids: [2] }] },
      ),
    ]);
    expect(plan.steps.map((step) => ("send" in step ? step.send : null))).toEqual(["commit", "now", "now"]);
    expect(plan.steps[1]).toMatchObject({ mustReturn: true });
  });
});

describe("atomic", () => {
  const isAtomic = async (...actionables: readonly Members[]) => (await planOf(actionables)).atomic;

  test("one document is all that the endpoint writes", async () => {
    expect(await isAtomic(mongo(insert))).toBe(true);
    expect(await isAtomic(mongo(update))).toBe(true);
    expect(await isAtomic(mongo(find), mongo(insert, { id: 2 }))).toBe(true);
    expect(await isAtomic(mongo({ action: "FIND", filter: {} }))).toBe(true);
  });

  test("more than that may come apart", async () => {
    expect(await isAtomic(mongo({ ...insert, multi: true }))).toBe(false);
    expect(await isAtomic(mongo({ ...update, filter: { owner } }))).toBe(false);
    expect(await isAtomic(mongo(insert), mongo(insert, { id: 2 }))).toBe(false);
    expect(await isAtomic(upload(), mongo(insert, { id: 2 }))).toBe(false);
    expect(await isAtomic(mongo(insert), query(2, "DELETE FROM albums WHERE owner = $1", [owner]))).toBe(false);
    expect(await isAtomic(mongo(insert), query(2, "SELECT id FROM albums WHERE owner = $1", [owner]))).toBe(true);
  });

  test('is a fault where the ABI says "atomic"', async () => {
    const { diagnostics } = await compiled([upload(), mongo(insert, { id: 2 })], { atomic: true });
    expect(diagnostics.map(pointerLine)).toEqual([
      expect.stringMatching(/a\.json\/actionables\/1: not atomic: the deployment keeps documents on MongoDB/) as string,
    ]);
    expect((await compiled([mongo(insert)], { atomic: true })).diagnostics).toEqual([]);
  });
});

test.each(["system.users", ".notes", "notes.", "a..b"])("%s is no collection of MongoDB", async (collection) => {
  const source = abi([mongo({ ...insert, collection })]);
  expect((await compile([source], { documents: "mongodb" })).plans).toEqual([]);
  expect((await compile([source])).plans).toHaveLength(1);
});

test("faults of the document table are faults here", async () => {
  const { diagnostics } = await compiled([mongo({ action: "UPDATE", parameters: ["title"] })]);
  expect(diagnostics.map(pointerLine)).toEqual([expect.stringContaining("would change every document") as string]);
});

const nameOf: ModuleNames = (module) => `sluice${module.slice(1)}`;

test("the driver is bundled only for plans that use it", async () => {
  const { plans: onMongo } = await compiled([mongo(insert)]);
  expect(emitBuild("d1", featuresOf(onMongo, false), nameOf)).toContain('import { documents } from "sluice/mongodb";');
  const { plans: inTable } = await compile([abi([mongo(insert)])]);
  const { plans: without } = await compiled([upload()]);
  for (const plans of [inTable, without, []]) {
    expect(emitBuild("d1", featuresOf(plans, false), nameOf)).not.toContain("sluice/mongodb");
  }
});

describe("wrangler.toml", () => {
  const base = '[[d1_databases]]\nbinding = "DB"\n';
  const read = (text: string, environment: string | null = null) => {
    const found: Diagnostic[] = [];
    const { documents } = readDeployment(
      { name: "wrangler.toml", text: base + text },
      environment,
      createReport("wrangler.toml", found),
    );
    return { documents, faults: found.map(pointerLine) };
  };
  const production = '[[env.production.d1_databases]]\nbinding = "DB"\n';

  test("the secret MONGODB_URL, declared, says where documents are", () => {
    expect(read("")).toEqual({ documents: "table", faults: [] });
    expect(read('[secrets]\nrequired = ["MONGODB_URL"]')).toEqual({ documents: "mongodb", faults: [] });
  });

  test("environments have to agree, or one is named", () => {
    const text = `${production}[env.production.secrets]\nrequired = ["MONGODB_URL"]`;
    expect(read(text).faults).toEqual([
      expect.stringContaining("the top level has not the secret MONGODB_URL") as string,
    ]);
    expect(read(text, "production")).toEqual({ documents: "mongodb", faults: [] });
    expect(read(text, "")).toEqual({ documents: "table", faults: [] });
  });
});
