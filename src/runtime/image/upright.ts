/**
 * Turns and mirrors pictures as EXIF's orientation asks, so that they show what a viewer does.
 */
import type { Grid } from "./grid.ts";
import { isTurned } from "./orientation.ts";
import type { StoredSize } from "./sampler.ts";

/** A bit for each orientation (EXIF 2.32, 4.6.4 A) in which a stored row, or a stored column, runs against the shown one. */
const mirroredAcross = 0b1_1000_1100;
const mirroredDown = 0b0_1101_1000;

/** The upright size, and where its pixels are among the stored ones: the first, and steps to the right and down. */
export interface UprightWay extends StoredSize {
  readonly start: number;
  readonly right: number;
  readonly down: number;
}

export function uprightWay({ width, height }: StoredSize, orientation: number): UprightWay {
  const isAcross = ((mirroredAcross >> orientation) & 1) === 1;
  const isDown = ((mirroredDown >> orientation) & 1) === 1;
  const [across, down] = [isAcross ? -1 : 1, isDown ? -width : width];
  const start = (isAcross ? width - 1 : 0) + (isDown ? (height - 1) * width : 0);
  return isTurned(orientation)
    ? { width: height, height: width, start, right: down, down: across }
    : { width, height, start, right: across, down };
}

/** A new grid, or the same one when it is upright already. */
export function uprightGrid(grid: Grid, orientation: number): Grid {
  if (orientation === 1) return grid;
  const { width, height, start, right, down } = uprightWay(grid, orientation);
  const stored = new Uint32Array(grid.rgba.buffer);
  const shown = stored.map((_, cell) => {
    const x = cell % width;
    return stored[start + x * right + ((cell - x) / width) * down] as number;
  });
  return { ...grid, width, height, rgba: new Uint8ClampedArray(shown.buffer) };
}
