/**
 * Writes a baseline JPEG (ITU-T T.81) of a thumbnail's planes: luma and chroma at half size, or luma alone. Steps of
 * quantization are those of libjpeg at the same quality; Huffman tables are made for the picture.
 */
import { uprightWay } from "../upright.ts";
import { BlockSymbols, tableSymbols, type UprightPlane } from "./block-symbols.ts";
import { BitWriter } from "./bit-writer.ts";
import { quantizers } from "./forward-dct.ts";
import { huffmanCodeFor, type HuffmanCode } from "./huffman-code.ts";
import { zigzag } from "./zigzag.ts";

/** Values of one component, row by row, from −128 to 127; what lies beyond is cut. */
export interface EncoderPlane {
  readonly width: number;
  readonly height: number;
  readonly values: Float32Array;
}

/** Luma; and, unless the picture is gray, blueness and redness of every second pixel on each axis. */
export type EncoderPlanes = readonly [luma: EncoderPlane, ...chroma: EncoderPlane[]];

/** Tables K.1 and K.2, in rows; the rest of the second is 99. */
const lumaSteps = [
  16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51,
  87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103, 121, 120, 101,
  72, 92, 95, 98, 112, 100, 103, 99,
];
const chromaSteps = [
  17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99, 99, 99, 47, 66,
];

/**
 * @param quality 1 to 100
 * @param orientation of the planes, as EXIF counts it; what is written is upright
 */
export function encodeJpeg(stored: EncoderPlanes, quality: number, orientation = 1): Uint8Array<ArrayBuffer> {
  const planes = stored.map((plane) => ({ ...uprightWay(plane, orientation), values: plane.values }));
  const steps = [scaledSteps(lumaSteps, quality), scaledSteps(chromaSteps, quality)];
  const symbols = new BlockSymbols(planes, steps.map(quantizers));
  const { frequencies } = symbols;
  const codes = new Uint32Array(frequencies.length);
  const tables = Array.from({ length: frequencies.length / tableSymbols }, (_, table) => {
    const from = table * tableSymbols;
    return huffmanCodeFor(frequencies.subarray(from, from + tableSymbols), codes.subarray(from));
  });
  const bits = tables.reduce((sum, table) => sum + table.bits, 0);
  const writer = new BitWriter(headOf(planes, steps, tables), bits);
  symbols.write(codes, writer);
  return writer.end();
}

function scaledSteps(steps: readonly number[], quality: number): Uint8Array {
  const percent = quality < 50 ? Math.floor(5000 / quality) : 200 - quality * 2;
  return new Uint8Array(64).map((_, at) =>
    Math.max(1, Math.min(255, Math.floor(((steps[at] ?? 99) * percent + 50) / 100))),
  );
}

/** Everything before the entropy-coded bytes, JFIF's segment included. */
function headOf(
  planes: readonly UprightPlane[],
  steps: readonly Uint8Array[],
  tables: readonly HuffmanCode[],
): Uint8Array {
  const { width, height } = planes[0] as UprightPlane;
  const segment = (marker: number, ...body: readonly number[]): readonly number[] => [
    0xff,
    marker,
    (body.length + 2) >> 8,
    (body.length + 2) & 255,
    ...body,
  ];
  const isColor = planes.length === 3;
  const components = isColor ? [1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1] : [1, 0x11, 0];
  const scanned = isColor ? [1, 0, 2, 0x11, 3, 0x11] : [1, 0];
  return new Uint8Array([
    0xff,
    0xd8,
    // "JFIF", version 1.1, no density.
    ...segment(0xe0, 0x4a, 0x46, 0x49, 0x46, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0),
    ...steps
      .slice(0, isColor ? 2 : 1)
      .flatMap((table, slot) => segment(0xdb, slot, ...zigzag.map((at) => table[at] ?? 0))),
    ...segment(0xc0, 8, height >> 8, height & 255, width >> 8, width & 255, planes.length, ...components),
    ...tables.flatMap(({ counts, symbols }, table) =>
      segment(0xc4, ((table & 1) << 4) | (table >> 1), ...counts, ...symbols),
    ),
    ...segment(0xda, planes.length, ...scanned, 0, 63, 0),
  ]);
}
