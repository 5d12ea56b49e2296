/** What authors can get wrong in `mongo_query`, and the one line that says so. */
import { openTarget } from "../../../../src/compiler/sql/open-target.ts";
import { sqliteTarget } from "../../../../src/compiler/sql/sqlite/target.ts";
import { describe, expect, test } from "vitest";
import { abi, compile, diagnose, plan, query, upload } from "../support.ts";

type Members = Record<string, unknown>;

export function mongo(id: number, members: Members, more: Members = {}): Members {
  return { id, mode: "QUERY", mongo_query: { collection: "albums", ...members }, ...more };
}

/** Gives the collection fields, so that only what a row tests is told. */
const writer = abi([mongo(1, { action: "INSERT", parameters: ["title", "owner"], with_timestamps: true })], {
  id: "writer-01",
  resource: "writer",
});
const one = (members: Members, more: Members = {}): Members => abi([mongo(1, members, more)]);
const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `f${String(index)}`);
const at = "a.json/actionables/0/mongo_query";
const mine = { owner: "$PROTECTED.id" };

const faults: [name: string, source: Members, line: string][] = [
  ["no action", one({}), `${at}/action: "action" is missing; expected "INSERT" or "FIND" or "UPDATE" or "DELETE"`],
  ["later action", one({ action: "AGGREGATE" }), `${at}/action: "AGGREGATE" is not supported yet; expected "INSERT"`],
  ["unknown action", one({ action: "insert" }), `${at}/action: expected "INSERT" or "FIND"`],
  [
    "misspelt",
    one({ action: "FIND", fliter: {} }),
    `${at}/fliter: unknown property "fliter"; expected collection, action,`,
  ],
  [
    "collection",
    one({ collection: "a b", action: "FIND" }),
    `${at}/collection: expected 1 to 120 of letters, digits, _, . and -`,
  ],
  ["collection", one({ collection: "x".repeat(121), action: "FIND" }), `${at}/collection: expected 1 to 120`],
  ["collection", one({ collection: "a'b", action: "FIND" }), `${at}/collection: expected 1 to 120`],
  ["nothing written", one({ action: "INSERT" }), `${at}: INSERT writes no field: expected "parameters" or "set"`],
  ["nothing written", one({ action: "UPDATE", filter: mine }), `${at}: UPDATE writes no field`],
  [
    "operator",
    one({ action: "FIND", filter: { $where: "1" } }),
    `${at}/filter/$where: "$where" is no field: operators`,
  ],
  [
    "operator",
    one({ action: "FIND", filter: { a: { $gt: "" } } }),
    `${at}/filter/a: expected an accessor, a text, a number, true, false or null; operators`,
  ],
  ["accessor", one({ action: "INSERT", parameters: ["$PROTECTED.id"] }), `${at}/parameters/0: "$PROTECTED.id" is no`],
  [
    "path",
    one({ action: "INSERT", set: { "a.b": 1 } }),
    `${at}/set/a.b: "a.b" is no name of a field: expected letters`,
  ],
  ["quote", one({ action: "INSERT", set: { 'a"b': 1 } }), String.raw`${at}/set/a"b: "a\"b" is no name of a field`],
  ["quote", one({ action: "FIND", sort: { "a'b": 1 } }), `${at}/sort/a'b: "a'b" is no name of a field`],
  ["NUL", one({ action: "INSERT", parameters: ["a\0b"] }), String.raw`${at}/parameters/0: "a\u0000b" is no name`],
  [
    "prototype",
    one({ action: "INSERT", parameters: ["constructor"] }),
    `${at}/parameters/0: "constructor" may not be part of a path`,
  ],
  [
    "_id",
    one({ action: "DELETE", filter: { _id: "$PAYLOAD.id" } }),
    `${at}/filter/_id: the document's id is called "id"`,
  ],
  ["own id", one({ action: "INSERT", parameters: ["id"] }), `${at}/parameters/0: "id" is the document's own`],
  ["own id", one({ action: "UPDATE", filter: mine, set: { id: 1 } }), `${at}/set/id: "id" is the document's own`],
  [
    "timestamps",
    one({ action: "INSERT", parameters: ["created_at"], with_timestamp: true }),
    `${at}/parameters/0: "created_at" is given by with_timestamps`,
  ],
  ["twice", one({ action: "INSERT", parameters: ["a", "a"] }), `${at}/parameters/1: "a" is listed twice`],
  ["twice", one({ action: "INSERT", parameters: ["a"], set: { a: 1 } }), `${at}/parameters/0: "a" stands in "set"`],
  [
    "twice",
    one({ action: "FIND", parameters: ["title"], filter: { title: "x" } }),
    `${at}/parameters/0: "title" stands in "filter" already`,
  ],
  [
    "empty filter",
    one({ action: "UPDATE", parameters: ["title"] }),
    `${at}/filter: is empty: UPDATE would change every document of the collection`,
  ],
  ["empty filter", one({ action: "DELETE", filter: {} }), `${at}/filter: is empty: DELETE would delete every document`],
  [
    "not its own",
    one({ action: "INSERT", parameters: ["a"], filter: mine }),
    `${at}/filter: means nothing for INSERT;`,
  ],
  ["not its own", one({ action: "FIND", filter: mine, set: { a: 1 } }), `${at}/set: means nothing for FIND; expected`],
  ["not its own", one({ action: "DELETE", filter: mine, limit: 1 }), `${at}/limit: means nothing for DELETE; expected`],
  ["sort", one({ action: "FIND", filter: mine, sort: { title: "asc" } }), `${at}/sort/title: expected 1 or -1`],
  ["limit", one({ action: "FIND", filter: mine, limit: 1001 }), `${at}/limit: must be at most 1000`],
  ["limit", one({ action: "FIND", filter: mine, limit: 0 }), `${at}/limit: must be at least 1`],
  ["limit", one({ action: "FIND", filter: mine, limit: true }), `${at}/limit: expected a whole number or one accessor`],
  ["limit", one({ action: "FIND", filter: mine, limit: "ten" }), `${at}/limit: expected a whole number`],
  ["skip", one({ action: "FIND", filter: mine, skip: -1 }), `${at}/skip: must be at least 0`],
  ["too many", one({ action: "INSERT", parameters: names(91) }), `${at}: names 91 fields: expected at most 90`],
  [
    "unknown claim",
    one({ action: "FIND", filter: { owner: "$PROTECTED.user" } }),
    `${at}/filter/owner: $PROTECTED.user is not in extract_claims (id, email)`,
  ],
  [
    "unknown accessor",
    one({ action: "FIND", filter: { owner: "$PAYLAOD.x" } }),
    `${at}/filter/owner: unknown accessor "$PAYLAOD"`,
  ],
  [
    "never returned",
    one({ action: "INSERT", parameters: ["title"] }, { returnables: ["id", "titel"] }),
    'a.json/actionables/0/returnables/1: actionable 1 never returns "titel"; expected id, title. Did you mean "title"?',
  ],
  [
    "both",
    abi([mongo(1, { action: "FIND", filter: mine }, { sql_query: { query: "SELECT 1 AS one" } })]),
    `${at}: stands beside sql_query: a QUERY is one of the two`,
  ],
  [
    "neither",
    abi([{ id: 1, mode: "QUERY" }]),
    'a.json/actionables/0/sql_query: "sql_query" is missing; expected it or "mongo_query"',
  ],
  [
    "once for several files",
    abi([upload({ max_file_uploads: 2 }), mongo(2, { action: "INSERT", parameters: ["url"], multi: false })]),
    'a.json/actionables/1/mongo_query/parameters/0: "url" is a field of each file, and several may come',
  ],
  [
    "filter of several files",
    abi([upload({ max_file_uploads: 2 }), mongo(2, { action: "DELETE", parameters: ["url"] })]),
    'a.json/actionables/1/mongo_query/parameters/0: "url" is a field of each file, and several may come',
  ],
];

describe("faults", () => {
  test.each(faults)("%s: %#", async (_name, source, line) => {
    const lines = await diagnose(source, writer);
    expect(lines.map((found) => found.slice(0, line.length))).toContain(line);
    expect(lines.filter((found) => !found.includes(": warning: "))).toHaveLength(1);
  });

  test("the limits, at them", async () => {
    const { diagnostics } = await compile([
      one({ collection: "x".repeat(120), action: "INSERT", parameters: names(90), with_timestamp: true }),
      abi([mongo(1, { collection: "x".repeat(120), action: "FIND", filter: {}, limit: 1000, skip: 0 })], {
        id: "find-01",
        resource: "find",
      }),
    ]);
    expect(diagnostics).toEqual([]);
  });

  test("without the migration", async () => {
    const { diagnostics } = await compile([one({ action: "INSERT", parameters: ["title"] })], {
      database: openTarget(sqliteTarget, []),
    });
    expect(diagnostics.map(({ message }) => message)).toEqual(["SQLite refuses this: no such table: sluice_documents"]);
  });

  test("too many fields to answer", async () => {
    const halves = [0, 1].map((half) =>
      abi([mongo(1, { action: "INSERT", parameters: names(100).slice(half * 50, half * 50 + 50) })], {
        id: `half-${String(half)}`,
        resource: `half-${String(half)}`,
      }),
    );
    expect(await diagnose(one({ action: "FIND", filter: {} }), ...halves)).toEqual([
      `${at}: answers 101 fields: D1 returns at most 100`,
    ]);
  });
});

const warnings: [name: string, source: Members, line: string][] = [
  ["every user's", one({ action: "FIND" }), `${at}: warning: lists the documents of every user; if that is meant,`],
  [
    "collection",
    one({ collection: "album", action: "FIND", filter: {} }),
    `${at}/collection: warning: no ABI writes to the collection "album". Did you mean "albums"?`,
  ],
  [
    "field",
    one({ action: "FIND", filter: { ownr: "$PROTECTED.id" } }),
    `${at}/filter/ownr: warning: no ABI writes "ownr" to the collection "albums". Did you mean "owner"?`,
  ],
  [
    "returnable",
    one({ action: "FIND", filter: {} }, { returnables: ["titel"] }),
    'a.json/actionables/0/returnables/0: warning: no ABI writes "titel" to the collection "albums". Did you mean "title"?',
  ],
  [
    "near a known name",
    one({ action: "INSERT", parameters: ["emial"] }),
    `${at}/parameters/0: warning: "emial" is taken from the payload; did you mean "email"?`,
  ],
  [
    "literal",
    one({ action: "FIND", filter: { owner: "id" } }),
    `${at}/filter/owner: warning: "id" is literal text here: for a value of that name, list the field in "parameters"`,
  ],
  [
    "claim for id",
    one({ action: "FIND", parameters: ["id"] }),
    `${at}/parameters/0: warning: "id" is the claim here, not the document's`,
  ],
];

test.each(warnings)("warning: %s", async (_name, source, line) => {
  const lines = await diagnose(source, writer);
  expect(lines.map((found) => found.slice(0, line.length))).toEqual([line]);
});

describe("what an INSERT runs for", () => {
  const insert = mongo(2, { action: "INSERT", parameters: ["url"] });
  const several = upload({ max_file_uploads: 2 });

  test.each<[name: string, actionables: Members[], each: unknown]>([
    ["several files", [several, insert], { from: "result", step: 0, path: [] }],
    ["one file", [upload(), insert], null],
    ["nothing before", [insert], null],
    [
      "multi without a result",
      [mongo(2, { action: "INSERT", parameters: ["url"], multi: true })],
      { from: "payload", path: [] },
    ],
    [
      "several files before one row",
      [several, query(3, "SELECT count(*) AS total FROM albums"), insert],
      { from: "result", step: 0, path: [] },
    ],
    [
      "rows of a multi statement",
      [
        several,
        query(3, "INSERT INTO albums (id, owner) VALUES ($1, $2) RETURNING id", ["url", "$PROTECTED.id"], {
          multi: true,
        }),
        mongo(2, { action: "INSERT", set: { kind: "row" } }),
      ],
      { from: "result", step: 1, path: [] },
    ],
  ])("%s", async (_name, actionables, each) => {
    const { steps } = await plan(abi(actionables));
    expect(steps.at(-1)).toMatchObject({ each });
  });

  test("elements of a payload array", async () => {
    const members = { action: "INSERT", parameters: ["title"], set: { album: "$PAYLOAD.album" }, multi: true };
    const { steps, answer } = await plan(abi([mongo(1, members)]));
    expect(steps[0]).toMatchObject({
      parameters: [
        { value: { from: "element", path: ["title"] } },
        { value: { from: "element", path: ["album"] } },
        { value: { from: "now" } },
      ],
    });
    expect(answer.shape).toBe("list");
  });

  test("documents of deleted files", async () => {
    const deletion = { id: 1, mode: "UPLOAD", uploads: { delete_files: true } };
    const members = { action: "DELETE", parameters: ["storage_key"], filter: mine, multi: true };
    const { steps } = await plan(abi([deletion, mongo(2, members)]));
    expect(steps[1]).toMatchObject({
      parameters: [{ value: { from: "claim", path: ["id"] } }, { value: { from: "element", path: ["storage_key"] } }],
      each: { from: "result", step: 0, path: [] },
    });
  });

  test("a later step cannot take the first document for all", async () => {
    const later = query(3, "SELECT $1::text AS id", ["id"]);
    const { diagnostics } = await compile([abi([several, insert, later])]);
    expect(diagnostics.map(({ place }) => place)).toContain("/actionables/2/sql_query/parameters/0");
  });
});

test("a query of another endpoint: its filter is resolved here", async () => {
  const other = abi([mongo(1, { action: "FIND", filter: mine })], { id: "other-01", resource: "other" });
  const dependent = {
    id: "open-01",
    resource: "open",
    actionables: [upload({}, { depends_on: [{ resource_id: "other-01", action_ids: [1] }] })],
  };
  expect(await diagnose(dependent, other, writer)).toEqual([
    'a.json/actionables/0/depends_on/0: in "other-01" actionable 1: $PROTECTED.id: the endpoint is not protected; expected "tokenize" and "protected"',
  ]);
});
