/** What is served while some ABIs have faults. */
import { describe, expect, test } from "vitest";
import { buildPartly, readRoutes } from "../../../src/cli/local/build/partial-build.ts";
import { abi, compile, query, upload } from "../compiler/support.ts";

const file = (text: string) => [{ name: "a.json", text }];
const known = { "a.json": ["old-01", "old"], "gone.json": ["x", "y"] };

describe("the routes of a file", () => {
  test.each<[text: string, routes: string[]]>([
    ['{"id": "new-01", "resource": "new"}', ["new-01", "new"]],
    ['{"id": "new-01", "resourse": "new"}', ["new-01", "old-01", "old"]],
    ['{"id": 1, "resource": null}', ["old-01", "old"]],
    ['{\n  // own\n  "id": "new-01",\n  "resource": "a/b" oops', ["new-01", "a/b"]],
    ["", ["old-01", "old"]],
    ["[1]", ["old-01", "old"]],
    ["null", ["old-01", "old"]],
  ])("%s", (text, routes) => {
    expect(readRoutes(file(text), known)).toEqual({ "a.json": routes });
  });

  test("of a new file that says none", () => {
    expect(readRoutes(file("{"), {})).toEqual({ "a.json": [] });
  });
});

test("the others are served, those with faults and those that run their queries are not", async () => {
  const broken = abi([query(1, "SELECT nope FROM albums")], { id: "broken", resource: "broken" });
  const dependent = (id: string, on: string) =>
    abi([query(1, "SELECT id FROM albums", [], { depends_on: [{ resource_id: on, action_ids: [1] }] })], {
      id,
      resource: `r-${id}`,
    });
  const sources = [broken, abi([upload()], { id: "good", resource: "good" }), dependent("one", "broken"), "{"];
  const { endpoints, diagnostics, plans } = await compile([...sources, dependent("two", "one")]);
  expect(plans).toEqual([]);
  const routes = { "a.json": ["broken"], "b.json": ["good"], "c.json": ["one"], "d.json": ["x"], "e.json": ["two"] };
  const built = buildPartly({ endpoints, diagnostics }, routes, () => null);
  expect(built.plans.map(({ id }) => id)).toEqual(["good"]);
  expect(built.uncompiled.map(({ file: name }) => name)).toEqual(["a.json", "c.json", "d.json", "e.json"]);
  expect(built.uncompiled.map(({ fault }) => fault)).toEqual([
    expect.stringMatching(/^a\.json.*: SQLite refuses this: no such column: nope/),
    expect.stringContaining("a query of an endpoint that has faults"),
    expect.stringMatching(/^d\.json:1:2: not JSON/),
    expect.stringContaining("a query of an endpoint that has faults"),
  ]);
});
