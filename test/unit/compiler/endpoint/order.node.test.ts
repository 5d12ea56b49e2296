import { describe, expect, test } from "vitest";
import { abi, asQuery, compile, plan, query, upload } from "../support.ts";

const read = "SELECT id, title FROM albums WHERE owner = $1";
/** The check of `read`. */
const isThere = {
  sql: "INSERT INTO sluice_row_guard (found) SELECT 0 WHERE NOT EXISTS (SELECT id, title FROM albums WHERE owner = ?1)",
  parameters: [0],
};
const insert = "INSERT INTO albums (id, owner) VALUES ($1, $2) RETURNING id";
const write = (id: number, more: Record<string, unknown> = {}): Record<string, unknown> =>
  query(id, insert, ["$GENERATOR.ULID", "$PROTECTED.id"], more);
const reading = (id: number, more: Record<string, unknown> = {}): Record<string, unknown> =>
  query(id, read, ["$PROTECTED.id"], more);
const after = (...ids: number[]): Record<string, unknown> => ({
  depends_on: [{ resource_id: "self", action_ids: ids }],
});

async function order(...actionables: Record<string, unknown>[]): Promise<number[]> {
  return (await plan(abi(actionables))).steps.map(({ id }) => id);
}

describe("order", () => {
  test("as listed", async () => expect(await order(reading(3), reading(1), reading(2))).toEqual([3, 1, 2]));
  test("dependencies first", async () =>
    expect(await order(reading(1, after(3)), reading(2), reading(3))).toEqual([3, 1, 2]));
  test("a no_op right before the first that needs it", async () => {
    expect(await order(reading(1, { no_op: true }), reading(2), reading(3, after(1)), reading(4, after(1)))).toEqual([
      2, 1, 3, 4,
    ]);
  });
  test("a query authorises an upload", async () => {
    const { steps, answer } = await plan(abi([reading(1, { no_op: true }), upload({}, { id: 2, ...after(1) })]));
    expect(steps.map(({ mode }) => mode)).toEqual(["query", "upload"]);
    expect(asQuery(steps[0])).toMatchObject({ checks: [isThere], send: "now" });
    expect(answer).toEqual({ step: 1, fields: null, shape: "list" });
  });
});

describe("must_return_value on D1", () => {
  const must = { must_return_value: true };
  const mongo = (members: Record<string, unknown>) => ({
    id: 1,
    mode: "QUERY",
    mongo_query: { collection: "notes", ...members },
    ...must,
  });
  const changed = { sql: "INSERT INTO sluice_row_guard (found) SELECT 0 WHERE changes() = 0", parameters: [] };

  test("a read is asked again by its check, with all its values", async () => {
    const { steps } = await plan(abi([reading(1, must), reading(2)]));
    expect(steps.map((step) => asQuery(step).checks)).toEqual([[isThere], []]);
  });
  test("what a write changed is counted right after it", async () => {
    expect(asQuery((await plan(abi([write(1, must)]))).steps[0]).checks).toEqual([changed]);
  });
  test("so it is with documents", async () => {
    const removing = mongo({ action: "DELETE", filter: { id: "$PAYLOAD.id" } });
    expect(asQuery((await plan(abi([removing]))).steps[0]).checks).toEqual([changed]);
    const finding = asQuery((await plan(abi([mongo({ action: "FIND", filter: { id: "$PAYLOAD.id" } })]))).steps[0]);
    expect(finding.checks).toEqual([
      { sql: `INSERT INTO sluice_row_guard (found) SELECT 0 WHERE NOT EXISTS (${finding.sql})`, parameters: [0] },
    ]);
  });
});

describe("queries of other endpoints", () => {
  const other = abi([reading(7, { main_returnable: true })], { id: "albums-01", resource: "albums" });
  const depends = (id: number, extract: string): Record<string, unknown> => ({
    depends_on: [{ resource_id: "albums-01", action_ids: [id], extract_response_for: [{ extract, for: "album" }] }],
  });

  test("are inlined once, as a step of this plan", async () => {
    const sql = "SELECT id FROM albums WHERE id = $1";
    const actionables = [query(1, sql, ["album"], depends(7, "id")), query(2, sql, ["album"], depends(7, "title"))];
    const { steps, answer } = await plan(abi(actionables), other);
    expect(steps.map(({ id }) => id)).toEqual([7, 1, 2]);
    expect(asQuery(steps[0])).toMatchObject({ checks: [isThere], send: "now" });
    expect(asQuery(steps[1]).parameters[0]?.value).toEqual({ from: "result", step: 0, path: ["id"] });
    expect(asQuery(steps[2]).parameters[0]?.value).toEqual({ from: "result", step: 0, path: ["title"] });
    expect(answer.step).toBe(2);
  });

  test("need their claims here", async () => {
    const caller = abi([query(1, "SELECT id FROM albums WHERE id = $1", ["album"], depends(7, "id"))], {
      protected: { provide_as: "x", extract_claims: ["sub"] },
    });
    const { diagnostics } = await compile([caller, other]);
    expect(diagnostics).toEqual([
      {
        file: "a.json",
        place: "/actionables/0/depends_on/0",
        message: 'in "albums-01" actionable 7: $PROTECTED.id is not in extract_claims (sub)',
        severity: "fault",
      },
    ]);
  });

  test("an UPLOAD of another endpoint is refused", async () => {
    const uploads = abi([upload()], { id: "albums-01", resource: "albums" });
    const { diagnostics } = await compile([
      abi([reading(1, { depends_on: [{ resource_id: "albums-01", action_ids: [1] }] })]),
      uploads,
    ]);
    expect(diagnostics.map(({ place }) => place)).toEqual(["/actionables/0/depends_on/0/action_ids"]);
  });

  test("circles over two endpoints are refused in both", async () => {
    const a = abi([reading(1, { depends_on: [{ resource_id: "b-01", action_ids: [1] }] })], {
      id: "a-01",
      resource: "a",
    });
    const b = abi([reading(1, { depends_on: [{ resource_id: "a-01", action_ids: [1] }] })], {
      id: "b-01",
      resource: "b",
    });
    const { diagnostics } = await compile([a, b]);
    expect(diagnostics.map(({ file, message }) => [file, message.slice(0, 24)])).toEqual([
      ["a.json", "actionables depend on ea"],
      ["b.json", "actionables depend on ea"],
    ]);
  });

  test("faults of the other file are told once, there", async () => {
    const { diagnostics } = await compile([
      abi([reading(1, depends(7, "id"))]),
      { ...other, colour: 1, actionables: "none" },
    ]);
    expect(diagnostics.map(({ file, place }) => file + place)).toEqual(["b.json/actionables", "b.json/colour"]);
  });
});

describe("sending", () => {
  const side = { parallel: true };
  const select = (id: number, name: string): Record<string, unknown> =>
    query(id, "SELECT title FROM albums WHERE id = $1", [name]);

  test.each<[string, Record<string, unknown>[], string[], boolean]>([
    ["a read", [reading(1)], ["now"], true],
    ["a write", [write(1)], ["commit"], true],
    ["writes together", [write(1), write(2)], ["commit", "commit"], true],
    ["a read after a write, for the answer", [write(1), reading(2)], ["commit", "commit"], true],
    ["a write that a later step reads", [write(1), query(2, read, ["id"])], ["now", "now"], false],
    ["a write that a later step waits for", [write(1), reading(2, after(1))], ["now", "now"], false],
    [
      "a read after a write, for a later step",
      [write(1), reading(2), select(3, "title")],
      ["commit", "now", "now"],
      false,
    ],
    ["reads before a write", [reading(1), select(2, "title"), write(3)], ["now", "now", "commit"], true],
    [
      "reads that may run side by side, and one that a later step reads",
      [reading(1, side), reading(2, side), select(3, "title"), reading(4)],
      ["commit", "now", "now", "now"],
      true,
    ],
    [
      "one that may end the call",
      [reading(1, { ...side, must_return_value: true }), write(2)],
      ["now", "commit"],
      true,
    ],
  ])("%s", async (_name, actionables, sends, atomic) => {
    const { plans, diagnostics } = await compile([abi(actionables)]);
    expect(plans[0]?.steps.map((step) => asQuery(step).send)).toEqual(sends);
    expect(plans[0]?.atomic).toBe(atomic);
    const notAtomic = diagnostics.filter(({ message }) => message.startsWith("not atomic"));
    expect(notAtomic.map(({ place, severity }) => [place, severity])).toEqual(
      atomic ? [] : [["/actionables/0", "warning"]],
    );
  });
});

test("parallel of the endpoint is that of all its actionables", async () => {
  const actionables = [reading(1), reading(2), write(3)];
  const sends = async (more: Record<string, unknown>) =>
    (await plan(abi(actionables, more))).steps.map((step) => asQuery(step).send);
  expect(await sends({ parallel: true })).toEqual(["commit", "commit", "commit"]);
  expect(await sends({ parallel: false })).toEqual(["now", "now", "commit"]);
});

describe("the answer", () => {
  test.each<[string, Record<string, unknown>[], Record<string, unknown>, object]>([
    ["the last", [reading(1), reading(2)], {}, { step: 1, fields: null, shape: "auto" }],
    ["the main", [reading(1, { main_returnable: true }), reading(2)], {}, { step: 0, fields: null, shape: "auto" }],
    [
      "the last that is no no_op",
      [reading(1, after(2)), reading(2, { no_op: true })],
      {},
      { step: 1, fields: null, shape: "auto" },
    ],
    [
      "the actionable's fields",
      [reading(1, { returnables: ["id"] })],
      { returnables: ["title"] },
      { step: 0, fields: ["id"] },
    ],
    ["the endpoint's fields", [reading(1)], { returnables: ["title"] }, { step: 0, fields: ["title"] }],
    ["an upload", [upload()], {}, { step: 0, fields: null, shape: "list" }],
    ["multi", [query(1, insert, ["$PAYLOAD.id", "$PROTECTED.id"], { multi: true })], {}, { step: 0, shape: "list" }],
    ["data_shape", [reading(1, { data_shape: "list" })], {}, { step: 0, shape: "list" }],
    ["data_shape of an upload", [upload({}, { data_shape: "object" })], {}, { step: 0, shape: "object" }],
  ])("%s", async (_name, actionables, more, answer) => {
    expect((await plan(abi(actionables, more))).answer).toMatchObject(answer);
  });
});
