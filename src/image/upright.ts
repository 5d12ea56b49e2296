/**
 * Turns and mirrors a grid as EXIF's orientation asks, so that it shows the picture as a viewer does.
 */
import type { Grid } from "./grid.ts";
import { isTurned } from "./orientation.ts";

/** Orientations (EXIF 2.32, 4.6.4 A) in which a stored row, or a stored column, runs against the shown one. */
const mirroredAcross: ReadonlySet<number> = new Set([2, 3, 7, 8]);
const mirroredDown: ReadonlySet<number> = new Set([3, 4, 6, 7]);

/** A new grid, or the same one when it is upright already. */
export function uprightGrid(grid: Grid, orientation: number): Grid {
  if (orientation === 1) return grid;
  const turned = isTurned(orientation);
  const width = turned ? grid.height : grid.width;
  const height = turned ? grid.width : grid.height;
  const rgba = new Uint8Array(grid.rgba.length);
  for (let cell = 0; cell < width * height; cell++) {
    const x = cell % width;
    const y = (cell - x) / width;
    const column = turned ? y : x;
    const row = turned ? x : y;
    const storedColumn = mirroredAcross.has(orientation) ? grid.width - 1 - column : column;
    const storedRow = mirroredDown.has(orientation) ? grid.height - 1 - row : row;
    const stored = (storedRow * grid.width + storedColumn) * 4;
    rgba.set(grid.rgba.subarray(stored, stored + 4), cell * 4);
  }
  return { width, height, rgba };
}
