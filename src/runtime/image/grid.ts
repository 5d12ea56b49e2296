/** A picture reduced to a few thousand cells, from which its colours (and whatever else is asked for) are computed. */
/** Cells in rows from the top left, in stored orientation; alpha 0 where nothing was seen. */
export interface Grid {
  readonly width: number;
  readonly height: number;
  /** Red, green, blue and alpha per cell, 0 to 255, colours not multiplied by alpha. */
  readonly rgba: Uint8ClampedArray;
}

const maxGridSide = 64;

/**
 * The grid for a picture: its proportions, at most 64 cells a side, and no more cells a side than `maxColumns` and
 * `maxRows` (what the format can fill).
 */
export function gridSize(
  width: number,
  height: number,
  maxColumns: number,
  maxRows: number,
): { columns: number; rows: number } {
  const scale = Math.min(1, maxGridSide / Math.max(width, height));
  return {
    columns: Math.max(1, Math.min(maxColumns, Math.round(width * scale))),
    rows: Math.max(1, Math.min(maxRows, Math.round(height * scale))),
  };
}

/** The alpha of the most opaque cell, 0 to 255. */
export function mostAlpha({ rgba }: Grid): number {
  let most = 0;
  for (let at = 3; at < rgba.length; at += 4) most = Math.max(most, rgba[at] ?? 0);
  return most;
}
