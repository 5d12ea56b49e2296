import { describe, expect, test } from "vitest";
import { createDelimiterSearch } from "../../../../src/runtime/multipart/delimiter-search.ts";
import { bytesOf, createRandom } from "./streams.ts";

/** Every delimiter, found one after the other by the search and by the engine's own text search. */
function compare(text: string, delimiter: string, from: number, to: number): void {
  const search = createDelimiterSearch(bytesOf(delimiter));
  const bytes = bytesOf(text);
  const reference = text.slice(0, to);
  const expected: number[] = [];
  const found: number[] = [];
  for (let start = from; expected.at(-1) !== -1; start = 1 + (expected.at(-1) ?? 0)) {
    expected.push(reference.indexOf(delimiter, start));
    found.push(search.find(bytes, start, to));
  }
  expect(found).toEqual(expected);
}

describe.each([
  "\n-",
  "\r\n--b",
  "\r\n--aaaaaaaa",
  "\r\n------WebKitFormBoundaryd0oK2mWqzJfYh3Ab",
  `\r\n--${"ab".repeat(35)}`,
])("%j", (delimiter) => {
  test.each([1, 2, 3, 4, 5, 6])("in bytes like it, seed %i", (seed) => {
    const random = createRandom(seed);
    for (const length of [0, 1, delimiter.length, 100, 2_047, 2_048, 2_200, 9_000]) {
      const most = random(40);
      let text = "";
      while (text.length < length) {
        const pick = random(most + 3);
        if (pick === 0) text += delimiter;
        else if (pick === 1) text += delimiter.slice(0, random(delimiter.length));
        else text += delimiter[random(delimiter.length)] ?? "";
      }
      compare(text, delimiter, 0, text.length);
      compare(text, delimiter, random(text.length + 1), random(text.length + 1));
    }
  });

  test("at every place of a stretch that is searched in lanes", () => {
    const length = 2_500;
    const wrong: number[] = [];
    const search = createDelimiterSearch(bytesOf(delimiter));
    for (let at = 0; at <= length - delimiter.length; at++) {
      const bytes = new Uint8Array(length).fill(45);
      bytes.set(bytesOf(delimiter), at);
      const isRight =
        search.find(bytes, 0, length) === at &&
        search.find(bytes, 0, at + delimiter.length - 1) === -1 &&
        search.find(bytes, at + 1, length) === -1;
      if (!isRight) wrong.push(at);
    }
    expect(wrong).toEqual([]);
  });
});
