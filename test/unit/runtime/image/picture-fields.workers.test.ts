/** What the tap tells beside size and dominant colour, and that it does no more than it is asked. */
import { thumbHashToRGBA } from "thumbhash";
import { describe, expect, test } from "vitest";
import { readGridColors } from "../../../../src/runtime/image/grid-colors.ts";
import { createImageTap } from "../../../../src/runtime/image/image-tap.ts";
import { uprightGrid } from "../../../../src/runtime/image/upright.ts";
import { encodeGif, grayPalette } from "../../../support/gif-encoder.ts";
import { encodeJpeg, exifOrientation, exifSegment } from "../../../support/jpeg-encoder.ts";
import { encodePng, pngChunk, type PngOptions } from "../../../support/png-encoder.ts";
import { imageFields, inspect } from "./sampling.ts";

/** What a viewer shows: white at the top left, dark gray elsewhere. */
const shown = { width: 96, height: 64 };
const shownLevel = (x: number, y: number): number => (x < 48 && y < 32 ? 255 : 40);

/** The stored place of each shown pixel, per orientation (EXIF 2.32, 4.6.4 A). */
const orientations: Readonly<Record<number, (x: number, y: number) => readonly [number, number]>> = {
  1: (x, y) => [x, y],
  2: (x, y) => [95 - x, y],
  3: (x, y) => [95 - x, 63 - y],
  4: (x, y) => [x, 63 - y],
  5: (x, y) => [y, x],
  6: (x, y) => [y, 95 - x],
  7: (x, y) => [63 - y, 95 - x],
  8: (x, y) => [63 - y, x],
};

/** The stored picture that a viewer shows upright. */
function storedPicture(orientation: number): {
  width: number;
  height: number;
  level: (x: number, y: number) => number;
} {
  const turned = orientation >= 5;
  const [width, height] = turned ? [shown.height, shown.width] : [shown.width, shown.height];
  const levels = new Uint8Array(width * height);
  for (let y = 0; y < shown.height; y++) {
    for (let x = 0; x < shown.width; x++) {
      const [column, row] = orientations[orientation]?.(x, y) ?? [0, 0];
      levels[row * width + column] = shownLevel(x, y);
    }
  }
  return { width, height, level: (x, y) => levels[y * width + x] ?? 0 };
}

function brightCorner(thumbhash: string | null): string {
  const { w, h, rgba } = thumbHashToRGBA(Uint8Array.from(atob(thumbhash ?? ""), (letter) => letter.charCodeAt(0)));
  const level = (x: number, y: number): number =>
    rgba[(Math.floor(y * (h - 1)) * w + Math.floor(x * (w - 1))) * 4] ?? 0;
  expect(w).toBeGreaterThan(h);
  const corners = [0, 1].flatMap((y) => [0, 1].map((x) => ({ at: `${x},${y}`, level: level(x, y) })));
  return corners.reduce((best, corner) => (corner.level > best.level ? corner : best)).at;
}

describe("the thumbhash shows the picture upright", () => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8])("orientation %i", async (orientation) => {
    const { width, height, level } = storedPicture(orientation);
    const upright = storedPicture(1);
    const png = (size: typeof upright, after: Uint8Array[]): Promise<Uint8Array> =>
      encodePng({ ...size, colorType: 0, depth: 8, pixel: (x, y) => [size.level(x, y)], after });
    const turned = await inspect(await png({ width, height, level }, [pngChunk("eXIf", exifOrientation(orientation))]));
    expect(turned).toMatchObject({ width: 96, height: 64 });
    expect(brightCorner(turned.thumbhash)).toBe("0,0");
    expect(turned.thumbhash).toBe((await inspect(await png(upright, []))).thumbhash);

    const before = [exifSegment(exifOrientation(orientation))];
    const jpeg = encodeJpeg({ width, height, sampling: [[1, 1]], sample: (_, x, y) => level(x, y), before });
    for (const smallJpegPixels of [512, 0]) {
      expect(brightCorner((await inspect(jpeg, { smallJpegPixels })).thumbhash)).toBe("0,0");
    }
  });

  test("a grid is turned and mirrored cell by cell", () => {
    const rgba = Uint8ClampedArray.from({ length: 6 * 4 }, (_, at) => at >> 2);
    const cells = (orientation: number): number[] =>
      Array.from(
        uprightGrid({ width: 3, height: 2, rgba, points: rgba }, orientation).rgba.filter((_, at) => at % 4 === 0),
      );
    expect(Array.from({ length: 8 }, (_, index) => cells(index + 1).join(""))).toEqual([
      "012345",
      "210543",
      "543210",
      "345012",
      "031425",
      "304152",
      "524130",
      "251403",
    ]);
  });
});

describe("a thumbhash", () => {
  test("of a picture with transparent parts knows them", async () => {
    const pixel: PngOptions["pixel"] = (x) => [200, 30, 40, x < 8 ? 255 : 0];
    const { thumbhash } = await inspect(await encodePng({ width: 16, height: 16, colorType: 6, depth: 8, pixel }));
    const { rgba } = thumbHashToRGBA(Uint8Array.from(atob(thumbhash ?? ""), (letter) => letter.charCodeAt(0)));
    expect(rgba[3]).toBeGreaterThan(200);
    expect(rgba.at(-1)).toBeLessThan(50);
  });

  test("of a picture that cannot be seen is none", async () => {
    const pixel = (): number[] => [200, 30, 40, 0];
    const result = await inspect(await encodePng({ width: 16, height: 16, colorType: 6, depth: 8, pixel }));
    expect(result).toMatchObject({ thumbhash: null, palette: null, dominantColor: null, hasAlpha: true });
  });
});

describe("alpha and animation", () => {
  const plain: PngOptions = { width: 4, height: 4, colorType: 2, depth: 8, pixel: () => [1, 2, 3] };
  const frames = (count: number): Uint8Array => pngChunk("acTL", Uint8Array.of(0, 0, 0, count, 0, 0, 0, 0));
  const transparency = Uint8Array.of(0, 9, 0, 9, 0, 9);
  const gif = { width: 4, height: 4, palette: grayPalette(4) };
  const frame = { width: 4, height: 4, pixel: () => 1 };

  test.each<{ name: string; make: () => Promise<Uint8Array> | Uint8Array; hasAlpha: boolean; animated: boolean }>([
    { name: "PNG RGB", make: () => encodePng(plain), hasAlpha: false, animated: false },
    { name: "PNG RGB with tRNS", make: () => encodePng({ ...plain, transparency }), hasAlpha: true, animated: false },
    {
      name: "PNG RGB with tRNS after its pixels",
      make: () => encodePng({ ...plain, after: [pngChunk("tRNS", transparency)] }),
      hasAlpha: false,
      animated: false,
    },
    {
      name: "PNG RGBA",
      make: () => encodePng({ ...plain, colorType: 6, pixel: () => [1, 2, 3, 4] }),
      hasAlpha: true,
      animated: false,
    },
    {
      name: "PNG gray with alpha",
      make: () => encodePng({ ...plain, colorType: 4, pixel: () => [1, 2] }),
      hasAlpha: true,
      animated: false,
    },
    {
      name: "APNG of two frames",
      make: () => encodePng({ ...plain, before: [frames(2)] }),
      hasAlpha: false,
      animated: true,
    },
    {
      name: "APNG of one frame",
      make: () => encodePng({ ...plain, before: [frames(1)] }),
      hasAlpha: false,
      animated: false,
    },
    {
      name: "PNG with acTL after its pixels",
      make: () => encodePng({ ...plain, after: [frames(2)] }),
      hasAlpha: false,
      animated: false,
    },
    {
      name: "JPEG",
      make: () => encodeJpeg({ width: 9, height: 9, sampling: [[1, 1]], sample: () => 9 }),
      hasAlpha: false,
      animated: false,
    },
    { name: "GIF", make: () => encodeGif({ ...gif, frames: [frame] }), hasAlpha: false, animated: false },
    {
      name: "GIF, transparent and animated",
      make: () => encodeGif({ ...gif, frames: [{ ...frame, transparent: 2 }, frame] }),
      hasAlpha: true,
      animated: true,
    },
  ])("$name", async ({ make, hasAlpha, animated }) => {
    const file = await make();
    const type = file[0] === 0x47 ? "image/gif" : file[0] === 0xff ? "image/jpeg" : "image/png";
    for (const wanted of [imageFields, new Set(["has_alpha", "animated"] as const)]) {
      const tap = createImageTap(type, wanted);
      for (let at = 0; at < file.length; at += 5) await tap?.push(file.subarray(at, at + 5));
      expect(await tap?.finish()).toMatchObject({ hasAlpha, animated });
    }
  });
});

describe("only what is wanted", () => {
  const nothing = {
    width: null,
    height: null,
    dominantColor: null,
    palette: null,
    thumbhash: null,
    hasAlpha: null,
    animated: null,
    thumbnails: null,
    fault: null,
  };
  const jpeg = encodeJpeg({ width: 40, height: 24, sampling: [[1, 1]], sample: () => 200 });
  const png = encodePng({ width: 40, height: 24, colorType: 0, depth: 8, pixel: () => [200] });

  test("nothing wanted, no tap", () => {
    expect(createImageTap("image/png", new Set())).toBeNull();
  });

  test.each([
    { field: "width", told: { width: 40 } },
    { field: "height", told: { height: 24 } },
    { field: "has_alpha", told: { hasAlpha: false } },
    { field: "animated", told: { animated: false } },
    { field: "dominant_color", told: { dominantColor: "#c8c8c8" } },
    { field: "palette", told: { palette: [{ color: "#c8c8c8", share: 1 }] } },
  ] as const)("$field", async ({ field, told }) => {
    for (const file of [jpeg, await png]) {
      expect(await inspect(file, { wanted: new Set([field]) })).toEqual({ ...nothing, ...told });
    }
  });

  test("without a field that is made of pixels none is decoded: they may be nonsense", async () => {
    const wanted = new Set(["width", "height", "has_alpha", "animated"] as const);
    const expected = { ...nothing, width: 40, height: 24, hasAlpha: false, animated: false };
    const brokenJpeg = jpeg.slice();
    brokenJpeg.fill(0xff, jpeg.lastIndexOf(0xda) + 9);
    const brokenPng = await encodePng({
      width: 40,
      height: 24,
      colorType: 0,
      depth: 8,
      pixel: () => [200],
      filterOf: () => 9,
    });
    for (const file of [brokenJpeg, brokenPng]) {
      expect(await inspect(file, { wanted })).toEqual(expected);
      expect((await inspect(file)).fault).toBeTypeOf("string");
    }
    expect(await inspect(jpeg, { wanted, maxWork: 100_000, maxPixels: 1 })).toEqual(expected);
  });

  test("without a size there is a fault, whatever was wanted", async () => {
    const { fault } = await inspect(jpeg.subarray(0, 30), { wanted: new Set(["has_alpha"] as const) });
    expect(fault).toBeTypeOf("string");
  });
});

describe("a grid", () => {
  const rgba = Uint8ClampedArray.from({ length: 64 * 64 * 4 }, (_, at) => [200, 30, 40, 255][at % 4] ?? 0);
  const grid = { width: 64, height: 64, rgba, points: rgba };

  test("tells its colours", () => {
    const colors = readGridColors(grid, imageFields);
    expect(colors).toMatchObject({ dominantColor: "#c81e28", palette: [{ color: "#c81e28", share: 1 }] });
    expect(colors.thumbhash).toBeTypeOf("string");
    const only = readGridColors(grid, new Set(["palette"] as const));
    expect(only).toEqual({ dominantColor: null, palette: [{ color: "#c81e28", share: 1 }], thumbhash: null });
  });
});
