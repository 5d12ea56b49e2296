/** Reads a PNG's IHDR chunk (PNG third edition, 11.2.1) and lays out the passes in which its rows come. */
import { UnreadableImage } from "../sampler.ts";

export interface PngHeader {
  readonly width: number;
  readonly height: number;
  /** Bits per channel, or per palette index. */
  readonly depth: number;
  readonly isPalette: boolean;
  /** Red, green and blue instead of gray. */
  readonly isColor: boolean;
  readonly hasAlpha: boolean;
  readonly bitsPerPixel: number;
  readonly interlaced: boolean;
}

/** The depths of each colour type, whose bits say palette, colour and alpha. */
const depths: readonly (readonly number[])[] = [[1, 2, 4, 8, 16], [], [8, 16], [1, 2, 4, 8], [8, 16], [], [8, 16]];

/** @throws UnreadableImage for what PNG does not define, RangeError for a short chunk */
export function readPngHeader(view: DataView): PngHeader {
  const width = view.getUint32(0);
  const height = view.getUint32(4);
  const depth = view.getUint8(8);
  const type = view.getUint8(9);
  const interlace = view.getUint8(12);
  const isKnown = depths[type]?.includes(depth) === true && view.getUint16(10) === 0 && interlace <= 1;
  if (width === 0 || height === 0 || !isKnown) throw new UnreadableImage("a header");
  const isPalette = (type & 1) > 0;
  const isColor = (type & 2) > 0;
  const hasAlpha = (type & 4) > 0;
  const channels = (isColor && !isPalette ? 3 : 1) + (hasAlpha ? 1 : 0);
  const bitsPerPixel = depth * channels;
  return { width, height, depth, isPalette, isColor, hasAlpha, bitsPerPixel, interlaced: interlace === 1 };
}

/** Rows that come one after the other: pixel (x, y) of a pass is pixel (left + x × stepX, top + y × stepY) of the picture. */
export interface Pass {
  readonly left: number;
  readonly top: number;
  readonly stepX: number;
  readonly stepY: number;
  readonly width: number;
  readonly height: number;
  /** Bytes of a row, without the filter byte before it. */
  readonly rowBytes: number;
  /** Whether its pixels are among those of the lattice. */
  readonly onLattice: boolean;
}

/** Left, top, horizontal and vertical step. */
type Lattice = readonly [number, number, number, number];

/** The passes of Adam7 (8.1). The first 1, 3, 5 and 7 make a regular lattice of every 8th, 4th, 2nd and each pixel. */
const adam7: readonly Lattice[] = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
];

export interface PassPlan {
  /** The passes to be read, without empty ones; at least one. */
  readonly passes: readonly Pass[];
  /** Pixels from one pixel of the lattice to the next. */
  readonly spacing: number;
}

/**
 * The passes that must be read for a lattice of at least `columns` × `rows` pixels, or all of them. An interlaced picture of
 * some size is known after its first pass: a sixty-fourth of its pixels. With `readsAll`, the others are read, too.
 */
export function planPasses(header: PngHeader, columns: number, rows: number, readsAll: boolean): PassPlan {
  const { width, height, interlaced, bitsPerPixel } = header;
  let spacing = interlaced ? 8 : 1;
  let count = 1;
  for (; spacing > 1 && (width < columns * spacing || height < rows * spacing); spacing /= 2) count += 2;
  const lattices: readonly Lattice[] = interlaced ? adam7.slice(0, readsAll ? undefined : count) : [[0, 0, 1, 1]];
  const passes = lattices.map(([left, top, stepX, stepY], index) => {
    const passWidth = Math.ceil((width - left) / stepX);
    const rowBytes = Math.ceil((passWidth * bitsPerPixel) / 8);
    const onLattice = index < count;
    return {
      left,
      top,
      stepX,
      stepY,
      width: passWidth,
      height: Math.ceil((height - top) / stepY),
      rowBytes,
      onLattice,
    };
  });
  return { passes: passes.filter((pass) => pass.width > 0 && pass.height > 0), spacing };
}
