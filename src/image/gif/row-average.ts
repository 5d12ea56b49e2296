/**
 * Averages a row of palette indexes over the columns of a grid, weighted by area. It knows nothing of other rows.
 */

/** Sums of two channels travel in one double, the second so far above the first; a row has at most 65,535 pixels. */
const upper = 2 ** 25;

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
  colors: GifColors,
  { left, width, pictureWidth }: RowPlace,
  columns: number,
): AverageRow {
  const { entries, redGreen, blueAlpha } = expandColors(colors);
  const columnWidth = pictureWidth / columns;
  const border = (column: number): number => Math.min(width, Math.max(0, (column * pictureWidth) / columns - left));
  const borders = Float64Array.from({ length: columns + 1 }, (_, column) => border(column));
  return (pixels, from, target) => {
    for (let column = 0; column < columns; column++) {
      const start = borders[column] as number;
      const end = borders[column + 1] as number;
      const firstWhole = Math.ceil(start);
      const pastWhole = Math.floor(end);
      let first = 0;
      let second = 0;
      for (let at = from + firstWhole, to = from + pastWhole; at < to; at++) {
        const index = pixels[at] as number;
        first += redGreen[index] as number;
        second += blueAlpha[index] as number;
      }
      const green = Math.floor(first / upper);
      const alpha = Math.floor(second / upper);
      const before = start < firstWhole && start < end ? (pixels[from + firstWhole - 1] as number) * 4 : 0;
      const after = pastWhole < end ? (pixels[from + pastWhole] as number) * 4 : 0;
      const beforeShare = start < end ? firstWhole - start : 0;
      const afterShare = start < end ? end - pastWhole : 0;
      const sums = [first - green * upper, green, second - alpha * upper, alpha];
      for (let channel = 0; channel < 4; channel++) {
        const shares =
          beforeShare * (entries[before + channel] as number) + afterShare * (entries[after + channel] as number);
        target[column * 4 + channel] = ((sums[channel] as number) + shares) / columnWidth;
      }
    }
  };
}

function expandColors({
  palette,
  transparent,
}: GifColors): Readonly<Record<"entries" | "redGreen" | "blueAlpha", Float64Array>> {
  const entries = new Float64Array(256 * 4);
  const redGreen = new Float64Array(256);
  const blueAlpha = new Float64Array(256);
  for (let index = 0; index * 3 + 2 < palette.length; index++) {
    if (index === transparent) continue;
    const [red = 0, green = 0, blue = 0] = palette.subarray(index * 3);
    entries.set([red, green, blue, 255], index * 4);
    redGreen[index] = red + green * upper;
    blueAlpha[index] = blue + 255 * upper;
  }
  return { entries, redGreen, blueAlpha };
}
