/** The port between the image tap and the formats: a sampler reads one file format. */
import type { Grid } from "./grid.ts";

/** The size in pixels as stored in the file, before EXIF orientation turns it. */
export interface StoredSize {
  readonly width: number;
  readonly height: number;
}

/** The size, unless a side has no pixels. */
export function sizeOf(width: number, height: number): StoredSize | null {
  return width > 0 && height > 0 ? { width, height } : null;
}

/** The one with more pixels. */
export function larger(one: StoredSize | null, other: StoredSize | null): StoredSize | null {
  const pixelsOf = (size: StoredSize | null): number => (size === null ? 0 : size.width * size.height);
  return pixelsOf(other) > pixelsOf(one) ? other : one;
}

/** What one picture may cost. Everything is checked against the header, before anything is allocated for the pixels. */
export interface ImageLimits {
  /** Width × height; a larger picture gets its size, and no colours. 0: only what the header tells is read. */
  readonly maxPixels: number;
  /**
   * Work units that a picture may take. One is about what handling one byte in a decoder's inner loop costs (3 ns on a
   * server of 2024): a filtered byte of a PNG row, a pixel of a GIF. Other work in this unit: a PNG row, 30; a byte of
   * compressed PNG pixels, a quarter; a byte of JPEG's entropy-coded data or of a segment that is read, 3; a byte FF
   * among them or before a marker, 15; a restart, 60 more; a block, 5. What thumbnails add is
   * stated in thumbnail/making and jpeg/thumbnail/reduction.
   */
  readonly maxWork: number;
  /** Bytes of one PNG row, of which three are held at a time; a pixel of it that is looked at counts as sixteen. */
  readonly maxRowBytes: number;
  /** A JPEG whose longest side is shorter than this is decoded in full instead of at 1:8. */
  readonly smallJpegPixels: number;
  /** Bytes of such a small JPEG that may be held; a longer one is sampled at 1:8. */
  readonly maxSmallJpegBytes: number;
}

/** Why a picture gives no colour. Never thrown out of this folder: the tap turns it into `fault`. */
export class UnreadableImage extends Error {
  override readonly name = "UnreadableImage";
}

/** Reads one picture as its bytes pass. Memory grows with the picture's width at most. */
export interface Sampler {
  /** Null until the header has been read. */
  readonly size: StoredSize | null;
  /** The EXIF orientation, 1 to 8. */
  readonly orientation: number;
  /** Whether the file has an alpha channel or a transparent colour; null while that is not known. */
  readonly hasAlpha: boolean | null;
  /** Whether the file holds several frames meant to be played; null while that is not known. */
  readonly animated: boolean | null;
  /** Why there will be no grid, although nothing was thrown. */
  readonly fault: string | null;
  /** The most bytes to push at a time, where the next few can cost a turn. */
  readonly pieceBytes?: number | undefined;
  /**
   * Takes the next bytes, which must not change until the result is there. True: nothing more can be learnt.
   * @throws what the bytes make it throw; the tap catches everything
   */
  push(chunk: Uint8Array): boolean | Promise<boolean>;
  /** The picture reduced to a grid; what was never reached is transparent. Null with a fault. Called once. */
  finish(): Grid | null | Promise<Grid | null>;
}
