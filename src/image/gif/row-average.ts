/**
 * Averages a row of palette indexes over the columns of a grid, weighted by area. It knows nothing of other rows.
 */

/** Up to 256 colours: red, green, blue and alpha of each, 0 to 255; entries that are missing are transparent. */
export interface GifColors {
  /** Three bytes an entry. */
  readonly palette: Uint8Array;
  readonly transparent: number | null;
}

/** Where a row lies in the picture. */
export interface RowPlace {
  readonly left: number;
  readonly width: number;
  readonly pictureWidth: number;
}

/** Writes the columns' averages into `target`: red, green and blue (each × alpha / 255) and alpha, 0 to 255. */
export type AverageRow = (pixels: Uint8Array, from: number, target: Float32Array) => void;

/** Splits the picture's width into `columns` columns, none narrower than a pixel; what is beside the row is transparent. */
export function createRowAverage(
  { palette, transparent }: GifColors,
  { left, width, pictureWidth }: RowPlace,
  columns: number,
): AverageRow {
  const entries = new Float64Array(256 * 4);
  for (let index = 0; index * 3 + 2 < palette.length; index++) {
    if (index !== transparent) entries.set([...palette.subarray(index * 3, index * 3 + 3), 255], index * 4);
  }
  const borders = Float64Array.from({ length: columns + 1 }, (_, column) =>
    Math.min(width, Math.max(0, (column * pictureWidth) / columns - left)),
  );
  const columnWidth = pictureWidth / columns;
  return (pixels, from, target) => {
    for (let column = 0; column < columns; column++) {
      const start = borders[column] as number;
      const end = borders[column + 1] as number;
      const first = Math.floor(start);
      const past = Math.ceil(end);
      let [red, green, blue, alpha] = [0, 0, 0, 0];
      // Whole pixels first, …
      for (let at = from + first; at < from + past; at++) {
        const entry = (pixels[at] as number) * 4;
        red += entries[entry] as number;
        green += entries[entry + 1] as number;
        blue += entries[entry + 2] as number;
        alpha += entries[entry + 3] as number;
      }
      const sums = [red, green, blue, alpha];
      // … of which the first and the last may be in the column only in part.
      const before = (pixels[from + first] as number) * 4;
      const after = (pixels[from + past - 1] ?? 0) * 4;
      for (let channel = 0; channel < 4; channel++) {
        const beside =
          (start - first) * (entries[before + channel] as number) + (past - end) * (entries[after + channel] as number);
        target[column * 4 + channel] = ((sums[channel] as number) - beside) / columnWidth;
      }
    }
  };
}
