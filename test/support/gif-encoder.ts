/** Makes GIF files for tests: any code size, interlacing, offsets, palettes and LZW habits, and files that are wrong on purpose. */
import { concatBytes } from "./png-encoder.ts";

export interface GifFrameOptions {
  readonly left?: number;
  readonly top?: number;
  readonly width: number;
  readonly height: number;
  /** The palette index of a pixel of the frame. */
  readonly pixel: (x: number, y: number) => number;
  /** Three bytes an entry; a power of two of entries, at least two. */
  readonly palette?: Uint8Array;
  readonly transparent?: number;
  /** What becomes of the frame when the next one comes: 2 background, 3 what was before it. */
  readonly disposal?: number;
  readonly interlaced?: boolean;
  /** The minimum code size; by default 8. */
  readonly pixelBits?: number;
  /** `clear`: the table is cleared when full; `deferred`: it stays full; `never-full`: cleared after every few codes. */
  readonly lzw?: "clear" | "deferred" | "often";
  /** No clear code at the start, no end code at the end. */
  readonly bare?: boolean;
  /** Most bytes of a sub-block. */
  readonly blockBytes?: number;
}

export interface GifOptions {
  readonly width: number;
  readonly height: number;
  readonly version?: "87a" | "89a";
  readonly palette?: Uint8Array;
  readonly frames: readonly GifFrameOptions[];
  /** Blocks before the first frame, and after the last. */
  readonly before?: readonly Uint8Array[];
  readonly after?: readonly Uint8Array[];
}

export function encodeGif({
  width,
  height,
  version = "89a",
  palette,
  frames,
  before = [],
  after = [],
}: GifOptions): Uint8Array {
  return concatBytes([
    new TextEncoder().encode(`GIF${version}`),
    word(width),
    word(height),
    Uint8Array.of(packedPalette(palette), 0, 0),
    palette ?? new Uint8Array(0),
    ...before,
    ...frames.flatMap(encodeFrame),
    ...after,
    Uint8Array.of(0x3b),
  ]);
}

/** An extension block of one kind, such as 0xFE for a comment. */
export function gifExtension(label: number, body: Uint8Array, blockBytes = 255): Uint8Array {
  return concatBytes([Uint8Array.of(0x21, label), ...subBlocks(body, blockBytes)]);
}

/** Says how often an animation is played. */
export function gifLoop(): Uint8Array {
  const name = new TextEncoder().encode("NETSCAPE2.0");
  return concatBytes([Uint8Array.of(0x21, 0xff, name.length), name, Uint8Array.of(3, 1, 0, 0, 0)]);
}

/** A palette of so many grays. */
export function grayPalette(entries: number): Uint8Array {
  return Uint8Array.from({ length: entries * 3 }, (_, at) =>
    Math.round((Math.floor(at / 3) * 255) / Math.max(1, entries - 1)),
  );
}

/** What a decoder should show: red, green, blue and alpha of the first frame on its screen. */
export function expectedPixels({ width, height, palette, frames: [frame] }: GifOptions): Uint8Array {
  const rgba = new Uint8Array(width * height * 4);
  if (frame === undefined) return rgba;
  const colors = frame.palette ?? palette ?? new Uint8Array(0);
  for (let y = 0; y < frame.height; y++) {
    for (let x = 0; x < frame.width; x++) {
      const index = frame.pixel(x, y);
      if (index === frame.transparent || index * 3 >= colors.length) continue;
      const at = ((y + (frame.top ?? 0)) * width + x + (frame.left ?? 0)) * 4;
      rgba.set([...colors.subarray(index * 3, index * 3 + 3), 255], at);
    }
  }
  return rgba;
}

function encodeFrame(frame: GifFrameOptions): Uint8Array[] {
  const {
    left = 0,
    top = 0,
    width,
    height,
    palette,
    transparent,
    disposal = 0,
    interlaced = false,
    pixelBits = 8,
    blockBytes = 255,
  } = frame;
  const control = Uint8Array.of((disposal << 2) | (transparent === undefined ? 0 : 1), 0, 0, transparent ?? 0);
  return [
    ...(transparent === undefined && disposal === 0 ? [] : [gifExtension(0xf9, control)]),
    Uint8Array.of(0x2c),
    word(left),
    word(top),
    word(width),
    word(height),
    Uint8Array.of(packedPalette(palette) | (interlaced ? 0x40 : 0)),
    palette ?? new Uint8Array(0),
    Uint8Array.of(pixelBits),
    ...subBlocks(packCodes(frame, pixelBits), blockBytes),
  ];
}

function word(value: number): Uint8Array {
  return Uint8Array.of(value & 255, value >> 8);
}

function packedPalette(palette: Uint8Array | undefined): number {
  return palette === undefined ? 0 : 0x80 | (Math.log2(palette.length / 3) - 1);
}

export function subBlocks(body: Uint8Array, blockBytes = 255): Uint8Array[] {
  const blocks: Uint8Array[] = [];
  for (let at = 0; at < body.length; at += blockBytes) {
    const part = body.subarray(at, at + blockBytes);
    blocks.push(Uint8Array.of(part.length), part);
  }
  return [...blocks, Uint8Array.of(0)];
}

function* pixelsOf({ width, height, pixel, interlaced = false }: GifFrameOptions): Generator<number> {
  const passes = interlaced
    ? ([
        [0, 8],
        [4, 8],
        [2, 4],
        [1, 2],
      ] as const)
    : ([[0, 1]] as const);
  for (const [first, step] of passes) {
    for (let y = first; y < height; y += step) for (let x = 0; x < width; x++) yield pixel(x, y);
  }
}

/** Text by code, so that a code and a pixel name the next. Plain, not fast. */
function packCodes(frame: GifFrameOptions, pixelBits: number): Uint8Array {
  const clearCode = 1 << pixelBits;
  const packer = createPacker();
  const limit = frame.lzw === "often" ? clearCode + 7 : 4096;
  let table = new Map<number, number>();
  let next = clearCode + 2;
  let codeBits = pixelBits + 1;
  const clear = (): void => {
    packer.put(clearCode, codeBits);
    table = new Map();
    next = clearCode + 2;
    codeBits = pixelBits + 1;
  };
  if (frame.bare !== true) clear();
  let text = -1;
  for (const pixel of pixelsOf(frame)) {
    const longer = text * 256 + pixel;
    const code = text < 0 ? pixel : table.get(longer);
    if (code !== undefined) {
      text = code;
      continue;
    }
    packer.put(text, codeBits);
    text = pixel;
    if (next < 4096) {
      table.set(longer, next++);
      if (next > 1 << codeBits && codeBits < 12) codeBits++;
    }
    if (next >= limit && frame.lzw !== "deferred") clear();
  }
  packer.put(text, codeBits);
  // The decoder has made the entry of the last code when it reads the end code.
  if (next < 4096 && next + 1 > 1 << codeBits && codeBits < 12) codeBits++;
  if (frame.bare !== true) packer.put(clearCode + 1, codeBits);
  return packer.end();
}

function createPacker(): { put(code: number, bits: number): void; end(): Uint8Array } {
  const bytes: number[] = [];
  let held = 0;
  let count = 0;
  return {
    put(code, bits) {
      held |= code << count;
      count += bits;
      for (; count >= 8; count -= 8, held >>>= 8) bytes.push(held & 255);
    },
    end() {
      if (count > 0) bytes.push(held & 255);
      return Uint8Array.from(bytes);
    },
  };
}
