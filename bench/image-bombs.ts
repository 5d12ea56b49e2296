/** Pictures made to hurt whoever reads them, for the table of bombs that bench/image.ts prints. */
import { constants, deflateRawSync, deflateSync } from "node:zlib";
import { segment } from "../test/support/jpeg-encoder.ts";
import { concatBytes, deflateZeros, pngChunk, pngHeader, pngSignature } from "../test/support/png-encoder.ts";

export interface Bomb {
  readonly name: string;
  readonly make: () => Promise<Uint8Array>;
}

const mebibyte = 1024 * 1024;

function pngOf(header: Uint8Array, ...chunks: readonly Uint8Array[]): Uint8Array {
  return concatBytes([pngSignature, header, ...chunks, pngChunk("IEND", new Uint8Array(0))]);
}

async function blackPng(width: number, height: number, depth: number, colorType: number): Promise<Uint8Array> {
  const channels = [1, 0, 3, 1, 2, 0, 4][colorType] ?? 1;
  const rows = (Math.ceil((width * channels * depth) / 8) + 1) * height;
  return pngOf(pngHeader(width, height, depth, colorType), pngChunk("IDAT", await deflateZeros(rows)));
}

/** Rows of noise that repeats, each with the filter that costs most. */
function paethPng(width: number, height: number): Uint8Array {
  const row = new Uint8Array(width * 4 + 1).map((_, at) => (at === 0 ? 4 : (at * at * 7919) >> 5));
  const rows = new Uint8Array(row.length * height);
  for (let y = 0; y < height; y++) rows.set(row, y * row.length);
  return pngOf(pngHeader(width, height, 8, 6), pngChunk("IDAT", deflateSync(rows, { level: 1 })));
}

/** Compressed blocks that bring their own code tables and then hold nothing. */
function emptyBlocksPng(bytes: number): Uint8Array {
  const block = emptyBlock();
  const stream = new Uint8Array(bytes);
  stream.set([0x78, 0x01]);
  for (let at = 2; at + block.length <= bytes; at += block.length) stream.set(block, at);
  return pngOf(pngHeader(10_000, 10_000, 8, 6), pngChunk("IDAT", stream));
}

/** As many bytes of black pixels as there are of compressed ones, nearly all of which hold nothing. */
function halfHollowPng(bytes: number): Uint8Array {
  const blocks = repeated(emptyBlock(), 65_000 - (65_000 % emptyBlock().length));
  const black = deflateRawSync(new Uint8Array(66_000), { finishFlush: constants.Z_SYNC_FLUSH });
  const piece = concatBytes([blocks, black]);
  const stream = concatBytes([Uint8Array.of(0x78, 1), repeated(piece, bytes)]);
  return pngOf(pngHeader(10_000, 10_000, 8, 6), pngChunk("IDAT", stream));
}

/** Eight dynamic blocks (RFC 1951, 3.2.7) of 256 unused codes and the end, so that their bits fill whole bytes. */
function emptyBlock(): Uint8Array {
  const bits: number[] = [];
  const put = (value: number, count: number): void => {
    for (let bit = 0; bit < count; bit++) bits.push((value >> bit) & 1);
  };
  for (let block = 0; block < 8; block++) {
    put(0b100, 3);
    put(0, 5);
    put(0, 5);
    put(14, 4);
    // Lengths of the code length codes: 18 (a long run of zeros) and 1, one bit each.
    for (const symbol of [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1]) {
      put(symbol === 18 || symbol === 1 ? 1 : 0, 3);
    }
    // Symbol 0 has one bit, 255 symbols none, the end of the block one bit; so has the one distance.
    put(0, 1);
    put(1, 1);
    put(127, 7);
    put(1, 1);
    put(106, 7);
    put(0, 1);
    put(0, 1);
    put(1, 1);
  }
  return Uint8Array.from({ length: bits.length / 8 }, (_, at) =>
    bits.slice(at * 8, at * 8 + 8).reduce((byte, bit, index) => byte | (bit << index), 0),
  );
}

const start = Uint8Array.of(0xff, 0xd8);
const quantization = segment(0xdb, Uint8Array.of(0, ...Array<number>(64).fill(1)));
/** Codes of one bit: 0 and, for DC, no difference; for AC, the end of the block. */
const tinyTables = [0x00, 0x10].map((name) => segment(0xc4, Uint8Array.of(name, 1, ...Array<number>(15).fill(0), 0)));

function jpegOf(side: number, components: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const ids = Array.from({ length: components }, (_, index) => index + 1);
  const [high, low] = [side >> 8, side & 255];
  const frame = segment(
    0xc0,
    Uint8Array.of(8, high, low, high, low, components, ...ids.flatMap((id) => [id, 0x11, 0])),
  );
  const scan = segment(0xda, Uint8Array.of(components, ...ids.flatMap((id) => [id, 0]), 0, 63, 0));
  return concatBytes([start, quantization, ...tinyTables, frame, scan, ...parts]);
}

function repeated(piece: Uint8Array, bytes: number): Uint8Array {
  return new Uint8Array(bytes).map((_, at) => piece[at % piece.length] ?? 0);
}

function manyScans(scans: number): Uint8Array {
  const dc = segment(0xda, Uint8Array.of(1, 1, 0, 0, 0, 1));
  const refinement = concatBytes([segment(0xda, Uint8Array.of(1, 1, 0, 0, 0, 0x10)), new Uint8Array(600)]);
  const frame = segment(0xc2, Uint8Array.of(8, 1, 255, 1, 255, 1, 1, 0x11, 0));
  return concatBytes([
    start,
    quantization,
    ...tinyTables,
    frame,
    dc,
    new Uint8Array(600),
    ...Array.from({ length: scans }, () => refinement),
    Uint8Array.of(0xff, 0xd9),
  ]);
}

/** A GIF of one colour: LZW codes that each stand for one pixel more than the last, then the longest again and again. */
export function plainGif(side: number): Uint8Array {
  const bytes: number[] = [];
  let [held, heldBits] = [0, 0];
  const put = (code: number, bits: number): void => {
    held |= code << heldBits;
    for (heldBits += bits; heldBits >= 8; heldBits -= 8, held >>>= 8) bytes.push(held & 255);
  };
  put(4, 3);
  put(0, 3);
  let [next, bits, pixels] = [6, 3, 1];
  for (let run = 2; pixels < side * side; pixels += run - 1) {
    const code = Math.min(next, 4095);
    put(code, bits);
    if (next < 4095) run++;
    next = Math.min(next + 1, 4096);
    if (next === 1 << bits && bits < 12) bits++;
  }
  put(5, bits);
  bytes.push(held & 255);
  const blocks: number[] = [];
  for (let at = 0; at < bytes.length; at += 255) {
    const block = bytes.slice(at, at + 255);
    blocks.push(block.length, ...block);
  }
  const [low, high] = [side & 255, side >> 8];
  const screen = [low, high, low, high, 0x80, 0, 0, 40, 80, 120, 0, 0, 0];
  return concatBytes([
    new TextEncoder().encode("GIF89a"),
    Uint8Array.from([...screen, 0x2c, 0, 0, 0, 0, low, high, low, high, 0, 2]),
    Uint8Array.from(blocks),
    Uint8Array.of(0, 0x3b),
  ]);
}

export const bombs: readonly Bomb[] = [
  { name: "PNG 20,000 × 20,000 of one bit", make: () => blackPng(20_000, 20_000, 1, 0) },
  { name: "PNG 8,000 × 8,000 RGB, black", make: () => blackPng(8000, 8000, 8, 2) },
  { name: "PNG 16,000 × 16,000 RGBA, black", make: () => blackPng(16_000, 16_000, 8, 6) },
  { name: "PNG 10,000 × 10,000 RGBA, black: the most allowed", make: () => blackPng(10_000, 10_000, 8, 6) },
  { name: "PNG 10,000 × 10,000 RGBA, all Paeth", make: async () => paethPng(10_000, 10_000) },
  { name: "PNG, 16 MiB of compressed blocks that hold nothing", make: async () => emptyBlocksPng(16 * mebibyte) },
  {
    name: "PNG, 16 MiB of such blocks with just enough pixels between them",
    make: async () => halfHollowPng(16 * mebibyte),
  },
  {
    name: "PNG, 16 MiB of empty chunks",
    make: async () => pngOf(pngHeader(100, 100, 8, 6), repeated(pngChunk("IDAT", new Uint8Array(0)), 16 * mebibyte)),
  },
  {
    name: "PNG, zTXt and iCCP of 1 GiB",
    make: async () => {
      const packed = concatBytes([new TextEncoder().encode("x\0\0"), await deflateZeros(1024 * mebibyte)]);
      const [text, profile] = [pngChunk("zTXt", packed), pngChunk("iCCP", packed)];
      return pngOf(pngHeader(4, 4, 8, 0), text, profile, pngChunk("IDAT", deflateSync(new Uint8Array(20))));
    },
  },
  { name: "JPEG 65,500 × 65,500, header alone", make: async () => jpegOf(65_500, 1) },
  {
    name: "JPEG 65,500 × 65,500, 16 MiB of tiny blocks",
    make: async () => jpegOf(65_500, 1, new Uint8Array(16 * mebibyte)),
  },
  {
    name: "JPEG 10,000 × 10,000 CMYK in blocks of two bits: the most allowed",
    make: async () => jpegOf(10_000, 4, new Uint8Array(2 * mebibyte)),
  },
  {
    name: "JPEG, 16 MiB of stuffed bytes (FF 00)",
    make: async () => jpegOf(10_000, 1, repeated(Uint8Array.of(0xff, 0), 16 * mebibyte)),
  },
  {
    name: "JPEG, 16 MiB of restart markers",
    make: async () => {
      const markers = repeated(
        Uint8Array.of(0xff, 0xd0, 0xff, 0xd1, 0xff, 0xd2, 0xff, 0xd3, 0xff, 0xd4, 0xff, 0xd5, 0xff, 0xd6, 0xff, 0xd7),
        16 * mebibyte,
      );
      const whole = jpegOf(10_000, 1, markers);
      return concatBytes([start, segment(0xdd, Uint8Array.of(0, 1)), whole.subarray(2)]);
    },
  },
  {
    name: "JPEG, 16 MiB of empty segments",
    make: async () => concatBytes([start, repeated(segment(0xe1, new Uint8Array(0)), 16 * mebibyte)]),
  },
  {
    name: "JPEG, 16 MiB of Huffman tables",
    make: async () => concatBytes([start, repeated(concatBytes(tinyTables), 16 * mebibyte)]),
  },
  { name: "JPEG 511 × 511 of 100,000 scans", make: async () => manyScans(100_000) },
  { name: "JPEG 511 × 511 of 30 scans", make: async () => manyScans(30) },
  {
    name: "JPEG that hung jpeg-js",
    make: async () => Uint8Array.from(Buffer.from("ffd8ffc1f151d800ff51d800ffdaffde", "hex")),
  },
  { name: "GIF 10,000 × 10,000 of one colour: the most allowed", make: async () => plainGif(10_000) },
  { name: "GIF 65,535 × 65,535 of one colour", make: async () => plainGif(65_535) },
];
