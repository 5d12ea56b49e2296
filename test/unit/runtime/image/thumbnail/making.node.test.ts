import { expect, test } from "vitest";
import type { ThumbnailRule } from "../../../../../src/contract/plan/files.ts";
import { making } from "../../../../../src/runtime/image/thumbnail/making.ts";

const rule = (maxEdge: number): ThumbnailRule => ({ name: "a", maxEdge, quality: 80, background: [255, 255, 255] });

test("the memory that thumbnails take is known before", () => {
  expect(making.memoryBytes([rule(320)])).toBeLessThan(4 * 1024 * 1024);
  expect(making.memoryBytes([rule(2048)])).toBeLessThan(64 * 1024 * 1024);
  expect(making.memoryBytes([rule(320), rule(640)])).toBeGreaterThan(making.memoryBytes([rule(640)]));
});
