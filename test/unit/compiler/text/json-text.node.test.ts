import { expect, test } from "vitest";
import { parseJsonText } from "../../../../src/compiler/text/json-text.ts";

test.each([
  '{"a": [1, -2.5e3, true, false, null, "x\\u0041\\n"], "b": {}, "c": [], "": {"d/e": 0}}',
  " [ ] ",
  '"\\"\\\\"',
  "0",
  '\uFEFF{"a": 1}',
])("reads what JSON.parse reads: %j", (source) => {
  const parsed = parseJsonText(source);
  expect(parsed.ok && JSON.stringify(parsed.value)).toBe(JSON.stringify(JSON.parse(source.replace("\uFEFF", ""))));
});

test.each<[string, number, number]>([
  ["", 1, 1],
  ["{", 1, 2],
  ['{"a":1,\n "b": tru}', 2, 7],
  ['{"a": 01}', 1, 8],
  ["[1,]", 1, 4],
  ["{'a': 1}", 1, 2],
  ['{"a": "x\ny"}', 1, 7],
  ['{"a": "\\x"}', 1, 7],
  ['{"a": "\t"}', 1, 7],
  ['{"a": 1} x', 1, 10],
  ["+1", 1, 1],
  ["NaN", 1, 1],
])("refuses what JSON.parse refuses: %j", (source, line, column) => {
  expect(() => JSON.parse(source) as unknown).toThrow();
  expect(parseJsonText(source)).toMatchObject({ ok: false, line, column });
});

test("names that stand twice, and names of prototypes", () => {
  const parsed = parseJsonText('{"a": {"b/c": 1, "b/c": 2}, "__proto__": {"x": 1}}');
  expect(parsed).toMatchObject({ ok: true, duplicates: ["/a/b~1c"] });
  expect(parsed.ok && Object.keys(parsed.value as object)).toEqual(["a", "__proto__"]);
});
