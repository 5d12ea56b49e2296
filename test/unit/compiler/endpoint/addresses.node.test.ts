/** `methods`, path parameters and query parameters: every mistake by its exact words. */
import { describe, expect, test } from "vitest";
import { abi, diagnose, query, upload } from "../support.ts";

type Members = Record<string, unknown>;

const sql = "SELECT id FROM albums WHERE owner = $1";
const select = (value: unknown = "$PROTECTED.id", more: Members = {}) => query(1, sql, [value], more);
const both = (...values: unknown[]) => query(1, "SELECT id FROM albums WHERE owner = $1 AND id = $2", values);
const insert = query(1, "INSERT INTO albums (id, owner) VALUES ('a', $1) RETURNING id", ["$PROTECTED.id"]);
const mongo = (members: Members) => ({
  id: 1,
  mode: "QUERY",
  mongo_query: { collection: "notes", ...members },
  returnables: ["id"],
});
const get = { methods: ["GET"] };
const nightly = { cron_job: { execution_interval: "0 30 3 * * *" } };
const parameter = "a.json/actionables/0/sql_query/parameters/0";
const safe = "a GET changes nothing (RFC 9110 §9.2.1)";
const text = { type: "STRING" };

/** What is wrong → the ABIs → the lines that say so, whole. */
const faults: [name: string, abis: Members[], ...lines: string[]][] = [
  // Methods
  [
    "another method",
    [abi([select()], { methods: ["PUT"] })],
    'a.json/methods/0: PUT is for files that are bodies of their own; expected POST, or "raw": true in an UPLOAD',
  ],
  [
    "a method in small letters",
    [abi([select()], { methods: ["get"] })],
    'a.json/methods/0: expected "GET" or "POST" or "PUT", found "get". Did you mean "GET"?',
  ],
  ["a text", [abi([select()], { methods: "GET" })], 'a.json/methods: expected a list, found a string; write ["GET"]'],
  ["no method", [abi([select()], { methods: [] })], "a.json/methods: must not be empty"],
  ["one twice", [abi([select()], { methods: ["GET", "GET"] })], "a.json/methods/1: GET is listed twice"],
  [
    "an upload",
    [abi([upload()], { methods: ["GET", "POST"] })],
    `a.json/actionables/0/mode: ${safe}, and this stores files: expected "methods": ["POST"]`,
  ],
  [
    "a deletion",
    [abi([{ id: 1, mode: "UPLOAD", uploads: { delete_files: true } }], get)],
    `a.json/actionables/0/uploads/delete_files: ${safe}, and this deletes files: expected "methods": ["POST"]`,
  ],
  [
    "a statement that writes",
    [abi([insert], get)],
    `a.json/actionables/0/sql_query/query: ${safe}, and this writes: expected a query that reads, or "methods": ["POST"]`,
  ],
  [
    "another endpoint's statement that writes",
    [
      abi([select("$PROTECTED.id", { depends_on: [{ resource_id: "b", action_ids: [1] }] })], get),
      { ...abi([insert]), id: "b", resource: "b" },
    ],
    `a.json/actionables/0/depends_on/0: in "b" actionable 1: ${safe}, and this writes: expected a query that reads, or "methods": ["POST"]`,
    "a.json/actionables/0/depends_on/0: warning: not atomic: this write is sent before later steps, which need a result; if they fail it stays",
  ],
  [
    "documents that are written",
    [abi([mongo({ action: "INSERT", set: { a: 1 } })], get)],
    `a.json/actionables/0/mongo_query/action: ${safe}, and this writes: expected a query that reads, or "methods": ["POST"]`,
  ],
  [
    "the payload",
    [abi([select("$PAYLOAD.id")], get)],
    `${parameter}: $PAYLOAD.id: a GET has no payload; write $QUERY.id`,
  ],
  [
    "the whole payload",
    [abi([select("$PAYLOAD")], get)],
    `${parameter}: $PAYLOAD: a GET has no payload; write $QUERY.name`,
  ],
  [
    "a bare name",
    [abi([select("owner")], get)],
    `${parameter}: warning: nothing provides "owner": it is bound as literal text; write $QUERY.owner`,
  ],
  [
    "a bare name that is a path parameter's",
    [abi([both("owner", "$PARAM.owner")], { ...get, resource: "of/:owner" })],
    `${parameter}: warning: nothing provides "owner": it is bound as literal text; write $PARAM.owner`,
  ],
  [
    "a document's field without a value",
    [abi([mongo({ action: "FIND", parameters: ["title"] })], get)],
    'a.json/actionables/0/mongo_query/collection: warning: no ABI writes to the collection "notes"',
    'a.json/actionables/0/mongo_query/parameters/0: nothing provides "title", and a GET has no payload: write "filter": {"title": "$QUERY.title"}',
  ],
  [
    "rules for a payload",
    [abi([select("$PROTECTED.id", { payload_validation: [{ field: { a: text } }] })], get)],
    "a.json/actionables/0/payload_validation: a GET has no payload: write rules into query_parameters",
  ],
  [
    "a payload's elements",
    [abi([select("$PROTECTED.id", { multi: true })], get)],
    "a.json/actionables/0/sql_query/multi: runs once per element of the payload, and a GET has none",
  ],
  [
    "a job",
    [abi([select()], { ...get, run_in_background: true })],
    `a.json/run_in_background: ${safe}: a job of it would be for nothing`,
  ],
  [
    "a job of one actionable",
    [abi([select("$PROTECTED.id", { run_in_background: true })], get)],
    `a.json/actionables/0/run_in_background: ${safe}: a job of it would be for nothing`,
  ],
  [
    "a schedule",
    [abi([select(1)], { ...get, ...nightly })],
    `a.json/methods: ${safe}, and a cron_job runs for what it changes: expected POST`,
  ],
  // Path parameters
  [
    "no such name",
    [abi([select("$PARAM.id")])],
    `${parameter}: $PARAM.id: the resource "test" has no ":id"; write it into the resource: "test/:id"`,
  ],
  [
    "a misspelt name",
    [abi([both("$PARAM.idd", "$PARAM.id")], { resource: "of/:id" })],
    `${parameter}: $PARAM.idd: the resource "of/:id" has no ":idd"; expected one of id. Did you mean "id"?`,
  ],
  ["no name", [abi([select("$PARAM")])], `${parameter}: "$PARAM" needs a name: $PARAM.name`],
  ["unread", [abi([select()], { resource: "of/:id" })], "a.json/resource: warning: nothing reads $PARAM.id"],
  [
    "a name twice",
    [abi([select("$PARAM.id")], { resource: "of/:id/:id" })],
    'a.json/resource: ":id" stands twice in "of/:id/:id"',
  ],
  [
    "a prototype's name",
    [abi([select()], { resource: "of/:constructor" })],
    'a.json/resource: "constructor" may not be part of a path',
  ],
  ...[
    ["of/x-:id", "of/x-id"],
    ["of/:id?", "of/id"],
    ["of/:id.pdf", "of/id-pdf"],
    ["of/:", "of"],
    ["of/:1", "of/1"],
    ["of/*", "of"],
    [":/of", "of"],
    ["of//:id", "of/:id"],
    ["of/{id}", "of/:id"],
    ["of/[id]", "of/:id"],
    ["/of/<id>/", "of/:id"],
  ].map(([resource = "", written = ""]): [string, Members[], string] => [
    `the resource ${resource}`,
    [abi([select()], { resource })],
    `a.json/resource: expected kebab-case words, or :name for a whole segment, / between segments; write "${written}"`,
  ]),
  ...[
    [":x", "/healthz"],
    [":x/:y", "/files"],
    [":x/upload/all", "/files"],
    ["v1/:x", "/v1/upload"],
    ["v1/:x/:y", "/v1/upload"],
    ["files/:x/:y", "/files"],
  ].map(([resource = "", own = ""]): [string, Members[], string] => [
    `the resource ${resource}`,
    [abi([both("$PARAM.x", resource.includes(":y") ? "$PARAM.y" : 1)], { resource })],
    `a.json/resource: "${resource}" would take calls of the runtime's own route ${own}: write a word in place of a name`,
  ]),
  ...[
    undefined,
    { type: "STRING" },
    { type: "STRING", min_length: 32, max_length: 32 },
    { type: "STRING", pattern: "[a-z]+" },
    { type: "STRING", enum: ["new", "0".repeat(32)] },
  ].map((rule): [string, Members[], string] => [
    `a name that may be a job's id: ${JSON.stringify(rule)}`,
    [
      abi([select("$PARAM.x")], {
        resource: "jobs/:x",
        ...(rule === undefined ? {} : { path_parameters: { x: rule } }),
      }),
    ],
    `a.json/${rule === undefined ? "resource" : "path_parameters/x"}: "jobs/:x" would take addresses of the runtime's own jobs, which end in 32 hex digits; expected a rule that no such text passes, as {"x": {"type": "STRING", "max_length": 31}}`,
  ]),
  [
    "a job's own address",
    [abi([select()], { resource: `jobs/${"0a".repeat(16)}` })],
    `a.json/resource: "jobs/${"0a".repeat(16)}" is a route of the runtime itself`,
  ],
  [
    "a rule for no name",
    [abi([select("$PARAM.id")], { resource: "of/:id", path_parameters: { idd: text } })],
    'a.json/path_parameters/idd: the resource "of/:id" has no ":idd"; expected one of id. Did you mean "id"?',
  ],
  [
    "a rule without names",
    [abi([select()], { path_parameters: { id: text } })],
    'a.json/path_parameters/id: the resource "test" has no ":id"; write it into the resource, or leave the rule out',
  ],
  ...["optional", "default"].map((option): [string, Members[], string] => [
    `a path parameter with ${option}`,
    [
      abi([select("$PARAM.id")], {
        resource: "of/:id",
        path_parameters: { id: { ...text, [option]: option === "default" ? "" : true } },
      }),
    ],
    `a.json/path_parameters/id/${option}: has no meaning: without the segment it is another address`,
  ]),
  [
    "a path parameter of a schedule",
    [abi([select("$PARAM.id")], { resource: "of/:id", ...nightly })],
    "a.json/resource: a cron_job has no address, and so no parameters",
  ],
  // Query parameters
  [
    "nothing declared",
    [abi([select("$QUERY.page")])],
    `${parameter}: $QUERY.page is not declared in query_parameters; write "query_parameters": {"page": {"type": "STRING", "optional": true}}`,
  ],
  [
    "a misspelt parameter",
    [abi([both("$QUERY.pgae", "$QUERY.page")], { query_parameters: { page: text } })],
    `${parameter}: $QUERY.pgae is not declared in query_parameters; expected one of page. Did you mean "page"?`,
  ],
  [
    "unread: query",
    [abi([select()], { query_parameters: { page: text } })],
    "a.json/query_parameters/page: warning: nothing reads $QUERY.page",
  ],
  ...["STRINGARRAY", "ARRAY", "OBJECT"].map((type): [string, Members[], string] => [
    type,
    [abi([select("$QUERY.page")], { query_parameters: { page: { type } } })],
    `a.json/query_parameters/page/type: expected STRING, NUMBER, EMAIL, found "${type}"`,
  ]),
  [
    "a limit of another type",
    [abi([select("$QUERY.page")], { query_parameters: { page: { type: "NUMBER", max_length: 3 } } })],
    'a.json/query_parameters/page/max_length: "max_length" has no meaning for NUMBER: it takes min, max, integer, enum',
  ],
  [
    "a default of another type",
    [abi([select("$QUERY.page")], { query_parameters: { page: { type: "NUMBER", default: "1" } } })],
    'a.json/query_parameters/page/default: expected a number, found "1"',
  ],
  [
    "no type",
    [abi([select("$QUERY.page")], { query_parameters: { page: {} } })],
    'a.json/query_parameters/page: "type" is missing; expected STRING, NUMBER, EMAIL, found nothing',
  ],
  [
    "a list of rules",
    [abi([select()], { query_parameters: [text] })],
    'a.json/query_parameters: expected names and their types, such as {"page": {"type": "NUMBER"}}, found a list',
  ],
  [
    "none at all",
    [abi([select()], { query_parameters: {} })],
    'a.json/query_parameters: expected names and their types, such as {"page": {"type": "NUMBER"}}, found none',
  ],
  ...["a b", "a.b", "a[]", "é", "", "-a", "$a"].map((name): [string, Members[], string] => [
    `the name "${name}"`,
    [abi([select()], { query_parameters: { [name]: text } })],
    `a.json/query_parameters/${name}: ${JSON.stringify(name)} is no name of a parameter: expected letters, digits, _ and -`,
  ]),
  [
    "the name constructor",
    [abi([select()], { query_parameters: { constructor: text } })],
    'a.json/query_parameters/constructor: "constructor" may not be part of a path',
  ],
  [
    "a query parameter of a schedule",
    [abi([select("$QUERY.page")], { query_parameters: { page: text }, ...nightly })],
    "a.json/query_parameters: a cron_job has no address, and so no parameters",
  ],
  [
    "a parameter that only the other endpoint declares",
    [
      abi([select("$PROTECTED.id", { depends_on: [{ resource_id: "b", action_ids: [1] }] })]),
      abi([select("$QUERY.page")], { id: "b", resource: "b", query_parameters: { page: text } }),
    ],
    'a.json/actionables/0/depends_on/0: in "b" actionable 1: $QUERY.page is not declared in query_parameters; write "query_parameters": {"page": {"type": "STRING", "optional": true}}',
  ],
  // Addresses of several
  [
    "one resource",
    [abi([select()]), abi([select()], { id: "b" })],
    'b.json/resource: a.json has the resource "test" already',
  ],
  [
    "one resource, one method of two",
    [abi([select()]), abi([select()], { id: "b", methods: ["GET", "POST"] })],
    'b.json/resource: a.json has the resource "test" already',
  ],
  [
    "names alone differ",
    [
      abi([select("$PARAM.id")], { resource: "of/:id" }),
      abi([select("$PARAM.name")], { id: "b", resource: "of/:name" }),
    ],
    'b.json/resource: "of/:name" and "of/:id" of a.json both stand for POST /of/x: tell them apart by a word, or by "methods"',
  ],
  [
    "each is narrower somewhere",
    [
      abi([select("$PARAM.id")], { resource: "of/:id/all" }),
      abi([select("$PARAM.name")], { id: "b", resource: "of/me/:name" }),
    ],
    'b.json/resource: "of/me/:name" and "of/:id/all" of a.json both stand for POST /of/me/all: tell them apart by a word, or by "methods"',
  ],
];

describe("mistakes", () => {
  test.each(faults)("%s", async (_name, abis, ...lines) => {
    expect(await diagnose(...abis)).toEqual(lines);
  });

  test("a member named __proto__ is told like any other", async () => {
    const source = JSON.stringify(abi([select()], { query_parameters: { there: text } })).replace("there", "__proto__");
    expect(await diagnose(source)).toEqual([
      'a.json/query_parameters/__proto__: "__proto__" may not be part of a path',
    ]);
  });

  test.each<[string, ...Members[]]>([
    ["one resource, other methods", abi([select()]), abi([select()], { id: "b", ...get })],
    [
      "names alone differ, and methods",
      abi([select("$PARAM.id")], { resource: "of/:id" }),
      abi([select("$PARAM.name")], { id: "b", resource: "of/:name", ...get }),
    ],
    [
      "a word beside a name",
      abi([select("$PARAM.id")], { resource: "of/:id" }),
      abi([select()], { id: "b", resource: "of/all" }),
    ],
    [
      "fewer names beside more",
      abi([both("$PARAM.a", "$PARAM.b")], { resource: "of/:a/:b" }),
      abi([select("$PARAM.b")], { id: "b", resource: "of/all/:b" }),
    ],
    ["another length", abi([select("$PARAM.a")], { resource: "of/:a" }), abi([select()], { id: "b", resource: "of" })],
    ["near an own route", abi([select("$PARAM.a")], { resource: "v1/u/:a" })],
  ])("none: %s", async (_name, ...abis) => {
    expect(await diagnose(...abis)).toEqual([]);
  });
});

test.each<[string, object?]>([
  ["jobs"],
  ["jobs/applications"],
  [`jobs/${"0a".repeat(15)}`],
  [`jobs/${"0g".repeat(16)}`],
  ["jobs/:x/notes"],
  ["jobs/:x", { type: "STRING", max_length: 31 }],
  ["jobs/:x", { type: "STRING", min_length: 33 }],
  ["jobs/:x", { type: "STRING", format: "ksuid" }],
  ["jobs/:x", { type: "STRING", enum: ["new", "old"] }],
  ["jobs/:x", { type: "NUMBER", integer: true }],
  ["jobs/:x", { type: "EMAIL" }],
])("the resource %s is an ABI's to take, with %o", async (resource, rule) => {
  const value = resource.includes(":x") ? "$PARAM.x" : 1;
  const rules = rule === undefined ? {} : { path_parameters: { x: rule } };
  expect(await diagnose(abi([select(value)], { resource, ...rules }))).toEqual([]);
});
