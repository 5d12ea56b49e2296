/** A picture of four quarters, and what its thumbnails look like. */
import decodeJpeg from "jpeg-js/lib/decoder.js";
import { expect } from "vitest";
import type { ThumbnailRule } from "../../../../../src/contract/plan/files.ts";
import { createImageTap, type ImageLimits, type ImageResult } from "../../../../../src/runtime/image/image-tap.ts";
import { making } from "../../../../../src/runtime/image/thumbnail/making.ts";
import type { Thumbnail } from "../../../../../src/runtime/image/thumbnail/thumbnail.ts";
import { encodePng, type PngOptions } from "../../../../support/png-encoder.ts";

export type Color = readonly [number, number, number];

export const rule = (maxEdge: number, name = "small", background: Color = [255, 255, 255]): ThumbnailRule => ({
  name,
  maxEdge,
  quality: 95,
  background,
});

export async function inspect(
  file: Uint8Array,
  rules: readonly ThumbnailRule[],
  { chunkBytes = file.length, limits = {} }: { chunkBytes?: number; limits?: Partial<ImageLimits> } = {},
): Promise<ImageResult> {
  const type = file[0] === 0x89 ? "image/png" : "image/gif";
  const tap = createImageTap(type, new Set(), limits, undefined, { making, rules });
  for (let at = 0; at < file.length; at += chunkBytes) await tap?.push(file.subarray(at, at + chunkBytes));
  const result = await tap?.finish();
  if (result === undefined) throw new Error("no tap");
  return result;
}

export async function thumbnailOf(file: Uint8Array, wanted = rule(40)): Promise<Thumbnail> {
  const { thumbnails, fault } = await inspect(file, [wanted]);
  expect(fault).toBeNull();
  expect(thumbnails).toHaveLength(1);
  return thumbnails?.[0] as Thumbnail;
}

interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

export function decode({ jpeg, width, height }: Thumbnail): Pixels {
  const decoded = decodeJpeg(jpeg ?? new Uint8Array(0), {
    useTArray: true,
    formatAsRGBA: true,
    tolerantDecoding: false,
    colorTransform: true,
    maxResolutionInMP: 10,
    maxMemoryUsageInMB: 64,
  });
  expect([decoded.width, decoded.height]).toEqual([width, height]);
  return decoded;
}

export const colorAt = ({ data, width }: Pixels, x: number, y: number): number[] => [
  ...data.subarray((y * width + x) * 4, (y * width + x) * 4 + 3),
];

export function expectColor(pixels: Pixels, [x, y]: readonly [number, number], color: Color, most = 6): void {
  const seen = colorAt(pixels, x, y);
  const off = seen.map((value, channel) => Math.abs(value - (color[channel] ?? 0)));
  expect(Math.max(...off), `${seen.join()} is not ${color.join()} at ${x}, ${y}`).toBeLessThanOrEqual(most);
}

/** Fails where there is none. */
export function item<Item>(list: readonly Item[], index: number): Item {
  const [found] = list.slice(index);
  if (found === undefined) throw new Error(`There is no item ${String(index)}`);
  return found;
}

/** The four quarters of a picture in colours of their own. */
export const quarters: readonly Color[] = [
  [200, 60, 60],
  [60, 180, 60],
  [60, 60, 200],
  [220, 220, 80],
];
export const quarterOf = (x: number, y: number, width: number, height: number): number =>
  (x * 2 >= width ? 1 : 0) + (y * 2 >= height ? 2 : 0);

export function expectQuarters(pixels: Pixels, order = [0, 1, 2, 3], most = 8): void {
  const places = [0.25, 0.75].flatMap((y) => [0.25, 0.75].map((x) => [x, y] as const));
  for (const [place, [x, y]] of places.entries()) {
    const at = [Math.floor(x * pixels.width), Math.floor(y * pixels.height)] as const;
    expectColor(pixels, at, item(quarters, order[place] ?? 0), most);
  }
}

export const [width, height] = [160, 120];
export const paletteBytes = Uint8Array.from(quarters.flat());

export function quartersPng(
  options: Partial<PngOptions> & Pick<PngOptions, "colorType" | "depth">,
): Promise<Uint8Array> {
  const { colorType, depth } = options;
  const most = 2 ** depth - 1;
  return encodePng({
    width,
    height,
    ...(colorType === 3 ? { palette: paletteBytes } : {}),
    pixel: (x, y) => {
      const quarter = quarterOf(x, y, width, height);
      if (colorType === 3) return [quarter];
      const color = item(quarters, quarter).map((value) => Math.round((value / 255) * most));
      const channels = colorType === 2 || colorType === 6 ? color : [Math.round(((quarter * 80) / 255) * most)];
      return colorType >= 4 ? [...channels, most] : channels;
    },
    ...options,
  });
}
