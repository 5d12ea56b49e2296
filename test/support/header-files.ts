/** Makes files of the formats of which only headers are read: WebP, HEIF, BMP, TIFF and ICO. Their pixels are nonsense. */
import { concatBytes } from "./png-encoder.ts";

/** Text and numbers in order: text as ASCII, bytes as they are. */
export function bytesOf(...parts: readonly (string | number | Uint8Array)[]): Uint8Array {
  return concatBytes(
    parts.map((part) => {
      if (typeof part === "string") return new TextEncoder().encode(part);
      return typeof part === "number" ? Uint8Array.of(part) : part;
    }),
  );
}

/** The lowest `bytes` bytes of a number, the lowest first or last. */
export function littleEndian(value: number, bytes: number): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, at) => Math.floor(value / 256 ** at) & 255);
}

export function bigEndian(value: number, bytes: number): Uint8Array {
  return littleEndian(value, bytes).toReversed();
}

export function riffChunk(name: string, body: Uint8Array): Uint8Array {
  return bytesOf(name, littleEndian(body.length, 4), body, new Uint8Array(body.length % 2));
}

export function webp(...chunks: readonly Uint8Array[]): Uint8Array {
  const body = bytesOf("WEBP", ...chunks);
  return bytesOf("RIFF", littleEndian(body.length, 4), body);
}

export function vp8(width: number, height: number, pixels = 7): Uint8Array {
  const sync = Uint8Array.of(0x10, 0, 0, 0x9d, 0x01, 0x2a);
  return riffChunk(
    "VP8 ",
    bytesOf(sync, littleEndian(width, 2), littleEndian(height, 2), new Uint8Array(pixels).fill(9)),
  );
}

export function vp8l(width: number, height: number, alpha: boolean): Uint8Array {
  const bits = width - 1 + (height - 1) * 2 ** 14 + (alpha ? 2 ** 28 : 0);
  return riffChunk("VP8L", bytesOf(0x2f, littleEndian(bits, 4), new Uint8Array(6)));
}

export function vp8x(width: number, height: number, flags: number): Uint8Array {
  return riffChunk("VP8X", bytesOf(littleEndian(flags, 4), littleEndian(width - 1, 3), littleEndian(height - 1, 3)));
}

export function box(name: string, ...parts: readonly Uint8Array[]): Uint8Array {
  const body = concatBytes(parts);
  return bytesOf(bigEndian(body.length + 8, 4), name, body);
}

/** A box with its size in 64 bits. */
export function largeBox(name: string, body: Uint8Array): Uint8Array {
  return bytesOf(bigEndian(1, 4), name, bigEndian(body.length + 16, 8), body);
}

export function fullBox(name: string, version: number, flags: number, ...parts: readonly Uint8Array[]): Uint8Array {
  return box(name, Uint8Array.of(version), bigEndian(flags, 3), ...parts);
}

export const fileType = (...brands: readonly string[]): Uint8Array =>
  box("ftyp", bytesOf(brands[0] ?? "avif", bigEndian(0, 4), ...brands));

export const extents = (width: number, height: number): Uint8Array =>
  fullBox("ispe", 0, 0, bigEndian(width, 4), bigEndian(height, 4));

export interface MetaOptions {
  readonly properties: readonly Uint8Array[];
  /** The primary item, and the properties (counted from 1) of each item. */
  readonly primary?: number;
  readonly items?: Readonly<Record<number, readonly number[]>>;
  /** Item ids and indexes of properties take more bytes. */
  readonly wide?: boolean;
}

/** A `meta` box; by default of one item with all the properties in their order. */
export function metaBox({ properties, primary = 1, items, wide = false }: MetaOptions): Uint8Array {
  const idBytes = wide ? 4 : 2;
  const all = Object.entries(items ?? { [primary]: properties.map((_, index) => index + 1) });
  const entries = all.map(([id, indexes]) =>
    bytesOf(
      bigEndian(Number(id), idBytes),
      indexes.length,
      ...indexes.map((index) => (wide ? bigEndian(index + 0x8000, 2) : bigEndian(index, 1))),
    ),
  );
  const version = wide ? 1 : 0;
  return fullBox(
    "meta",
    0,
    0,
    fullBox("hdlr", 0, 0, bytesOf(bigEndian(0, 4), "pict", new Uint8Array(13))),
    fullBox("pitm", version, 0, bigEndian(primary, idBytes)),
    box("iprp", box("ipco", ...properties), fullBox("ipma", version, version, bigEndian(all.length, 4), ...entries)),
  );
}

/** A clean aperture: its sides as fractions, in the middle. */
export const aperture = (...sides: readonly number[]): Uint8Array =>
  box(
    "clap",
    ...sides.map((side) => bigEndian(side, 4)),
    bigEndian(0, 4),
    bigEndian(1, 4),
    bigEndian(0, 4),
    bigEndian(1, 4),
  );

/** A film of one track; its matrix begins with these numbers. */
export function film(
  width: number,
  height: number,
  [a, b]: readonly [number, number] = [1, 0],
  version = 0,
): Uint8Array {
  const fixed = (value: number): Uint8Array => bigEndian(value * 65_536, 4);
  const matrix = bytesOf(fixed(a), fixed(b), new Uint8Array(28));
  const times = new Uint8Array(version === 1 ? 48 : 36);
  return box("moov", box("trak", fullBox("tkhd", version, 3, times, matrix, fixed(width), fixed(height))));
}

/** A BMP with a header of so many bytes; 12 is the oldest kind. */
export function bmp(width: number, height: number, headerBytes = 40): Uint8Array {
  const side = headerBytes === 12 ? 2 : 4;
  // One plane of 24 bits.
  const layout = Uint8Array.of(1, 0, 24, 0);
  const sides = bytesOf(littleEndian(width, side), littleEndian(height, side), layout);
  const header = bytesOf(littleEndian(headerBytes, 4), sides, new Uint8Array(headerBytes - 8 - side * 2));
  // The giants have none.
  const pixelBytes = Math.ceil((width * 3) / 4) * 4 * Math.abs(height);
  const pixels = new Uint8Array(pixelBytes > 0 && pixelBytes < 1e6 ? pixelBytes : 24).fill(0x42);
  const offset = 14 + header.length;
  return bytesOf(
    "BM",
    littleEndian(offset + pixels.length, 4),
    littleEndian(0, 4),
    littleEndian(offset, 4),
    header,
    pixels,
  );
}

export interface TiffOptions {
  readonly width: number;
  readonly height: number;
  readonly orientation?: number;
  readonly little?: boolean;
  readonly big?: boolean;
  /** Bytes between the header and the directory. */
  readonly gap?: number;
  /** The field type of the sides: 3 for 16 bits, 4 for 32, 16 for 64. */
  readonly sideType?: number;
}

export function tiff({
  width,
  height,
  orientation,
  little = true,
  big = false,
  gap = 0,
  sideType = 3,
}: TiffOptions): Uint8Array {
  const number = little ? littleEndian : bigEndian;
  const valueBytes: Readonly<Record<number, number>> = { 3: 2, 4: 4, 16: 8 };
  const entry = (tag: number, type: number, value: number): Uint8Array => {
    const bytes = valueBytes[type] ?? 0;
    const field = big ? 8 : 4;
    return bytesOf(
      number(tag, 2),
      number(type, 2),
      number(1, field),
      number(value, bytes),
      new Uint8Array(field - bytes),
    );
  };
  const entries = [
    entry(256, sideType, width),
    entry(257, sideType, height),
    ...(orientation === undefined ? [] : [entry(274, 3, orientation)]),
  ];
  const mark = little ? "II" : "MM";
  const head = big
    ? bytesOf(mark, number(43, 2), number(8, 2), number(0, 2), number(16 + gap, 8))
    : bytesOf(mark, number(42, 2), number(8 + gap, 4));
  return bytesOf(
    head,
    new Uint8Array(gap).fill(0x11),
    number(entries.length, big ? 8 : 2),
    ...entries,
    number(0, big ? 8 : 4),
  );
}

/** An icon file whose directory lists these sides; 256 is written as 0. Its pictures follow in the same order. */
export function ico(sides: readonly (readonly [number, number])[], pictures: readonly Uint8Array[] = []): Uint8Array {
  let at = 6 + sides.length * 16;
  const entries = sides.map(([width, height], index) => {
    const length = pictures[index]?.length ?? 0;
    const entry = [new Uint8Array(6), littleEndian(length, 4), littleEndian(length > 0 ? at : 0, 4)];
    at += length;
    return bytesOf(width & 255, height & 255, ...entry);
  });
  const head = bytesOf(Uint8Array.of(0, 0, 1, 0), littleEndian(sides.length, 2));
  return bytesOf(head, ...entries, ...pictures, new Uint8Array(40));
}

/** What an icon holds of a BMP: no file header, and the mask's rows counted with the picture's. */
export const iconBitmap = (width: number, height: number): Uint8Array => bmp(width, height * 2).subarray(14);

/** A TIFF whose directories lie one behind the other, each with fields of 32 bits: tag and value, or values. */
export function tiffOf(
  ...directories: readonly (readonly (readonly [tag: number, ...values: number[]])[])[]
): Uint8Array {
  const parts: Uint8Array[] = [bytesOf("II", littleEndian(42, 2), littleEndian(8, 4))];
  let at = 8;
  for (const [index, fields] of directories.entries()) {
    const end = at + 6 + fields.length * 12;
    const lists = fields.filter((field) => field.length > 2);
    const entries = fields.map(([tag, ...values]) => {
      const before = lists
        .slice(
          0,
          lists.findIndex(([listed]) => listed === tag),
        )
        .flatMap(([, ...listed]) => listed);
      const value = values.length === 1 ? (values[0] ?? 0) : end + before.length * 4;
      return bytesOf(littleEndian(tag, 2), littleEndian(4, 2), littleEndian(values.length, 4), littleEndian(value, 4));
    });
    const numbers = lists.flatMap(([, ...values]) => values.map((value) => littleEndian(value, 4)));
    const next = index + 1 < directories.length ? end + numbers.length * 4 : 0;
    parts.push(bytesOf(littleEndian(fields.length, 2), ...entries, littleEndian(next, 4), ...numbers));
    at = end + numbers.length * 4;
  }
  return concatBytes(parts);
}
