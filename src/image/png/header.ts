/**
 * Reads a PNG's IHDR chunk (PNG third edition, 11.2.1) and lays out the passes in which its rows come. It touches no pixel.
 */
import { UnreadableImage } from "../sampler.ts";

type ColorType = "gray" | "rgb" | "palette" | "gray-alpha" | "rgba";

export interface PngHeader {
  readonly width: number;
  readonly height: number;
  /** Bits per channel, or per palette index. */
  readonly depth: number;
  readonly color: ColorType;
  readonly bitsPerPixel: number;
  readonly interlaced: boolean;
}

interface ColorRule {
  readonly color: ColorType;
  readonly channels: number;
  readonly depths: readonly number[];
}

const colorRules: ReadonlyMap<number, ColorRule> = new Map([
  [0, { color: "gray", channels: 1, depths: [1, 2, 4, 8, 16] }],
  [2, { color: "rgb", channels: 3, depths: [8, 16] }],
  [3, { color: "palette", channels: 1, depths: [1, 2, 4, 8] }],
  [4, { color: "gray-alpha", channels: 2, depths: [8, 16] }],
  [6, { color: "rgba", channels: 4, depths: [8, 16] }],
]);

function viewOf(body: Uint8Array): DataView {
  return new DataView(body.buffer, body.byteOffset, body.byteLength);
}

/** The size alone, which is known even when the rest of the header is not understood. Either may be 0. */
export function readPngSize(body: Uint8Array): { width: number; height: number } {
  const view = viewOf(body);
  return { width: view.getUint32(0), height: view.getUint32(4) };
}

/** @throws UnreadableImage for what PNG does not define, RangeError for a short chunk */
export function readPngHeader(body: Uint8Array): PngHeader {
  const view = viewOf(body);
  const { width, height } = readPngSize(body);
  const depth = view.getUint8(8);
  const rule = colorRules.get(view.getUint8(9));
  const interlace = view.getUint8(12);
  if (width === 0 || height === 0) throw new UnreadableImage("a side of no pixels");
  if (rule === undefined || !rule.depths.includes(depth)) throw new UnreadableImage("a colour type that PNG lacks");
  if (view.getUint16(10) !== 0 || interlace > 1) throw new UnreadableImage("a method that PNG lacks");
  return { width, height, depth, color: rule.color, bitsPerPixel: depth * rule.channels, interlaced: interlace === 1 };
}

export function hasAlphaChannel({ color }: PngHeader): boolean {
  return color === "gray-alpha" || color === "rgba";
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
}

/** Left, top, horizontal and vertical step. */
type Lattice = readonly [number, number, number, number];

/** The passes of Adam7 (8.1). */
const adam7: readonly Lattice[] = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
];

/** Passes that together make a regular lattice of pixels, so far apart. */
const lattices = [
  { spacing: 8, passes: 1 },
  { spacing: 4, passes: 3 },
  { spacing: 2, passes: 5 },
  { spacing: 1, passes: 7 },
] as const;

export interface PassPlan {
  /** The passes to be read, without empty ones; at least one. */
  readonly passes: readonly Pass[];
  /** Pixels from one pixel of the lattice that the passes make to the next. */
  readonly spacing: number;
}

/**
 * The passes that must be read for a lattice of at least `columns` × `rows` pixels, or all of them. An interlaced picture of
 * some size is known after its first pass: a sixty-fourth of its pixels.
 */
export function planPasses(header: PngHeader, columns: number, rows: number): PassPlan {
  const { width, height, interlaced } = header;
  if (!interlaced) return { passes: [passOf(header, [0, 0, 1, 1])], spacing: 1 };
  const lattice = lattices.find(
    ({ spacing }) => spacing === 1 || (width / spacing >= columns && height / spacing >= rows),
  );
  const passes = adam7
    .slice(0, lattice?.passes)
    .map((lattice) => passOf(header, lattice))
    .filter((pass) => pass.width > 0 && pass.height > 0);
  return { passes, spacing: lattice?.spacing ?? 1 };
}

function passOf(header: PngHeader, [left, top, stepX, stepY]: Lattice): Pass {
  const width = Math.max(0, Math.ceil((header.width - left) / stepX));
  const height = Math.max(0, Math.ceil((header.height - top) / stepY));
  return { left, top, stepX, stepY, width, height, rowBytes: Math.ceil((width * header.bitsPerPixel) / 8) };
}
