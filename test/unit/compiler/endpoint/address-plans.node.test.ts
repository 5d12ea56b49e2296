/** What `methods`, path parameters and query parameters become. */
import { expect, test } from "vitest";
import { drawTable } from "../../../../src/cli/endpoint-table.ts";
import { featureUses } from "../../../../src/contract/features.ts";
import { abi, asQuery, asUpload, compile, plan, query, upload } from "../support.ts";

type Members = Record<string, unknown>;

const sql = "SELECT id FROM albums WHERE owner = $1";
const select = (value: unknown = "$PROTECTED.id", more: Members = {}) => query(1, sql, [value], more);
const both = (...values: unknown[]) => query(1, "SELECT id FROM albums WHERE owner = $1 AND id = $2", values);
const insert = query(1, "INSERT INTO albums (id, owner) VALUES ('a', $1) RETURNING id", ["$PROTECTED.id"]);
const get = { methods: ["GET"] };
const text = { type: "STRING" };

test("the table shows methods and names", async () => {
  const files = [
    abi([select("$PARAM.id")], { methods: ["GET", "POST"], resource: "of/:id" }),
    abi([insert], { id: "b", resource: "of" }),
  ];
  const table = drawTable(new Map([["D1", await compile(files)]]), "D1", () => null);
  expect(table.split("\n").map((line) => line.slice(0, 24).trim())).toEqual([
    "endpoint          steps",
    "POST /of          write",
    "GET POST /of/:id  read n",
    "",
  ]);
});

test("an ABI that says nothing of it has nothing of it", async () => {
  const { methods, address, ...rest } = await plan(abi([select()]));
  expect([methods, address]).toEqual([undefined, undefined]);
  expect([featureUses.routing(rest), featureUses.address(rest), featureUses.validate(rest)]).toEqual([
    false,
    false,
    false,
  ]);
});

test("values are results of no step, whichever the step", async () => {
  const compiled = await plan(
    abi([both("$PARAM.id", "$QUERY.page-no"), query(2, sql, ["x-$PARAM.id"])], {
      ...get,
      resource: "of/:id",
      query_parameters: { "page-no": { type: "NUMBER", default: 1 } },
    }),
  );
  expect(compiled.methods).toEqual(["GET"]);
  expect(compiled.address).toEqual({
    path: [],
    query: [{ name: "page-no", optional: true, default: 1, rule: { kind: "number" } }],
  });
  expect(asQuery(compiled.steps[0]).parameters.map(({ value }) => value)).toEqual([
    { from: "result", step: -1, path: ["id"] },
    { from: "result", step: -2, path: ["page-no"] },
  ]);
  expect(asQuery(compiled.steps[1]).parameters[0]?.value).toEqual({
    from: "template",
    parts: [
      { from: "literal", value: "x-" },
      { from: "result", step: -1, path: ["id"] },
    ],
  });
  expect(compiled.steps.map((step) => asQuery(step).send)).toEqual(["now", "now"]);
});

test("without upload_folder files lie under the resource, names filled in", async () => {
  const { steps } = await plan(abi([upload()], { resource: "of/:id/photos" }));
  expect(asUpload(steps[0]).folder).toEqual([
    { from: "literal", value: "of" },
    { from: "result", step: -1, path: ["id"] },
    { from: "literal", value: "photos" },
  ]);
});

test("a query of another endpoint reads this one's parameters", async () => {
  const { steps } = await plan(
    abi([select("$PROTECTED.id", { depends_on: [{ resource_id: "b", action_ids: [1] }] })], {
      query_parameters: { page: text },
    }),
    abi([select("$QUERY.page")], { id: "b", resource: "b", query_parameters: { page: text } }),
  );
  expect(asQuery(steps[0]).parameters[0]?.value).toEqual({ from: "result", step: -2, path: ["page"] });
});

test("a job takes along what it reads of the address", async () => {
  const { background } = await plan(
    abi(
      [
        { ...insert, id: 1 },
        { ...both("$PARAM.id", "$QUERY.page"), id: 2, run_in_background: true },
      ],
      {
        resource: "of/:id",
        query_parameters: { page: text },
      },
    ),
  );
  expect(background?.steps).toEqual([1]);
  expect(background?.reads.results).toEqual([-2, -1]);
});

test.each<[feature: "routing" | "address" | "validate", used: boolean, abi: Members]>([
  ["routing", true, abi([select()], { methods: ["POST"] })],
  ["address", false, abi([select()], get)],
  ["routing", true, abi([select("$PARAM.id")], { resource: "of/:id" })],
  ["validate", false, abi([select("$PARAM.id")], { resource: "of/:id" })],
  ["validate", true, abi([select("$PARAM.id")], { resource: "of/:id", path_parameters: { id: text } })],
  ["routing", false, abi([select("$QUERY.id")], { query_parameters: { id: text } })],
  ["address", true, abi([select("$QUERY.id")], { query_parameters: { id: text } })],
  ["validate", true, abi([select("$QUERY.id")], { query_parameters: { id: text } })],
])("%s: %j", async (feature, used, source) => {
  expect(featureUses[feature](await plan(source))).toBe(used);
});
