/**
 * Writes a baseline JPEG (ITU-T T.81) of a thumbnail's planes: luma and chroma at half size, or luma alone. Steps of
 * quantization are those of libjpeg at the same quality; Huffman tables are made for the picture.
 */
import { uprightWay, type UprightWay } from "../upright.ts";
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
export type EncoderPlanes = readonly [luma: EncoderPlane, ...chroma: EncoderPlane[]];

/** A plane that is read as it is shown. */
interface UprightPlane extends UprightWay {
  readonly values: Float32Array;
}

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
/** Sixteen zeros, and zeros to the end of the block. */
const longRun = 0xf0;
const endOfBlock = 0;

/** Made once: it is needed for one block at a time. */
const block = new Float32Array(blockValues);

/** Takes what is to be written, in order. */
interface Sink {
  /** @param table luma's DC and AC, chroma's DC and AC; `extra` are the bits behind the symbol, as many as its lower half says */
  put(table: number, symbol: number, extra: number): void;
}

/**
 * @param quality 1 to 100
 * @param orientation of the planes, as EXIF counts it; what is written is upright
 */
export function encodeJpeg(stored: EncoderPlanes, quality: number, orientation = 1): Uint8Array<ArrayBuffer> {
  const planes = stored.map((plane) => ({ ...uprightWay(plane, orientation), values: plane.values }));
  const steps = [scaledSteps(lumaSteps, quality), scaledSteps(chromaSteps, quality)];
  const blocks = quantizePlanes(planes, steps.map(quantizers));
  const counter = new SymbolCounter();
  sendBlocks(blocks, planes.length, counter);
  const codes = counter.frequencies.slice(0, planes.length === 3 ? 4 : 2).map(huffmanCodeFor);
  const head = headOf(planes, steps, codes);
  const writer = new BitWriter(head, counter.bytesIn(codes), codes);
  sendBlocks(blocks, planes.length, writer);
  return writer.end();
}

function scaledSteps(steps: readonly number[], quality: number): Uint8Array {
  const percent = quality < 50 ? Math.floor(5000 / quality) : 200 - quality * 2;
  return Uint8Array.from({ length: blockValues }, (_, at) =>
    Math.max(1, Math.min(255, Math.floor(((steps[at] ?? 99) * percent + 50) / 100))),
  );
}

/** The blocks in the order of the file. A unit of it holds one of each plane, of luma beside chroma 2 × 2. */
function quantizePlanes(planes: readonly UprightPlane[], scales: readonly Float32Array[]): Int16Array {
  const { width, height } = planes[0] as UprightPlane;
  const unitSide = planes.length === 3 ? 2 : 1;
  const [across, down] = [width, height].map((pixels) => Math.ceil(pixels / (unitSide * blockSide))) as [
    number,
    number,
  ];
  const blocks = new Int16Array(across * down * (unitSide * unitSide + planes.length - 1) * blockValues);
  let to = 0;
  for (let unit = 0; unit < across * down; unit++) {
    const [x, y] = [unit % across, Math.floor(unit / across)];
    for (let component = 0; component < planes.length; component++) {
      const plane = planes[component] as UprightPlane;
      const scale = scales[component === 0 ? 0 : 1] as Float32Array;
      const side = component === 0 ? unitSide : 1;
      for (let part = 0; part < side * side; part++, to += blockValues) {
        const left = (x * side + (part % side)) * blockSide;
        const top = (y * side + Math.floor(part / side)) * blockSide;
        if (left < plane.width && top < plane.height) {
          readBlock(plane, left, top);
          transformBlock(block);
          quantizeBlock(scale, blocks, to);
        } else {
          // Nobody sees it. What is like the block before takes the fewest bits; the first one is always seen.
          blocks[to] = blocks[to - blockValues] as number;
        }
      }
    }
  }
  return blocks;
}

/** Beyond the edges they are repeated. */
function readBlock({ width, height, values, start, right, down }: UprightPlane, left: number, top: number): void {
  for (let y = 0, at = 0; y < blockSide; y++) {
    const from = start + Math.min(height - 1, top + y) * down;
    for (let x = left; x < left + blockSide; x++, at++) {
      const value = values[from + (x < width ? x : width - 1) * right] as number;
      block[at] = value < -128 ? -128 : value > 127 ? 127 : value;
    }
  }
}

/** Coefficients have 12 bits at most; what is added makes them positive, so that all are rounded alike. */
const roundingBias = 16384;

function quantizeBlock(scale: Float32Array, blocks: Int16Array, to: number): void {
  for (let index = 0; index < blockValues; index++) {
    const at = zigzag[index] as number;
    const rounded = ((block[at] as number) * (scale[at] as number) + (roundingBias + 0.5)) | 0;
    blocks[to + index] = rounded - roundingBias;
  }
}

/** Levels of DC are sent as differences to the block before (F.1.2), other coefficients behind the zeros before them. */
function sendBlocks(blocks: Int16Array, components: number, sink: Sink): void {
  const unitBlocks = components === 3 ? 6 : 1;
  const previous = new Int32Array(components);
  for (let at = 0, place = 0; at < blocks.length; at += blockValues, place = (place + 1) % unitBlocks) {
    const component = Math.max(0, place - 3);
    const table = component === 0 ? 0 : 2;
    const level = blocks[at] as number;
    send(sink, table, 0, level - (previous[component] as number));
    previous[component] = level;
    let run = 0;
    for (let index = at + 1; index < at + blockValues; index++) {
      const value = blocks[index] as number;
      if (value === 0) {
        run++;
        continue;
      }
      for (; run > 15; run -= 16) sink.put(table + 1, longRun, 0);
      send(sink, table + 1, run, value);
      run = 0;
    }
    if (run > 0) sink.put(table + 1, endOfBlock, 0);
  }
}

function send(sink: Sink, table: number, run: number, value: number): void {
  const bits = 32 - Math.clz32(Math.abs(value));
  // Negative values are written less 1.
  sink.put(table, (run << 4) | bits, (value + (value >> 31)) & ((1 << bits) - 1));
}

class SymbolCounter implements Sink {
  /** By table and symbol. */
  readonly frequencies = [0, 1, 2, 3].map(() => new Uint32Array(256));

  put(table: number, symbol: number): void {
    const frequencies = this.frequencies[table] as Uint32Array;
    frequencies[symbol] = (frequencies[symbol] as number) + 1;
  }

  /** What was counted takes so many with these codes, without the zeros between them. */
  bytesIn(codes: readonly HuffmanCode[]): number {
    let bits = 0;
    for (const [table, { symbols, codes: words }] of codes.entries()) {
      for (const symbol of symbols) {
        bits += (this.frequencies[table]?.[symbol] ?? 0) * (((words[symbol] ?? 0) & 31) + (symbol & 15));
      }
    }
    return Math.ceil(bits / 8);
  }
}

/** Everything before the entropy-coded bytes, JFIF's segment included. */
function headOf(
  planes: readonly UprightPlane[],
  steps: readonly Uint8Array[],
  codes: readonly HuffmanCode[],
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
class BitWriter implements Sink {
  readonly #bytes: Uint8Array<ArrayBuffer>;
  readonly #codes: readonly Uint32Array[];
  #at: number;
  #held = 0;
  #heldBits = 0;

  /** @param bytes that the symbols take */
  constructor(head: Uint8Array, bytes: number, codes: readonly HuffmanCode[]) {
    this.#codes = codes.map((code) => code.codes);
    this.#at = head.length;
    // Each may be followed by a zero, and then come the last one and the marker.
    this.#bytes = new Uint8Array(head.length + 2 * bytes + 4);
    this.#bytes.set(head);
  }

  put(table: number, symbol: number, extra: number): void {
    const code = (this.#codes[table] as Uint32Array)[symbol] as number;
    this.#write(code >> 5, code & 31);
    this.#write(extra, symbol & 15);
  }

  /** @param count up to 16 */
  #write(bits: number, count: number): void {
    this.#held = (this.#held << count) | bits;
    this.#heldBits += count;
    while (this.#heldBits >= 8) {
      this.#heldBits -= 8;
      const byte = (this.#held >>> this.#heldBits) & 255;
      this.#bytes[this.#at++] = byte;
      if (byte === 255) this.#bytes[this.#at++] = 0;
    }
  }

  /** The whole file. */
  end(): Uint8Array<ArrayBuffer> {
    this.#write(127, 7);
    this.#bytes.set([0xff, 0xd9], this.#at);
    return this.#bytes.slice(0, this.#at + 2);
  }
}
