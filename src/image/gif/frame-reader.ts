/**
 * Takes the compressed pixels of one frame and averages its rows into a grid of the whole screen, in whichever order they come.
 * It knows nothing of blocks.
 */
import { CellAverage, createAxis } from "../cell-average.ts";
import type { Fuel } from "../fuel.ts";
import { gridSize, type Grid } from "../grid.ts";
import { gridFromAverage } from "../grid-from-average.ts";
import type { StoredSize } from "../sampler.ts";
import { LzwDecoder } from "./lzw-decoder.ts";
import { createRowAverage, type AverageRow, type GifColors } from "./row-average.ts";

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

/** Memory grows with the frame's width. */
export class FrameReader {
  readonly #frame: Frame;
  readonly #columns: number;
  readonly #gridRows: number;
  readonly #average: CellAverage;
  readonly #averageRow: AverageRow;
  readonly #cells: Float32Array;
  readonly #decoder: LzwDecoder;
  readonly #fuel: Fuel;
  readonly #rowOrder: Iterator<number, undefined, undefined>;
  #rows = 0;

  /** `pixelBits` is the minimum code size, 1 to 8. */
  constructor(frame: Frame, pixelBits: number, fuel: Fuel) {
    const { screen, left, width, height, colors } = frame;
    const { columns, rows } = gridSize(screen.width, screen.height, screen.width, screen.height);
    this.#frame = frame;
    this.#fuel = fuel;
    this.#columns = columns;
    this.#gridRows = rows;
    this.#average = new CellAverage(createAxis(columns, 1, columns), createAxis(screen.height, 1, rows), 4);
    this.#averageRow = createRowAverage(colors, { left, width, pictureWidth: screen.width }, columns);
    this.#cells = new Float32Array(columns * 4);
    this.#rowOrder = rowOrder(frame);
    this.#decoder = new LzwDecoder(pixelBits, width, height, (pixels, from) => this.#takeRow(pixels, from));
  }

  /**
   * Takes compressed `bytes` from `from` to before `to`.
   * @throws UnreadableImage when the fuel does not suffice
   */
  read(bytes: Uint8Array, from: number, to: number): void {
    if (this.#decoder.done) return;
    this.#fuel.spend((to - from) * byteWork);
    this.#decoder.decode(bytes, from, to);
  }

  /** The grid, transparent beside the frame and where no row came; null when none did. Called once. */
  end(): Grid | null {
    this.#decoder.end();
    if (this.#rows === 0) return null;
    const { screen, top, height } = this.#frame;
    const bottom = top + height;
    // Cells that no row of the frame reaches are transparent without being told.
    const reach = Math.ceil(screen.height / this.#gridRows);
    this.#cells.fill(0);
    for (let row = Math.max(0, top - reach); row < Math.min(screen.height, bottom + reach); row++) {
      if (row < top || row >= bottom) this.#average.addRow(this.#cells, 0, row, this.#columns);
    }
    return gridFromAverage(this.#average);
  }

  #takeRow(pixels: Uint8Array, from: number): void {
    const row = this.#rowOrder.next().value;
    if (row === undefined) return;
    this.#fuel.spend(this.#frame.width * pixelWork);
    this.#averageRow(pixels, from, this.#cells);
    this.#average.addRow(this.#cells, 0, this.#frame.top + row, this.#columns);
    this.#rows++;
  }
}

function* rowOrder({ height, interlaced }: Frame): Generator<number, undefined, undefined> {
  for (const [first, step] of interlaced ? passes : [[0, 1] as const]) {
    for (let row = first; row < height; row += step) yield row;
  }
}
