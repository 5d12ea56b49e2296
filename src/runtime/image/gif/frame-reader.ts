/** Decompresses one frame and averages its pixels into a grid of the whole screen, in whatever order the rows come. */
import { CellAverage, createAxis, maxPoints } from "../cell-average.ts";
import type { Spend } from "../fuel.ts";
import { gridSize, type Grid } from "../grid.ts";
import { gridFromAverage } from "../grid-from-average.ts";
import { sampledPixel, sampleStep } from "../sample-lattice.ts";
import type { ThumbnailDraft } from "../thumbnail/thumbnail.ts";
import { pickEntries } from "../png/pixel-picker.ts";
import type { GifColors, ImageDescriptor } from "./image-descriptor.ts";
import { LzwDecoder } from "./lzw-decoder.ts";

/** Work units of a compressed byte, most of which a code takes, and of a pixel that is written and averaged. */
const byteWork = 8;
const pixelWork = 2;

/** First row and step of each pass (GIF89a, appendix E). */
const passes = [
  [0, 8],
  [4, 8],
  [2, 4],
  [1, 2],
] as const;

export interface FrameReader {
  /**
   * Takes compressed `bytes` from `from` to before `to`.
   * @throws UnreadableImage when the fuel does not suffice
   */
  read(bytes: Uint8Array, from: number, to: number): void;
  /** The grid, transparent outside the frame and where no row came; null when none did. Called once. */
  end(): Grid | null;
}

/** Memory grows with the screen's width. `pixelBits` is the minimum code size, 1 to 8. */
export function createFrameReader(
  frame: ImageDescriptor,
  pixelBits: number,
  spend: Spend,
  draft?: ThumbnailDraft,
): FrameReader {
  const { screen, left, top, width, height, colors } = frame;
  const { columns, rows: gridRows } = gridSize(screen.width, screen.height, screen.width, screen.height);
  const points = gridSize(screen.width, screen.height, screen.width, screen.height, maxPoints);
  const [stepX, stepY] = [sampleStep(screen.width, points.columns), sampleStep(screen.height, points.rows)];
  const across = createAxis(screen.width, stepX, columns);
  const down = createAxis(screen.height, stepY, gridRows);
  const average = new CellAverage(across, down, 4);
  const entries = entriesOf(colors);
  const pick = pickEntries(8, entries);
  const thumbnails = draft?.gif(frame, entries, spend);
  // The samples of a screen's row, counted in pixels of the frame; those beside it stay transparent.
  const places = Array.from(across.cell.keys(), (sample) => sampledPixel(sample, stepX, screen.width) - left);
  const framed = places.filter((x) => x >= 0 && x < width);
  const [first = 0] = framed;
  const line = new Float32Array(places.length * 4);
  const frameLine = line.subarray(Math.max(0, places.indexOf(first)) * 4);
  const order = rowOrder(frame);
  let rows = 0;
  const decoder = new LzwDecoder(pixelBits, width, height, (pixels, from) => {
    const row = order.next().value;
    if (row === undefined) return;
    spend(width * pixelWork);
    rows++;
    thumbnails?.addRow(pixels, from, row);
    const y = top + row;
    const sample = Math.floor(y / stepY);
    if (y !== sampledPixel(sample, stepY, screen.height)) return;
    pick(pixels, from + first, stepX, from + width - 1, framed.length, frameLine);
    average.addRow(line, 0, sample, places.length);
  });
  return {
    read(bytes, from, to) {
      if (decoder.done) return;
      spend((to - from) * byteWork);
      decoder.decode(bytes, from, to);
    },
    end() {
      decoder.end();
      if (rows === 0) return null;
      // What is above and below the frame is transparent, also in cells that the frame reaches.
      line.fill(0);
      for (let sample = 0; sample < down.cell.length; sample++) {
        const y = sampledPixel(sample, stepY, screen.height);
        if (y < top || y >= top + height) average.addRow(line, 0, sample, places.length);
      }
      return gridFromAverage(average);
    },
  };
}

/** Red, green, blue and alpha of each value. */
function entriesOf({ palette, transparent }: GifColors): Float32Array {
  const entries = new Float32Array(256 * 4);
  for (let index = 0; index * 3 + 2 < palette.length; index++) {
    if (index !== transparent) entries.set([...palette.subarray(index * 3, index * 3 + 3), 255], index * 4);
  }
  return entries;
}

function* rowOrder({ height, interlaced }: ImageDescriptor): Generator<number, undefined, undefined> {
  for (const [first, step] of interlaced ? passes : [[0, 1] as const]) {
    for (let row = first; row < height; row += step) yield row;
  }
}
