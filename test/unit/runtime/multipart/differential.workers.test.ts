import { describe, expect, test } from "vitest";
import { parseBoundary } from "../../../../src/runtime/multipart/boundary.ts";
import { bytesOf, createRandom, plainStream, readBody } from "./streams.ts";
import type { PartRead } from "./streams.ts";

const plainNames = [
  "a",
  "__proto__",
  "a[b][c]",
  "0",
  "Größe",
  "\u{1f600}",
  "per%cent",
  "semi;colon=",
  " blank ",
  "C:\\dir\\f.txt",
  "\u202e.exe",
  "x".repeat(300),
];
/** What the platform writes and cannot read again: it refuses an empty name and leaves `%22` as it is. */
const oddNames = ["", 'quo"ted', '"', 'a";b="c'];
const types = ["", "text/plain", "image/png", "application/x-custom+json"];
const seeds = Array.from({ length: 40 }, (_, seed) => [seed] as const);

function makeForm(seed: number, names: readonly string[]): FormData {
  const random = createRandom(seed);
  const pick = (items: readonly string[]): string => items[random(items.length)] ?? "";
  const form = new FormData();
  for (let count = random(8); count > 0; count--) {
    const content = Array.from({ length: random(50) }, () => pick(["\r\n", "\r", "\n", "--", "a", "ä", "\r\n--", "€"]));
    if (random(2) === 0) form.append(pick(names), content.join(""));
    else form.append(pick(names), new File([bytesOf("\xff\x00"), ...content], pick(names), { type: pick(types) }));
  }
  return form;
}

/** `undeclared`: what a file without a type is written with. */
async function entriesOf(form: FormData, undeclared: string): Promise<PartRead[]> {
  const entries: PartRead[] = [];
  for (const [name, value] of form) {
    if (typeof value === "string") {
      entries.push({ name, fileName: null, contentType: null, bytes: new TextEncoder().encode(value) });
    } else {
      const bytes = new Uint8Array(await value.arrayBuffer());
      entries.push({ name, fileName: value.name, contentType: value.type === "" ? undeclared : value.type, bytes });
    }
  }
  return entries;
}

async function write(form: FormData): Promise<{ bytes: Uint8Array; contentType: string; boundary: string }> {
  const written = new Response(form);
  const contentType = written.headers.get("Content-Type") ?? "";
  return {
    bytes: new Uint8Array(await written.arrayBuffer()),
    contentType,
    boundary: parseBoundary(contentType) ?? "",
  };
}

describe("forms that the platform wrote", () => {
  test.each(seeds)("are read as the platform reads them: seed %i", async (seed) => {
    const { bytes, contentType, boundary } = await write(makeForm(seed, plainNames));
    const form = await new Response(bytes, { headers: { "Content-Type": contentType } }).formData();
    for (const size of [1, 7, Infinity]) {
      expect(await readBody(plainStream(bytes, size), boundary)).toEqual({
        parts: await entriesOf(form, ""),
        code: null,
      });
    }
  });

  test.each(seeds)("give back what was put in: seed %i", async (seed) => {
    const form = makeForm(seed, [...plainNames, ...oddNames]);
    const { bytes, boundary } = await write(form);
    const parts = await entriesOf(form, "application/octet-stream");
    expect(await readBody(plainStream(bytes, 7), boundary)).toEqual({ parts, code: null });
  });
});
