/**
 * Turns and mirrors a grid as EXIF's orientation asks, so that it shows the picture as a viewer does.
 */
import type { Grid } from "./grid.ts";
import { isTurned } from "./orientation.ts";

/** A bit for each orientation (EXIF 2.32, 4.6.4 A) in which a stored row, or a stored column, runs against the shown one. */
const mirroredAcross = 0b1_1000_1100;
const mirroredDown = 0b0_1101_1000;

/** A new grid, or the same one when it is upright already. */
export function uprightGrid(grid: Grid, orientation: number): Grid {
  if (orientation === 1) return grid;
  const turned = isTurned(orientation);
  const width = turned ? grid.height : grid.width;
  const height = turned ? grid.width : grid.height;
  const rgba = new Uint8ClampedArray(grid.rgba.length);
  for (let cell = 0; cell < width * height; cell++) {
    const x = cell % width;
    const y = (cell - x) / width;
    const column = turned ? y : x;
    const row = turned ? x : y;
    const storedColumn = (mirroredAcross >> orientation) & 1 ? grid.width - 1 - column : column;
    const storedRow = (mirroredDown >> orientation) & 1 ? grid.height - 1 - row : row;
    const stored = (storedRow * grid.width + storedColumn) * 4;
    rgba.set(grid.rgba.subarray(stored, stored + 4), cell * 4);
  }
  return { ...grid, width, height, rgba };
}
