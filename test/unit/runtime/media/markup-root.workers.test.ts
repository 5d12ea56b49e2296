import { expect, test } from "vitest";
import { markupRoot } from "../../../../src/runtime/media/markup-root.ts";
import { detectMediaType } from "../../../../src/runtime/media/media-type.ts";
import { HEAD_BYTES } from "../../../../src/runtime/media/signatures.ts";

test.each([
  ["<svg>", "svg"],
  ["<SVG/>", "svg"],
  ["<svg", "svg"],
  ["\ufeff\n <svg>", "svg"],
  ["<x:svg>", "svg"],
  ["<a.b-c_1>", "a.b-c_1"],
  ["<a:b:svg>", "b"],
  ["<a:", "a"],
  ["<?xml version='1.0'?>\n<?xml-stylesheet href='a'?><svg>", "svg"],
  ["<!-- <a> --><!----><!-- - -- -><b> --><svg>", "svg"],
  ["<!DOCTYPE svg PUBLIC '-//W3C//DTD SVG 1.1//EN' 'http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd'><svg>", "svg"],
  ["<!doctype svg []><svg>", "svg"],
  [`<!DOCTYPE svg [<!ENTITY a "]><b>"><!ENTITY c ']"'> <!-- don't ]> --> <?d it's ]> ?> %e; ] ><svg>`, "svg"],
  ["<!doctype a><!-- b --><?c?> <html>", "html"],
  ["", null],
  ["svg", null],
  ["<", null],
  ["< svg>", null],
  ["</svg>", null],
  ["<:svg>", null],
  ["<?xml", null],
  ["<!-- <svg>", null],
  ["<!--><svg>", null],
  ["<!-><svg>", null],
  ["<!element a><svg>", null],
  ["<!doctype a", null],
  ["<!doctype a [ ><svg>", null],
  ["<!doctype a [ ] <svg>", null],
  ["<?a?> b <svg>", null],
])("the root of %j is %j", (text, name) => {
  expect(markupRoot(text)).toBe(name);
});

/** What every construct of a prologue begins with, ends with, or is when it is short. */
const beginnings = [
  "<|>|!|?|-|[|]|\"|'|:|/|y|é| |\n\t ",
  "<!|<!-|<!--|<!---|-->|<!---->|<!--x-->|<!--x--><",
  "<!doctype|<!doctype |<!doctype[|<!doctype[]>|<!doctype[<!--|<!doctype['|<!doctype html",
  "<!ENTITY a '|]>|<?|<?x>|<?x?>|?>|<a:|<svg>",
].flatMap((line) => line.split("|"));

const repeated = (text: string, length: number) => text.repeat(Math.ceil(length / text.length)).slice(0, length);

/** Long enough for what doubles with every few bytes. */
const SHORT = 240;

/** Of 241 bytes: a pattern that goes back tries two ways for each comment. */
const attack = `${"<!--x-->".repeat(30)}y`;

function* hostileHeads(): Generator<string> {
  yield attack;
  for (const first of beginnings) {
    yield repeated(first, HEAD_BYTES);
    const text = repeated(first, SHORT);
    for (let length = 0; length <= text.length; length += 1) yield text.slice(0, length);
    for (const second of beginnings) {
      yield repeated(first + second, SHORT);
      yield first + repeated(second, SHORT);
      yield `${repeated(first, SHORT / 2)}${repeated(second, SHORT / 2)}y`;
    }
  }
}

/** The clock of workerd stands still until something is waited for. */
async function millisecondsOf(work: () => void): Promise<number> {
  const began = Date.now();
  work();
  await new Promise((resolve) => setTimeout(resolve, 1));
  return Date.now() - began;
}

test("no beginning costs more than two steps for each of its characters", async () => {
  const heads = [...hostileHeads()];
  const dear: string[] = [];
  const milliseconds = await millisecondsOf(() => {
    for (const head of heads) {
      const cost = { steps: 0 };
      markupRoot(head, cost);
      if (cost.steps > 2 * head.length) dear.push(head);
    }
  });
  expect(dear).toEqual([]);
  expect(milliseconds).toBeLessThan(1000);
});

test("the count is that of a whole search", () => {
  const cost = { steps: 0 };
  const text = `<?xml?>${"<!-- x -->".repeat(100)}<!doctype svg [<!ENTITY a "b">]><svg`;
  expect(markupRoot(text, cost)).toBe("svg");
  expect(cost.steps).toBeGreaterThanOrEqual(text.length);
});

test("the type of a file is told at once from a head full of any of them", async () => {
  const heads = beginnings.flatMap((text) => [repeated(text, HEAD_BYTES), `<${repeated(text, HEAD_BYTES)}`]);
  const bytes = [...heads, attack].map((head) => new TextEncoder().encode(head).subarray(0, HEAD_BYTES));
  expect(await millisecondsOf(() => bytes.forEach((head) => detectMediaType(head, null, "a")))).toBeLessThan(1000);
});
