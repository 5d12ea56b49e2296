import { expect, test } from "vitest";
import { parseJson } from "../../src/pipeline/parse-json.ts";

const nested = (levels: number, open: string, middle: string, close: string) =>
  open.repeat(levels) + middle + close.repeat(levels);

test.each([
  ["arrays", "[", "1", "]"],
  ["objects", '{"a":', "1", "}"],
])("%s nested 100 levels deep are read, 101 are not", (_, open, middle, close) => {
  expect(JSON.stringify(parseJson(nested(100, open, middle, close)))).toBe(nested(100, open, middle, close));
  expect(() => parseJson(nested(101, open, middle, close))).toThrow(SyntaxError);
});

test.each([
  ["brackets in strings", JSON.stringify("[".repeat(500))],
  ["quotes in strings", JSON.stringify('"["'.repeat(500))],
  ["backslashes before quotes", JSON.stringify("\\".repeat(501) + "[".repeat(500))],
  ["many values side by side", `[${Array.from({ length: 500 }, () => "[{}]").join(",")}]`],
])("%s are no depth", (_, text) => {
  expect(parseJson(text)).toEqual(JSON.parse(text));
});
