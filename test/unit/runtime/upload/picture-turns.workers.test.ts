/** Costly pictures at once: they cost their owner colours, and nobody anything else. */
import { describe, expect, test } from "vitest";
import { as, createCaller, dataOf, upload, type FormPart } from "../../../support/app.ts";
import { readStored, useFreshStorage } from "../../../support/database.ts";
import { concatBytes, deflateZeros, pngChunk, pngHeader, pngSignature } from "../../../support/png-encoder.ts";
import { png } from "../../../support/pictures.ts";
import { planOf, uploadStep } from "../../../support/plans.ts";

useFreshStorage();

/** 4.2 million units of work in a few kilobytes. */
const [width, height] = [1000, 1400];
const costly = async (trailing = 0): Promise<FormPart> => ({
  fileName: "costly.png",
  type: "image/png",
  body: concatBytes([
    pngSignature,
    pngHeader(width, height, 8, 2),
    pngChunk("IDAT", await deflateZeros((width * 3 + 1) * height)),
    ...(trailing > 0 ? [pngChunk("teSt", new Uint8Array(trailing))] : []),
    pngChunk("IEND", new Uint8Array(0)),
  ]),
});
const file = await costly();
const honest: FormPart = { fileName: "a.png", type: "image/png", body: png([200, 30, 30]) };

/** An owner may have twice as much read at a time as a picture may cost: two of the costly ones. */
const settings = { IMAGE_CPU_BUDGET: "5000000", MAX_CONCURRENT_UPLOADS: "24" };
const open = { owner: null, folder: [{ from: "literal", value: "open" } as const] };
const call = createCaller([planOf([uploadStep({ maxFiles: 12, maxFileBytes: 100_000 })])], settings);
const openCall = createCaller([planOf([uploadStep(open)], { authentication: null })], settings);

interface Row {
  readonly width: number | null;
  readonly dominant_color: string | null;
}

async function uploadAs(owner: string, ...parts: readonly FormPart[]): Promise<readonly Row[]> {
  return dataOf<Row[]>(await upload(call, "/test", await as(owner), parts));
}

const colorsOf = (rows: readonly Row[]) => rows.filter((row) => row.dominant_color !== null).length;

describe("twelve costly pictures of one owner at once", () => {
  test("are all stored; beyond the owner's share they have a size and no colour", async () => {
    const others = Array.from({ length: 12 }, () => uploadAs("costly", file));
    const another = uploadAs("another", honest);
    const rows = (await Promise.all(others)).flat();
    expect(rows).toHaveLength(12);
    expect(new Set(rows.map((row) => row.width))).toEqual(new Set([width]));
    expect(colorsOf(rows)).toBeGreaterThanOrEqual(2);
    expect(colorsOf(rows)).toBeLessThan(12);
    expect(await another).toMatchObject([{ dominant_color: "#c81e1e" }]);
    expect((await readStored()).objects).toHaveLength(13);
    // Nothing is in flight any more.
    expect(await uploadAs("costly", file)).toMatchObject([{ dominant_color: "#000000" }]);
  });

  test("in one form, too", async () => {
    const rows = await uploadAs("costly", ...Array.from({ length: 4 }, () => file), honest);
    expect(rows.map((row) => row.dominant_color)).toEqual(["#000000", "#000000", null, null, "#c81e1e"]);
  });

  test("where nobody is known, the address stands for the owner", async () => {
    const from = async (address: string) => {
      const response = await upload(openCall, "/test", { "CF-Connecting-IP": address }, [file]);
      return dataOf<Row[]>(response);
    };
    const addresses = Array.from({ length: 8 }, () => "203.0.113.7");
    const [another, ...rows] = await Promise.all(["198.51.100.9", ...addresses].map(from));
    expect(colorsOf(rows.flat())).toBeLessThan(8);
    expect(another).toMatchObject([{ dominant_color: "#000000" }]);
  });
});

test("calls that fail give back what their pictures took", async () => {
  const tooLarge = await costly(100_000);
  for (let count = 0; count < 3; count++) {
    expect((await upload(call, "/test", await as("costly"), [tooLarge])).status).toBe(413);
  }
  expect(await uploadAs("costly", file)).toMatchObject([{ dominant_color: "#000000" }]);
});
