/** What the sampler tests share: running a sampler, and a plain area average of a full decode to compare with. */
import { expect } from "vitest";
import type { Grid } from "../../../../src/runtime/image/grid.ts";
import { createImageTap, defaultImageLimits, type ImageResult } from "../../../../src/runtime/image/image-tap.ts";
import type { ImageField } from "../../../../src/contract/plan/files.ts";
import { createJpegSampler } from "../../../../src/runtime/image/jpeg/jpeg-sampler.ts";
import { createPngSampler } from "../../../../src/runtime/image/png/png-sampler.ts";
import type { ImageLimits, Sampler } from "../../../../src/runtime/image/sampler.ts";

export const chunkSizes: readonly number[] = [1, 2, 3, 7, 64, Number.POSITIVE_INFINITY];

function samplerFor(file: Uint8Array, limits: Partial<ImageLimits> = {}): Sampler {
  const all = { ...defaultImageLimits, ...limits };
  return file[0] === 0xff ? createJpegSampler(all) : createPngSampler(all);
}

function typeOf(file: Uint8Array): string {
  return file[0] === 0xff ? "image/jpeg" : "image/png";
}

/** Pushes a file from one recycled buffer, wiped as soon as the sampler has answered. */
async function pushAll(push: (chunk: Uint8Array) => unknown, file: Uint8Array, chunkBytes: number): Promise<void> {
  const recycled = new Uint8Array(Math.min(chunkBytes, file.length));
  for (let at = 0; at < file.length; at += recycled.length) {
    const chunk = recycled.subarray(0, Math.min(recycled.length, file.length - at));
    chunk.set(file.subarray(at, at + chunk.length));
    const answer = push(chunk);
    if (answer instanceof Promise) await answer;
    recycled.fill(0x5a);
  }
}

export async function sampleGrid(
  file: Uint8Array,
  { chunkBytes = Infinity, ...limits }: Partial<ImageLimits> & { chunkBytes?: number } = {},
): Promise<Grid> {
  const sampler = samplerFor(file, limits);
  let enough = false;
  await pushAll(
    async (chunk) => {
      if (!enough) enough = await sampler.push(chunk);
    },
    file,
    chunkBytes,
  );
  const grid = await sampler.finish();
  if (grid === null) throw new Error(`no grid: ${sampler.fault ?? "no fault"}`);
  return grid;
}

export const imageFields: ReadonlySet<ImageField> = new Set([
  "width",
  "height",
  "dominant_color",
  "palette",
  "thumbhash",
  "has_alpha",
  "animated",
]);

export async function inspect(
  file: Uint8Array,
  {
    chunkBytes = Infinity,
    wanted = imageFields,
    ...limits
  }: Partial<ImageLimits> & { chunkBytes?: number; wanted?: ReadonlySet<ImageField> } = {},
): Promise<ImageResult> {
  const tap = createImageTap(typeOf(file), wanted, limits);
  if (tap === null) throw new Error("no tap");
  await pushAll((chunk) => tap.push(chunk), file, chunkBytes);
  return tap.finish();
}

/** The area average of a full decode over the cells of `grid`, alpha-weighted; slow and without any of its tricks. */
function averageCells(
  rgba: Uint8Array,
  width: number,
  height: number,
  grid: Pick<Grid, "width" | "height">,
): Float64Array {
  const cells = new Float64Array(grid.width * grid.height * 4);
  for (let cell = 0; cell < grid.width * grid.height; cell++) {
    const column = cell % grid.width;
    const row = Math.floor(cell / grid.width);
    const [left, right] = [(column * width) / grid.width, ((column + 1) * width) / grid.width];
    const [top, bottom] = [(row * height) / grid.height, ((row + 1) * height) / grid.height];
    const sums = [0, 0, 0, 0, 0];
    for (let y = Math.floor(top); y < Math.ceil(bottom) && y < height; y++) {
      for (let x = Math.floor(left); x < Math.ceil(right) && x < width; x++) {
        const area = (Math.min(right, x + 1) - Math.max(left, x)) * (Math.min(bottom, y + 1) - Math.max(top, y));
        const at = (y * width + x) * 4;
        const alpha = ((rgba[at + 3] ?? 0) / 255) * area;
        for (let channel = 0; channel < 3; channel++) {
          sums[channel] = (sums[channel] ?? 0) + (rgba[at + channel] ?? 0) * alpha;
        }
        sums[3] = (sums[3] ?? 0) + alpha;
        sums[4] = (sums[4] ?? 0) + area;
      }
    }
    const [red = 0, green = 0, blue = 0, alpha = 0, area = 1] = sums;
    if (alpha > 0) cells.set([red / alpha, green / alpha, blue / alpha, (alpha / area) * 255], cell * 4);
  }
  return cells;
}

/** The same cells, made of a full decode, and as many points as there are blocks of 8 × 8. */
export function fullGrid(rgba: Uint8Array, width: number, height: number, grid: Grid): Grid {
  const average = (size: Pick<Grid, "width" | "height">): Uint8ClampedArray =>
    Uint8ClampedArray.from(averageCells(rgba, width, height, size), Math.round);
  const blocks = { width: Math.ceil(width / 8), height: Math.ceil(height / 8) };
  return { width: grid.width, height: grid.height, rgba: average(grid), points: average(blocks) };
}

/** How far the grid is from the average of a full decode. */
export function gridError(grid: Grid, rgba: Uint8Array, width: number, height: number): { mean: number; most: number } {
  const expected = averageCells(rgba, width, height, grid);
  let [sum, most] = [0, 0];
  for (const [at, value] of expected.entries()) {
    // Colours of nearly transparent cells are divided by next to nothing.
    if (at % 4 < 3 && (expected[at - (at % 4) + 3] ?? 0) < 8) continue;
    const error = Math.abs(value - (grid.rgba[at] ?? 0));
    sum += error;
    most = Math.max(most, error);
  }
  return { mean: sum / expected.length, most };
}

export function expectClose(
  grid: Grid,
  full: { data: Uint8Array; width: number; height: number },
  allowed: { mean: number; most: number },
): void {
  const error = gridError(grid, full.data, full.width, full.height);
  expect(error.mean).toBeLessThanOrEqual(allowed.mean);
  expect(error.most).toBeLessThanOrEqual(allowed.most);
}
