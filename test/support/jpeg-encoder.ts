/** Makes JPEG files for tests: samplings, colour models, progressions, restarts, 8 and 12 bits. Slow and plain. */
import { concatBytes } from "./png-encoder.ts";

export interface JpegOptions {
  readonly width: number;
  readonly height: number;
  /** Horizontal and vertical sampling factor of each component; their number is the number of components. */
  readonly sampling: readonly (readonly [number, number])[];
  /** A component's sample, 0 to 255 (scaled for 12 bits by the encoder). */
  readonly sample: (component: number, x: number, y: number) => number;
  readonly precisionBits?: 8 | 12;
  /** One scan for all components, or one for each. */
  readonly interleaved?: boolean;
  readonly progressive?: boolean;
  /** Units between restart markers. */
  readonly restartInterval?: number;
  readonly ids?: readonly number[];
  /** Segments after SOI. */
  readonly before?: readonly Uint8Array[];
  /** Bytes after EOI. */
  readonly after?: Uint8Array;
  readonly step?: number;
  /** Start-of-frame marker, when it shall not be the right one. */
  readonly frameCode?: number;
}

interface Plane {
  readonly index: number;
  readonly across: number;
  readonly down: number;
  readonly blocksAcross: number;
  readonly blocksDown: number;
  /** Coefficients of the block at a column and row, padding included. */
  readonly blockAt: (column: number, row: number) => Int32Array;
}

interface Scan {
  readonly planes: readonly Plane[];
  readonly spectral: readonly [number, number];
  readonly bits: readonly [previous: number, low: number];
}

const zigzag = zigzagOrder();

export function encodeJpeg(options: JpegOptions): Uint8Array {
  const { interleaved = true, progressive = false, restartInterval = 0, precisionBits = 8, step = 4 } = options;
  const planes = planesOf(options);
  const frameCode = options.frameCode ?? (progressive ? 0xc2 : precisionBits === 12 ? 0xc1 : 0xc0);
  const groups = interleaved ? [planes] : planes.map((plane) => [plane]);
  return concatBytes([
    Uint8Array.of(0xff, 0xd8),
    ...(options.before ?? []),
    segment(0xdb, Uint8Array.of(0, ...Array<number>(64).fill(step))),
    segment(frameCode, frameBody(options, planes)),
    segment(0xc4, Uint8Array.of(0x00, ...dcCode.counts, ...dcCode.values)),
    segment(0xc4, Uint8Array.of(0x10, ...acCode.counts, ...acCode.values)),
    ...(restartInterval > 0 ? [segment(0xdd, Uint8Array.of(restartInterval >> 8, restartInterval & 255))] : []),
    ...scansOf(groups, planes, progressive).map((scan) => encodeScan(options, scan)),
    Uint8Array.of(0xff, 0xd9),
    options.after ?? new Uint8Array(0),
  ]);
}

export function segment(code: number, body: Uint8Array): Uint8Array {
  return Uint8Array.of(0xff, code, (body.length + 2) >> 8, (body.length + 2) & 255, ...body);
}

/** APP14 with its transform: 0 none, 1 YCbCr, 2 YCCK. */
export function adobeSegment(transform: number): Uint8Array {
  return segment(0xee, Uint8Array.of(...new TextEncoder().encode("Adobe"), 0, 100, 0, 0, 0, 0, transform));
}

/** A TIFF structure with an orientation, as in EXIF. */
export function exifOrientation(orientation: number, littleEndian = false): Uint8Array {
  const view = new DataView(new ArrayBuffer(26));
  view.setUint16(0, littleEndian ? 0x4949 : 0x4d4d);
  view.setUint16(2, 42, littleEndian);
  view.setUint32(4, 8, littleEndian);
  view.setUint16(8, 1, littleEndian);
  view.setUint16(10, 0x0112, littleEndian);
  view.setUint16(12, 3, littleEndian);
  view.setUint32(14, 1, littleEndian);
  view.setUint16(18, orientation, littleEndian);
  return new Uint8Array(view.buffer);
}

export function exifSegment(tiff: Uint8Array): Uint8Array {
  return segment(0xe1, concatBytes([new TextEncoder().encode("Exif\0\0"), tiff]));
}

function frameBody({ width, height, precisionBits = 8, ids }: JpegOptions, planes: readonly Plane[]): Uint8Array {
  const components = planes.flatMap(({ index, across, down }) => [ids?.[index] ?? index + 1, (across << 4) | down, 0]);
  return Uint8Array.of(precisionBits, height >> 8, height & 255, width >> 8, width & 255, planes.length, ...components);
}

function scansOf(groups: readonly (readonly Plane[])[], planes: readonly Plane[], progressive: boolean): Scan[] {
  if (!progressive) return groups.map((group) => ({ planes: group, spectral: [0, 63], bits: [0, 0] }));
  return [
    ...groups.map((group): Scan => ({ planes: group, spectral: [0, 0], bits: [0, 1] })),
    ...planes.map((plane): Scan => ({ planes: [plane], spectral: [1, 63], bits: [0, 0] })),
    { planes, spectral: [0, 0], bits: [1, 0] },
  ];
}

function planesOf({ width, height, sampling, sample, precisionBits = 8, step = 4 }: JpegOptions): Plane[] {
  const single = sampling.length === 1;
  const maxAcross = single ? 1 : Math.max(...sampling.map(([across]) => across));
  const maxDown = single ? 1 : Math.max(...sampling.map(([, down]) => down));
  const scale = precisionBits === 12 ? 16 : 1;
  return sampling.map(([across, down], index): Plane => {
    const stepX = single ? 1 : maxAcross / across;
    const stepY = single ? 1 : maxDown / down;
    const blocks = new Map<number, Int32Array>();
    const level = (x: number, y: number): number =>
      (sample(index, Math.min(width - 1, Math.floor(x * stepX)), Math.min(height - 1, Math.floor(y * stepY))) - 128) *
      scale;
    return {
      index,
      across,
      down,
      blocksAcross: Math.ceil(Math.ceil(width / stepX) / 8),
      blocksDown: Math.ceil(Math.ceil(height / stepY) / 8),
      blockAt(column, row) {
        const key = row * 65_536 + column;
        const block = blocks.get(key) ?? transformBlock((x, y) => level(column * 8 + x, row * 8 + y), step);
        blocks.set(key, block);
        return block;
      },
    };
  });
}

/** The cosine of frequency f at place x, at 8 f + x. */
const cosines = Float64Array.from({ length: 64 }, (_, at) => {
  const [frequency, x] = [at >> 3, at & 7];
  return Math.cos(((2 * x + 1) * frequency * Math.PI) / 16) * (frequency === 0 ? Math.SQRT1_2 : 1) * 0.5;
});

/** Plain loops over the same memory: a picture has thousands of blocks, and the tests make hundreds of pictures. */
const samples = new Float64Array(64);
const halves = new Float64Array(64);

function transformBlock(level: (x: number, y: number) => number, step: number): Int32Array {
  for (let at = 0; at < 64; at++) samples[at] = level(at & 7, at >> 3);
  for (let at = 0; at < 64; at++) halves[at] = product(cosines, at & 56, samples, (at & 7) * 8);
  const block = new Int32Array(64);
  for (let index = 0; index < 64; index++) {
    const natural = zigzag[index] ?? 0;
    block[index] = Math.round(product(cosines, natural & 56, halves, (natural & 7) * 8) / step);
  }
  return block;
}

/** Of eight numbers each, from these places on. */
function product(one: Float64Array, from: number, other: Float64Array, otherFrom: number): number {
  let sum = 0;
  for (let at = 0; at < 8; at++) sum += (one[from + at] ?? 0) * (other[otherFrom + at] ?? 0);
  return sum;
}

function encodeScan({ width, height, restartInterval = 0, sampling, ids }: JpegOptions, scan: Scan): Uint8Array {
  const { planes, spectral, bits } = scan;
  const writer = new BitWriter();
  const interleaved = planes.length > 1;
  const [first] = planes;
  const unitsAcross = interleaved
    ? Math.ceil(width / (8 * Math.max(...sampling.map(([across]) => across))))
    : (first?.blocksAcross ?? 0);
  const unitsDown = interleaved
    ? Math.ceil(height / (8 * Math.max(...sampling.map(([, down]) => down))))
    : (first?.blocksDown ?? 0);
  const predictions = [0, 0, 0, 0];
  for (let unit = 0; unit < unitsAcross * unitsDown; unit++) {
    if (restartInterval > 0 && unit > 0 && unit % restartInterval === 0) {
      writer.restart((unit / restartInterval - 1) & 7);
      predictions.fill(0);
    }
    for (const plane of planes) {
      const [across, down] = interleaved ? [plane.across, plane.down] : [1, 1];
      for (let part = 0; part < across * down; part++) {
        const column = (unit % unitsAcross) * across + (part % across);
        const row = Math.floor(unit / unitsAcross) * down + Math.floor(part / across);
        encodeBlock(writer, plane.blockAt(column, row), scan, predictions, plane.index);
      }
    }
  }
  const components = planes.flatMap(({ index }) => [ids?.[index] ?? index + 1, 0]);
  const header = Uint8Array.of(planes.length, ...components, ...spectral, (bits[0] << 4) | bits[1]);
  return concatBytes([segment(0xda, header), writer.finish()]);
}

function encodeBlock(writer: BitWriter, block: Int32Array, scan: Scan, predictions: number[], plane: number): void {
  const [from, to] = scan.spectral;
  const [previousBit, lowBit] = scan.bits;
  if (from === 0) {
    const dc = (block[0] ?? 0) >> lowBit;
    if (previousBit > 0) writer.write(dc & 1, 1);
    else {
      const difference = dc - (predictions[plane] ?? 0);
      predictions[plane] = dc;
      const size = bitSize(difference);
      writer.writeSymbol(dcCode, size);
      writer.write(difference < 0 ? difference + 2 ** size - 1 : difference, size);
    }
  }
  let run = 0;
  for (let index = Math.max(1, from); index <= to; index++) {
    const value = block[index] ?? 0;
    if (value === 0) {
      run++;
      continue;
    }
    for (; run > 15; run -= 16) writer.writeSymbol(acCode, 0xf0);
    const size = bitSize(value);
    writer.writeSymbol(acCode, (run << 4) | size);
    writer.write(value < 0 ? value + 2 ** size - 1 : value, size);
    run = 0;
  }
  if (run > 0 && to > 0) writer.writeSymbol(acCode, 0x00);
}

function bitSize(value: number): number {
  return 32 - Math.clz32(Math.abs(value));
}

interface HuffmanCode {
  readonly counts: readonly number[];
  readonly values: readonly number[];
  readonly codes: ReadonlyMap<number, readonly [code: number, length: number]>;
}

/** Codes of 5 bits for DC; for AC of 4, 8, 10, 13 and 16 bits, so that short and long codes all occur. */
const dcCode = huffmanCode(
  Array.from({ length: 16 }, (_, value) => value),
  { 5: 16 },
);
const acCode = huffmanCode(
  [0x00, 0x01, 0x02, 0x11, ...Array.from({ length: 256 }, (_, value) => value).filter((v) => v > 2 && v !== 0x11)],
  { 4: 4, 8: 30, 10: 60, 13: 60, 16: 102 },
);

function huffmanCode(values: readonly number[], lengths: Readonly<Record<number, number>>): HuffmanCode {
  const counts = Array.from({ length: 16 }, (_, index) => lengths[index + 1] ?? 0);
  const codes = new Map<number, readonly [number, number]>();
  let code = 0;
  let next = 0;
  for (const [index, count] of counts.entries()) {
    for (let left = count; left > 0; left--) codes.set(values[next++] ?? 0, [code++, index + 1]);
    code *= 2;
  }
  return { counts, values: values.slice(0, next), codes };
}

class BitWriter {
  readonly #bytes: number[] = [];
  #held = 0;
  #bits = 0;

  writeSymbol({ codes }: HuffmanCode, value: number): void {
    const [code, length] = codes.get(value) ?? [0, 0];
    this.write(code, length);
  }

  write(value: number, bits: number): void {
    this.#held = (this.#held << bits) | (value & ((1 << bits) - 1));
    this.#bits += bits;
    while (this.#bits >= 8) {
      this.#bits -= 8;
      const byte = (this.#held >> this.#bits) & 255;
      this.#bytes.push(byte);
      if (byte === 255) this.#bytes.push(0);
    }
    this.#held &= (1 << this.#bits) - 1;
  }

  restart(number: number): void {
    this.#pad();
    this.#bytes.push(0xff, 0xd0 + number);
  }

  finish(): Uint8Array {
    this.#pad();
    return Uint8Array.from(this.#bytes);
  }

  #pad(): void {
    while (this.#bits > 0) this.write(1, 1);
  }
}

/** Index in zigzag order → place in the block, row by row. */
function zigzagOrder(): number[] {
  const places = Array.from({ length: 64 }, (_, place) => place);
  const diagonal = (place: number): number => (place >> 3) + (place & 7);
  return places.toSorted((one, other) => {
    if (diagonal(one) !== diagonal(other)) return diagonal(one) - diagonal(other);
    return diagonal(one) % 2 === 0 ? (one & 7) - (other & 7) : (one >> 3) - (other >> 3);
  });
}
