import decodeJpeg from "jpeg-js/lib/decoder.js";
import { describe, expect, test } from "vitest";
import {
  encodeJpeg,
  type EncoderPlane,
  type EncoderPlanes,
} from "../../../../../src/runtime/image/thumbnail/jpeg-encoder.ts";

function plane(width: number, height: number, valueAt: (x: number, y: number) => number): EncoderPlane {
  const values = Float32Array.from({ length: width * height }, (_, at) => valueAt(at % width, Math.floor(at / width)));
  return { width, height, values };
}

const waves = (x: number, y: number): number => 30 * Math.sin(x / 5) + 25 * Math.cos(y / 7);
const noise = (x: number, y: number): number =>
  ((Math.imul(x * 7919 + y * 104_729 + 1, 2_654_435_761) >>> 24) & 255) - 128;
const gray = (width: number, height: number, valueAt = waves): EncoderPlanes => [plane(width, height, valueAt)];

function colored(width: number, height: number): EncoderPlanes {
  const [halfWidth, halfHeight] = [(width + 1) >> 1, (height + 1) >> 1];
  return [
    plane(width, height, waves),
    plane(halfWidth, halfHeight, (x, y) => 30 * Math.sin((x + y) / 9)),
    plane(halfWidth, halfHeight, (x, y) => 30 * Math.cos((x - y) / 11)),
  ];
}

/** Luma of what jpeg-js sees, less 128. */
function lumaOf(jpeg: Uint8Array): EncoderPlane {
  const { width, height, data } = decodeJpeg(jpeg, {
    useTArray: true,
    formatAsRGBA: true,
    tolerantDecoding: false,
    colorTransform: true,
    maxResolutionInMP: 10,
    maxMemoryUsageInMB: 512,
  });
  return plane(width, height, (x, y) => {
    const [red = 0, green = 0, blue = 0] = data.subarray((y * width + x) * 4);
    return 0.299 * red + 0.587 * green + 0.114 * blue - 128;
  });
}

function rootMeanSquare(one: EncoderPlane, other: EncoderPlane): number {
  const sum = one.values.reduce((total, value, at) => {
    const wanted = Math.max(-128, Math.min(127, other.values[at] ?? Number.NaN));
    return total + (value - wanted) ** 2;
  }, 0);
  return Math.sqrt(sum / one.values.length);
}

/** Of each segment before the entropy-coded bytes: its marker and its body. */
function segmentsOf(jpeg: Uint8Array): [marker: number, body: Uint8Array][] {
  const view = new DataView(jpeg.buffer);
  const segments: [number, Uint8Array][] = [];
  for (let at = 2; segments.at(-1)?.[0] !== 0xda;) {
    const length = view.getUint16(at + 2);
    segments.push([view.getUint8(at + 1), jpeg.subarray(at + 4, at + 2 + length)]);
    at += 2 + length;
  }
  return segments;
}

describe("what decoders see", () => {
  const sizes = [
    [1, 1],
    [1, 320],
    [320, 1],
    [7, 9],
    [8, 8],
    [16, 16],
    [17, 33],
    [240, 161],
  ] as const;

  test.each(sizes)("%i × %i, gray and coloured", (width, height) => {
    for (const planes of [gray(width, height), colored(width, height)]) {
      const seen = lumaOf(encodeJpeg(planes, 95));
      expect([seen.width, seen.height]).toEqual([width, height]);
      expect(rootMeanSquare(seen, planes[0])).toBeLessThan(2.5);
    }
  });

  test("a lower quality takes fewer bytes and shows less", () => {
    const planes = colored(200, 150);
    const files = [1, 20, 49, 50, 80, 100].map((quality) => encodeJpeg(planes, quality));
    const bytes = files.map(({ length }) => length);
    const errors = files.map((file) => rootMeanSquare(lumaOf(file), planes[0]));
    expect(bytes).toEqual(bytes.toSorted((one, other) => one - other));
    expect(errors).toEqual(errors.toSorted((one, other) => other - one));
    expect(errors.at(-1)).toBeLessThan(0.6);
  });

  test("values beyond 8 bits are cut, in every block alike", () => {
    for (const value of [-1000, 1000]) {
      const seen = lumaOf(
        encodeJpeg(
          gray(24, 24, () => value),
          90,
        ),
      );
      expect([...new Set(seen.values)]).toEqual([value < 0 ? -128 : expect.closeTo(127)]);
    }
  });

  test("noise at the best quality, the longest codes and the most bytes", () => {
    const planes = gray(256, 256, noise);
    expect(rootMeanSquare(lumaOf(encodeJpeg(planes, 100)), planes[0])).toBeLessThan(1);
  });

  test("colours that are very rare", () => {
    // As often as Fibonacci's numbers say, which makes the longest codes that there can be.
    const levels = Array.from({ length: 24 }, (_, step) => Math.round(1.35 ** step));
    const planes = gray(2048, 1024, (x, y) => {
      const at = ((y >> 3) * 256 + (x >> 3)) % 3000;
      return (x & 7) < 4 ? (levels[levels.findIndex((level) => level > at)] ?? 0) % 127 : 0;
    });
    expect(rootMeanSquare(lumaOf(encodeJpeg(planes, 98)), planes[0])).toBeLessThan(4);
  });
});

describe("what is in the file", () => {
  test("a JFIF header, tables, frame and scan, and no metadata", () => {
    const markersOf = (planes: EncoderPlanes): string[] =>
      segmentsOf(encodeJpeg(planes, 80)).map(([marker]) => marker.toString(16));
    expect(markersOf(gray(9, 9))).toEqual(["e0", "db", "c0", "c4", "c4", "da"]);
    expect(markersOf(colored(9, 9))).toEqual(["e0", "db", "db", "c0", "c4", "c4", "c4", "c4", "da"]);
  });

  test("libjpeg's steps: annex K's at quality 50, none at 100, and never more than 8 bits", () => {
    const stepsAt = (quality: number): number[] => {
      const found = segmentsOf(encodeJpeg(colored(9, 9), quality)).filter(([marker]) => marker === 0xdb);
      return found.flatMap(([, body]) => [...body.subarray(1, 5), body.at(-1) ?? 0]);
    };
    expect(stepsAt(50)).toEqual([16, 11, 12, 14, 99, 17, 18, 18, 24, 99]);
    expect(stepsAt(100)).toEqual(Array.from({ length: 10 }, () => 1));
    expect(stepsAt(80)).toEqual([6, 4, 5, 6, 40, 7, 7, 7, 10, 40]);
    expect(stepsAt(1)).toEqual(Array.from({ length: 10 }, () => 255));
  });

  test("no code of more than 16 bits, and none of ones alone", () => {
    for (const planes of [gray(300, 200, noise), gray(8, 8), colored(320, 240)]) {
      for (const [marker, body] of segmentsOf(encodeJpeg(planes, 100))) {
        if (marker !== 0xc4) continue;
        const counts = [...body.subarray(1, 17)];
        const used = counts.reduce((sum, count, index) => sum + count / 2 ** (index + 1), 0);
        expect(counts.reduce((sum, count) => sum + count)).toBe(body.length - 17);
        expect(used).toBeLessThan(1);
      }
    }
  });
});
