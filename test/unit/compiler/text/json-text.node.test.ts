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
    const parsed = parseJsonText(source);
    const value = { a: 1, list: [{ "x/y": "// no comment, /* none */" }, 2] };
    expect(parsed.ok && JSON.stringify(parsed.value)).toBe(JSON.stringify(value));
  });

  test.each<[place: string, spot: "name" | number | undefined, span: [number, number, number] | null]>([
    ["/a", "name", [3, 3, 3]],
    ["/a", undefined, [3, 8, 1]],
    ["/list", undefined, [5, 7, 6]],
    ["/list/0", undefined, [6, 5, 1]],
    ["/list/0/x~1y", "name", [6, 7, 5]],
    ["/list/0/x~1y", undefined, [6, 14, 27]],
    ["/list/0/x~1y", 3, [6, 18, 2]],
    ["/list/1", "name", [7, 5, 1]],
    ["/list/2", undefined, null],
    ["/b", undefined, null],
    ["", undefined, [2, 1, 1]],
  ])("%j (%j) stands at line, column, length %j", (place, spot, span) => {
    const parsed = parseJsonText(source);
    const [line, column, length] = span ?? [];
    expect(parsed.ok && parsed.spanOf(place, spot)).toEqual(span && { line, column, length });
  });

  test.each([
    ['{"q": "a \\"b\\" near"}', 6, 16, 4],
    ['{"q": "\\u00fc\\n😀 x.y = 1"}', 5, 19, 3],
    ['\uFEFF{"q": "ab"}', 1, 9, 1],
    ['{"q": "ab"}', 9, 10, 1],
  ])("an index of a text with escapes: %s", (text, index, column, length) => {
    const parsed = parseJsonText(text);
    expect(parsed.ok && parsed.spanOf("/q", index)).toEqual({ line: 1, column, length });
  });

  test.each<[string, number, number]>([
    ["[,]", 1, 2],
    ["[1,,]", 1, 4],
    ['{"a": 1 /* }', 1, 9],
    ["{} // a\n/", 2, 1],
    ["{/}", 1, 2],
    ["# no", 1, 1],
  ])("%j is none", (text, line, column) => {
    expect(parseJsonText(text)).toMatchObject({ ok: false, line, column });
  });
});
