/**
 * Writes a baseline JPEG (ITU-T T.81) of a thumbnail's planes: luma and chroma at half size, or luma alone. Steps of
 * quantization are those of libjpeg at the same quality; Huffman tables are made for the picture.
 */
import { quantizers, transformBlock } from "./forward-dct.ts";
import { huffmanCodeFor, type HuffmanCode } from "./huffman-code.ts";
import { zigzag } from "./zigzag.ts";

/** Values of one component, row by row, from −128 to 127; what lies beyond is cut. */
export interface EncoderPlane {
  readonly width: number;
  readonly height: number;
  readonly values: Float32Array;
}

/** Luma; and, unless the picture is gray, blueness and redness of every second pixel on each axis. */
export type EncoderPlanes =
  readonly [luma: EncoderPlane] | readonly [luma: EncoderPlane, blueness: EncoderPlane, redness: EncoderPlane];

/** Tables K.1 and K.2, in rows; the rest of the second is 99. */
const lumaSteps = [
  16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51,
  87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103, 121, 120, 101,
  72, 92, 95, 98, 112, 100, 103, 99,
];
const chromaSteps = [
  17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99, 99, 99, 47, 66,
];

const blockSide = 8;
const blockValues = 64;
/** In a row of blocks, as `tokens` holds them. */
const longestRun = 0xf0;
const endOfBlock = 0;

/** Made once: allocating them for each block or picture would cost more than some of the work. */
const block = new Float32Array(blockValues);
const coefficients = new Int16Array(blockValues);

/** What is written, in order: table << 24 | symbol << 16 | the bits behind it, whose number is the symbol's lower half. */
class Tokens {
  /** By table: luma's DC and AC, chroma's DC and AC. */
  readonly frequencies = [0, 1, 2, 3].map(() => new Uint32Array(256));
  values = new Uint32Array(4096);
  count = 0;

  /** Makes room for a block. */
  reserve(): void {
    if (this.count + blockValues <= this.values.length) return;
    const longer = new Uint32Array(this.values.length * 2);
    longer.set(this.values);
    this.values = longer;
  }

  /** @param table of DC, 0 or 2 */
  addBlock(table: number, difference: number): void {
    this.reserve();
    this.#add(table, 0, difference);
    let run = 0;
    for (let index = 1; index < blockValues; index++) {
      const value = coefficients[index] as number;
      if (value === 0) {
        run += 16;
        continue;
      }
      for (; run > longestRun; run -= 256) this.#add(table + 1, longestRun, 0);
      this.#add(table + 1, run, value);
      run = 0;
    }
    if (run > 0) this.#add(table + 1, endOfBlock, 0);
  }

  #add(table: number, run: number, value: number): void {
    const bits = 32 - Math.clz32(Math.abs(value));
    const symbol = run | bits;
    const frequencies = this.frequencies[table] as Uint32Array;
    frequencies[symbol] = (frequencies[symbol] as number) + 1;
    // Negative values are written less 1.
    this.values[this.count++] = (table << 24) | (symbol << 16) | ((value + (value >> 31)) & ((1 << bits) - 1));
  }
}

/** @param quality 1 to 100 */
export function encodeJpeg(planes: EncoderPlanes, quality: number): Uint8Array<ArrayBuffer> {
  const isColor = planes.length === 3;
  const steps = [scaledSteps(lumaSteps, quality), scaledSteps(chromaSteps, quality)];
  const tokens = tokensOf(planes, steps.map(quantizers));
  const codes = tokens.frequencies.slice(0, isColor ? 4 : 2).map(huffmanCodeFor);
  const head = headOf(planes, steps, codes);
  // Each byte of it may be followed by a zero.
  const bytes = new Uint8Array(head.length + 2 * (bytesOf(tokens, codes) + 1) + 2);
  bytes.set(head);
  const end = writeTokens(tokens, codes, bytes, head.length);
  bytes.set([0xff, 0xd9], end);
  return bytes.slice(0, end + 2);
}

function scaledSteps(steps: readonly number[], quality: number): Uint8Array {
  const percent = quality < 50 ? Math.floor(5000 / quality) : 200 - quality * 2;
  return Uint8Array.from({ length: blockValues }, (_, at) =>
    Math.max(1, Math.min(255, Math.floor(((steps[at] ?? 99) * percent + 50) / 100))),
  );
}

/** A unit holds a block of each plane, of luma beside chroma 2 × 2. */
function tokensOf(planes: EncoderPlanes, scales: readonly Float32Array[]): Tokens {
  const [{ width, height }] = planes;
  const unitBlocks = planes.length === 3 ? 2 : 1;
  const tokens = new Tokens();
  const previous = new Int32Array(3);
  for (let y = 0; y * unitBlocks * blockSide < height; y++) {
    for (let x = 0; x * unitBlocks * blockSide < width; x++) {
      for (let component = 0; component < planes.length; component++) {
        const plane = planes[component] as EncoderPlane;
        const side = component === 0 ? unitBlocks : 1;
        const scale = scales[component === 0 ? 0 : 1] as Float32Array;
        for (let part = 0; part < side * side; part++) {
          const left = (x * side + (part & 1)) * blockSide;
          const top = (y * side + (part >> 1)) * blockSide;
          if (left < plane.width && top < plane.height) {
            readBlock(plane, left, top);
            transformBlock(block);
            quantizeBlock(scale);
          } else {
            // Nobody sees it: what is like the block before takes the fewest bits.
            coefficients.fill(0);
            coefficients[0] = previous[component] as number;
          }
          const level = coefficients[0] as number;
          tokens.addBlock(component === 0 ? 0 : 2, level - (previous[component] as number));
          previous[component] = level;
        }
      }
    }
  }
  return tokens;
}

/** Beyond the edges they are repeated. */
function readBlock({ width, height, values }: EncoderPlane, left: number, top: number): void {
  for (let y = 0, at = 0; y < blockSide; y++) {
    const from = Math.min(height - 1, top + y) * width;
    for (let x = left; x < left + blockSide; x++, at++) {
      const value = values[from + (x < width ? x : width - 1)] as number;
      block[at] = value < -128 ? -128 : value > 127 ? 127 : value;
    }
  }
}

/** Coefficients have 12 bits at most; what is added makes them positive, so that all are rounded alike. */
const roundingBias = 16384;

function quantizeBlock(scale: Float32Array): void {
  for (let index = 0; index < blockValues; index++) {
    const at = zigzag[index] as number;
    coefficients[index] = ((block[at] as number) * (scale[at] as number) + (roundingBias + 0.5)) | 0;
    coefficients[index] = (coefficients[index] as number) - roundingBias;
  }
}

/** Without the zeros that are stuffed between them. */
function bytesOf({ frequencies }: Tokens, codes: readonly HuffmanCode[]): number {
  let bits = 0;
  for (const [table, code] of codes.entries()) {
    for (const symbol of code.symbols) {
      bits += (frequencies[table]?.[symbol] ?? 0) * (((code.codes[symbol] ?? 0) & 31) + (symbol & 15));
    }
  }
  return Math.ceil(bits / 8);
}

/** Everything before the entropy-coded bytes, JFIF's segment included. */
function headOf(planes: EncoderPlanes, steps: readonly Uint8Array[], codes: readonly HuffmanCode[]): Uint8Array {
  const [{ width, height }] = planes;
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
  return Uint8Array.from([
    0xff,
    0xd8,
    // "JFIF", version 1.1, no density.
    ...segment(0xe0, 0x4a, 0x46, 0x49, 0x46, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0),
    ...steps
      .slice(0, isColor ? 2 : 1)
      .flatMap((table, slot) => segment(0xdb, slot, ...zigzag.map((at) => table[at] ?? 0))),
    ...segment(0xc0, 8, height >> 8, height & 255, width >> 8, width & 255, planes.length, ...components),
    ...codes.flatMap(({ counts, symbols }, table) =>
      segment(0xc4, ((table & 1) << 4) | (table >> 1), ...counts, ...symbols),
    ),
    ...segment(0xda, planes.length, ...scanned, 0, 63, 0),
  ]);
}

/** Writes bits, and a zero behind each byte of ones, which would begin a marker. */
class BitWriter {
  at: number;
  readonly #bytes: Uint8Array;
  #held = 0;
  #heldBits = 0;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.at = at;
  }

  /** @param count up to 16 */
  put(bits: number, count: number): void {
    this.#held = (this.#held << count) | bits;
    this.#heldBits += count;
    while (this.#heldBits >= 8) {
      this.#heldBits -= 8;
      const byte = (this.#held >>> this.#heldBits) & 255;
      this.#bytes[this.at++] = byte;
      if (byte === 255) this.#bytes[this.at++] = 0;
    }
  }

  /** Fills up the last byte. */
  end(): void {
    this.put(127, 7);
  }
}

/** Returns where the last byte ended. */
function writeTokens(
  { values, count }: Tokens,
  codes: readonly HuffmanCode[],
  bytes: Uint8Array,
  from: number,
): number {
  const writer = new BitWriter(bytes, from);
  for (let index = 0; index < count; index++) {
    const token = values[index] as number;
    const symbol = (token >> 16) & 255;
    const code = (codes[token >> 24] as HuffmanCode).codes[symbol] as number;
    writer.put(code >> 5, code & 31);
    writer.put(token & 0xffff, symbol & 15);
  }
  writer.end();
  return writer.at;
}
