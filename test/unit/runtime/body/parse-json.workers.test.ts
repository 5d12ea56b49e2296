import { expect, test } from "vitest";
import { isExactNumber } from "../../../../src/runtime/exact-number.ts";
import { parseJson } from "../../../../src/runtime/body/parse-json.ts";

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

const inexactNumber = "A number has too many digits: send it as text.";
const exact = [
  "0 -0 0e999999 0.000 1 -1 1.0 0.1 -0.1 100e-2 1e5 1E+3 1e20 1e22 1e23 123456789012345 999999999999999",
  "9007199254740991 9007199254740992 -9007199254740992 12345678901234567000 100000000000000000000000",
  "0.10000000000000001 51.507350921630859 0.30000000000000004 1700000000.123456 1.7976931348623157e308 5e-324 9.5367431640625e-7",
];
const inexact = [
  "9007199254740993 -9007199254740993 9007199254740993.0 90071992547409930e-1 1e400 -1e400 1e-400 1.8e308",
  "0.1000000000000000055511151231257827 0.12345678901234567890 123456789012345678 1e99999999999999999999",
  "1.00000000000000000001 0.30000000000000000004 1e-99999999999999999999 1.79769313486231580e308",
];
const words = (lines: readonly string[]) => lines.flatMap((line) => line.split(" "));

test.each(words(exact))("%s is carried exactly, wherever it stands", (text) => {
  expect(isExactNumber(text)).toBe(true);
  for (const json of [text, `[${text}]`, ` {"a":${text},"b":[1,{"c":${text}}]}`]) {
    expect(parseJson(json)).toEqual(JSON.parse(json));
  }
});

test.each(words(inexact))("%s would become another number, and is refused outside of texts", (text) => {
  expect(isExactNumber(text)).toBe(false);
  for (const json of [text, `[${text}]`, `[1,-2,{"a":"${text}","b":${text} }]`, `{"\\"":[${text}]}`]) {
    expect(() => parseJson(json), json).toThrow(inexactNumber);
  }
  for (const value of [text, `"${text}`, { [text]: text }]) {
    expect(parseJson(JSON.stringify(value))).toEqual(value);
  }
});

test("two million digits are read in one pass", () => {
  for (const text of ["1".repeat(2e6), `1${"0".repeat(2e6)}1`, `0.${"0".repeat(2e6)}1`, `1e${"9".repeat(2e6)}`]) {
    expect(() => parseJson(text)).toThrow(inexactNumber);
  }
  expect(() => parseJson(`${"1".repeat(2e6)}-`)).toThrow(SyntaxError);
  expect(parseJson(`1.${"0".repeat(2e6)}`)).toBe(1);
});
