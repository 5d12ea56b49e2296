/** What the tests of the documentation would notice: each of them has something that it refuses. */
import { expect, test } from "vitest";
import { shapeFaults } from "./answer-shape.ts";
import { faultOf } from "./check-command.ts";
import { commandsOf } from "./shell.ts";

test.each([
  ["a b # c\nd", [["a", "b"], ["d"]]],
  ["a 'b # c' \"d e\"", [["a", "b # c", "d e"]]],
  [
    "A=1 b \\\n  --c | d > e",
    [
      ["b", "--c"],
      ["d", "e"],
    ],
  ],
  [
    "a $(b c)",
    [
      ["b", "c"],
      ["a", "$()"],
    ],
  ],
  [
    'a "x: $(b c)"',
    [
      ["b", "c"],
      ["a", "x: $(b c)"],
    ],
  ],
  ["a && b; c", [["a"], ["b"], ["c"]]],
])("reads %j", (text, commands) => {
  expect(commandsOf(text)).toEqual(commands);
});

test("says where a quote is open", () => {
  expect(() => commandsOf("a 'b")).toThrow("Nothing closes '");
});

test.each([
  ["npx sluice build --strict", null],
  ["npx sluice biuld", "no command sluice biuld"],
  ["npx sluice build --strickt", "sluice build has no --strickt, but --check, --strict, --table, --portable, --env"],
  ["npx sluice jobs list --state dead", null],
  ["npx sluice jobs lst", "sluice jobs has no lst, but list, show, retry, drop"],
  ["sluice links revoke-all --remote", null],
  ["npm run suite -- crash --seed 1", null],
  ["npm run suite crsh", "no suite crsh"],
  ["npm run abi", "no script abi"],
  ["npm ci", "npm ci is not known here"],
  ["npx node tools/pages.ts --check", null],
  ["npx node tools/page.ts", "no such file: tools/page.ts"],
  ["slice build", "no such program: slice"],
  ["./run", "no such file: ./run"],
])("%s: %s", (command, fault) => {
  expect(commandsOf(command).map(faultOf)).toEqual([fault]);
});

test.each([
  [{ a: [1] }, { a: [2] }, []],
  [{ status: 200 }, { status: 201 }, ["/status: 200 is shown, 201 came"]],
  [{ a: 1 }, { a: 1, b: 2 }, ["/b is not shown"]],
  [{ a: 1, b: 2 }, { a: 1 }, ["/b did not come"]],
  [{ a: [{ b: null }] }, { a: [{ b: "" }] }, ["/a/0/b: null is shown, string came"]],
  [[1], [1, 2], [": 1 are shown, 2 came"]],
])("%j is shown, %j came", (shown, came, faults) => {
  expect(shapeFaults(shown, came)).toEqual(faults);
});
