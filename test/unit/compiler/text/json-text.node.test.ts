import { describe, expect, test } from "vitest";
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

describe("JSONC", () => {
  const source = `// first
{
  "a": 1, // "b": 2
  /* "c": [
   */ "list": [
    { "x/y": "// no comment, /* none */", },
    2, // the last
  ],
}
// and the last`;

  test("comments and a comma at the end are no part of it", () => {
    const parsed = parseJsonText(source, "jsonc");
    const value = { a: 1, list: [{ "x/y": "// no comment, /* none */" }, 2] };
    expect(parsed.ok && JSON.stringify(parsed.value)).toBe(JSON.stringify(value));
    expect(parseJsonText(source)).toMatchObject({ ok: false, line: 1, column: 1 });
  });

  test.each([
    ["/a", { line: 3, column: 3 }],
    ["/list", { line: 5, column: 7 }],
    ["/list/0", { line: 6, column: 5 }],
    ["/list/0/x~1y", { line: 6, column: 7 }],
    ["/list/1", { line: 7, column: 5 }],
    ["/list/2", null],
    ["/b", null],
    ["", null],
  ])("%j stands at %j", (place, position) => {
    const parsed = parseJsonText(source, "jsonc");
    expect(parsed.ok && parsed.positionOf(place)).toEqual(position);
  });

  test.each<[string, number, number]>([
    ["[,]", 1, 2],
    ["[1,,]", 1, 4],
    ['{"a": 1 /* }', 1, 9],
    ["{} // a\n/", 2, 1],
    ["{/}", 1, 2],
    ["# no", 1, 1],
  ])("%j is none", (text, line, column) => {
    expect(parseJsonText(text, "jsonc")).toMatchObject({ ok: false, line, column });
  });
});
