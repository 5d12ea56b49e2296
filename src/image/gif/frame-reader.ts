/**
 * Takes the compressed pixels of one frame and averages its rows into a grid of the whole screen, in whichever order they come.
 * It knows nothing of blocks.
 */
import { CellAverage, createAxis } from "../cell-average.ts";
import type { Spend } from "../fuel.ts";
import { gridSize, type Grid } from "../grid.ts";
import { gridFromAverage } from "../grid-from-average.ts";
import type { StoredSize } from "../sampler.ts";
import { LzwDecoder } from "./lzw-decoder.ts";
import { createRowAverage, type GifColors } from "./row-average.ts";

/** A frame lies within the screen. */
export interface Frame extends StoredSize {
  readonly screen: StoredSize;
  readonly left: number;
  readonly top: number;
  readonly interlaced: boolean;
  readonly colors: GifColors;
}

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
  /** The grid, transparent beside the frame and where no row came; null when none did. Called once. */
  end(): Grid | null;
}

/** Memory grows with the frame's width. `pixelBits` is the minimum code size, 1 to 8. */
export function createFrameReader(frame: Frame, pixelBits: number, spend: Spend): FrameReader {
  const { screen, left, top, width, height, colors } = frame;
  const { columns, rows: gridRows } = gridSize(screen.width, screen.height, screen.width, screen.height);
  const average = new CellAverage(createAxis(columns, 1, columns), createAxis(screen.height, 1, gridRows), 4);
  const averageRow = createRowAverage(colors, { left, width, pictureWidth: screen.width }, columns);
  const cells = new Float32Array(columns * 4);
  const order = rowOrder(frame);
  let rows = 0;
  const decoder = new LzwDecoder(pixelBits, width, height, (pixels, from) => {
    const row = order.next().value;
    if (row === undefined) return;
    spend(width * pixelWork);
    averageRow(pixels, from, cells);
    average.addRow(cells, 0, top + row, columns);
    rows++;
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
      cells.fill(0);
      for (let row = 0; row < screen.height; row++) {
        if (row < top || row >= top + height) average.addRow(cells, 0, row, columns);
      }
      return gridFromAverage(average);
    },
  };
}

function* rowOrder({ height, interlaced }: Frame): Generator<number, undefined, undefined> {
  for (const [first, step] of interlaced ? passes : [[0, 1] as const]) {
    for (let row = first; row < height; row += step) yield row;
  }
}
