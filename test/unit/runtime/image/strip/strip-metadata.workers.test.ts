import { describe, expect, test } from "vitest";
import { mediaTypes } from "../../../../../src/contract/media-types.ts";
import type { ByteSource } from "../../../../../src/runtime/bytes.ts";
import { stripMetadata } from "../../../../../src/runtime/image/strip/strip.ts";
import { encodeJpeg, segment } from "../../../../support/jpeg-encoder.ts";
import { concatBytes } from "../../../../support/png-encoder.ts";
import { failingSource } from "../../../../support/source.ts";
import { secret } from "./stripping.ts";

const jpeg = encodeJpeg({ width: 300, height: 300, sampling: [[1, 1]], sample: (_, x, y) => (x * y) & 255 });

test("seven types, and no other", () => {
  const stripped = [...mediaTypes].flatMap(([type, known]) => (known.stripped === true ? [type] : []));
  const names = ["avif", "gif", "heic", "heif", "jpeg", "png", "webp"];
  expect(stripped.toSorted()).toEqual(names.map((name) => `image/${name}`));
  const source: ByteSource = { read: () => Promise.resolve(null) };
  for (const type of stripped) expect(() => stripMetadata(type, source)).not.toThrow();
  expect(() => stripMetadata("image/bmp", source)).toThrow("image/bmp");
});

describe("the source", () => {
  test("its error passes on, whether it comes in the picture or behind it", async () => {
    const error = new Error("the client went away");
    for (const bytes of [jpeg.subarray(0, 700), concatBytes([jpeg, secret]), new Uint8Array(0)]) {
      for (const chunkBytes of [1, 64, 5000]) {
        const source = stripMetadata("image/jpeg", failingSource(bytes, chunkBytes, error));
        const readAll = async (): Promise<void> => {
          while ((await source.read()) !== null);
        };
        await expect(readAll()).rejects.toBe(error);
      }
    }
  });

  test("is read to its end, and no further than is asked for", async () => {
    let reads = 0;
    const chunks = [jpeg, secret, secret, null];
    const source = stripMetadata("image/jpeg", { read: () => Promise.resolve(chunks[reads++] ?? null) });
    expect(reads).toBe(0);
    await source.read();
    expect(reads).toBe(1);
    while ((await source.read()) !== null);
    expect(reads).toBeGreaterThanOrEqual(4);
  });
});

describe("the chunks", () => {
  test("of pixels are views of what the source handed out", async () => {
    const long = concatBytes([jpeg.subarray(0, -2), new Uint8Array(100_000).fill(7)]);
    const source = stripMetadata("image/jpeg", { read: once(long) });
    let views = 0;
    for (let chunk = await source.read(); chunk !== null; chunk = await source.read()) {
      if (chunk.buffer === long.buffer) views += chunk.length;
    }
    expect(views).toBeGreaterThan(long.length - 5000);
  });

  test("of crumbs are put together", async () => {
    const crumbs = concatBytes(Array<Uint8Array>(20_000).fill(segment(0xdd, Uint8Array.of(0, 9))));
    const source = stripMetadata("image/jpeg", { read: once(concatBytes([Uint8Array.of(0xff, 0xd8), crumbs])) });
    let [chunks, bytes] = [0, 0];
    for (let chunk = await source.read(); chunk !== null; chunk = await source.read()) {
      chunks++;
      bytes += chunk.length;
    }
    expect(bytes).toBe(crumbs.length + 2);
    expect(chunks).toBeLessThan(10);
  });
});

function once(bytes: Uint8Array): ByteSource["read"] {
  const chunks = [bytes];
  return () => Promise.resolve(chunks.shift() ?? null);
}
