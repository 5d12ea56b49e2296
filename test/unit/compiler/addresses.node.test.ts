/** What the files of a project must agree on. */
import { expect, test } from "vitest";
import { abi, diagnose, query } from "./support.ts";

const one = [query(1, "SELECT id FROM albums WHERE owner = $1", ["$PROTECTED.id"])];

test.each([
  ["id", abi(one, { resource: "other" }), 'b.json/id: a.json has the id "test-01" already'],
  ["resource", abi(one, { id: "other" }), 'b.json/resource: a.json has the resource "test" already'],
  ["id as resource", abi(one, { id: "test", resource: "other" }), 'b.json/id: "test" is the resource of a.json'],
  ["resource as id", abi(one, { id: "x", resource: "test-01" }), 'b.json/resource: "test-01" is the id of a.json'],
])("two files with one address: %s", async (_name, second, line) => {
  expect(await diagnose(abi(one), second)).toContain(line);
});
