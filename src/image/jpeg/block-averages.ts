/**
 * The reduced planes of a JPEG: averages of DC values per component, and their way through quantization and colour model to
 * a grid of red, green and blue.
 */
import { CellAverage, createAxis } from "../cell-average.ts";
import { gridSize, toByte, type Grid } from "../grid.ts";
import type { ColorModel, Frame, FrameComponent } from "./frame.ts";

const blockSide = 8;

/** One component's plane, and what turns its DC values into samples. */
export interface BlockPlane {
  readonly component: FrameComponent;
  readonly average: CellAverage;
  /** The DC's quantization step when the component's scan began; null before (later scans may replace tables). */
  step: number | null;
  /** Bits that a progressive DC scan leaves to its refinements. */
  missingBits: number;
}

/** One plane per component, all with the same cells: at most half as many a side as there are blocks. */
export function createPlanes(frame: Frame): readonly BlockPlane[] {
  const { columns, rows } = gridSize(
    frame.width,
    frame.height,
    cellsFor(frame.components.map(({ blocksAcross }) => blocksAcross)),
    cellsFor(frame.components.map(({ blocksDown }) => blocksDown)),
  );
  return frame.components.map((component) => {
    const across = createAxis(frame.width, (blockSide * frame.maxAcross) / component.across, columns);
    const down = createAxis(frame.height, (blockSide * frame.maxDown) / component.down, rows);
    return { component, average: new CellAverage(across, down, 1), step: null, missingBits: 0 };
  });
}

/** A cell narrower than the coarsest component's blocks would only repeat its neighbour. */
function cellsFor(blocks: readonly number[]): number {
  return Math.max(1, Math.min(Math.floor(Math.max(...blocks) / 2), ...blocks));
}

/** A cell that lacks one of its components stays transparent. */
export function gridFromPlanes(planes: readonly BlockPlane[], model: ColorModel, precisionBits: number): Grid {
  const [first] = planes;
  const width = first?.average.columns ?? 0;
  const height = first?.average.rows ?? 0;
  const rgba = new Uint8Array(width * height * 4);
  for (let cell = 0; cell < width * height; cell++) {
    const samples = planes.map((plane) => sampleOf(plane, cell, precisionBits));
    if (samples.includes(Number.NaN)) continue;
    rgba.set(toRgb(model, samples).map(toByte), cell * 4);
    rgba[cell * 4 + 3] = 255;
  }
  return { width, height, rgba };
}

/** NaN where nothing was decoded. A block's DC is eight times its average; 12-bit samples are brought to 8 bits. */
function sampleOf({ average, step, missingBits }: BlockPlane, cell: number, precisionBits: number): number {
  const dc = average.mean(cell, 0);
  // The bits a first scan leaves out were cut off: on average half of their range is missing.
  const whole = dc * 2 ** missingBits + (2 ** missingBits - 1) / 2;
  return (whole * (step ?? 1)) / 8 / 2 ** (precisionBits - 8) + 128;
}

function toRgb(model: ColorModel, [first = 0, second = 0, third = 0, black = 0]: readonly number[]): number[] {
  switch (model) {
    case "gray":
      return [first, first, first];
    case "rgb":
      return [first, second, third];
    case "ycc":
      return yccToRgb(first, second, third);
    case "cmyk":
      return [first, second, third].map((ink) => inked(255 - ink, 255 - black));
    case "inverted-cmyk":
      return [first, second, third].map((light) => inked(light, black));
    case "inverted-ycck":
      return yccToRgb(first, second, third).map((ink) => inked(255 - ink, black));
    default:
      return model satisfies never;
  }
}

/** JFIF 1.02, section 7. */
function yccToRgb(luma: number, blueness: number, redness: number): number[] {
  const cb = blueness - 128;
  const cr = redness - 128;
  return [luma + 1.402 * cr, luma - 0.344136 * cb - 0.714136 * cr, luma + 1.772 * cb];
}

/** Light that a colour's ink and the black ink let through; the plain formula, as no ICC profile is applied. */
function inked(light: number, blackLight: number): number {
  return (toByte(light) * toByte(blackLight)) / 255;
}
