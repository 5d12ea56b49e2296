/** Reads a JPEG's frame and scan headers (ITU-T T.81, B.2.2 and B.2.3), and what they and APP14 say about its colours. */
import { CellAverage, createAxis, type Axis } from "../cell-average.ts";
import { gridSize } from "../grid.ts";
import { UnreadableImage } from "../sampler.ts";
import type { Reduction } from "./thumbnail/reduction.ts";

/** A component and its reduced plane. */
export interface Component {
  readonly id: number;
  /** Sampling factors: blocks of this component in a unit of an interleaved scan. */
  readonly across: number;
  readonly down: number;
  readonly quantizationTable: number;
  /** Blocks that hold pixels, without the padding of interleaved scans. */
  readonly blocksAcross: number;
  readonly blocksDown: number;
  /** Where its blocks fall; all components have the same cells and points. */
  readonly acrossAxis: Axis;
  readonly downAxis: Axis;
  /** The DC values, in the parts in which scans bring them: first the higher bits, then each lower one. */
  readonly levels: Level[];
  /** The DC's quantization step when the component's scan began; null before (later scans may replace tables). */
  step: number | null;
  /** Bits that progressive DC scans have left to their refinements so far. */
  missingBits: number;
  /** Receives what thumbnails are made of; null without any. */
  reduction: Reduction | null;
}

interface Level {
  readonly average: CellAverage;
  /** What 1 stands for. */
  readonly unit: number;
}

/** Begins the part of a component's DC values whose lowest bit is `lowBit`. */
export function addLevel(component: Component, lowBit: number): CellAverage {
  const average = new CellAverage(component.acrossAxis, component.downAxis, 1);
  component.levels.push({ average, unit: 2 ** lowBit });
  component.missingBits = lowBit;
  return average;
}

export interface Frame {
  readonly width: number;
  readonly height: number;
  readonly precisionBits: number;
  readonly progressive: boolean;
  readonly components: readonly Component[];
  readonly maxAcross: number;
  readonly maxDown: number;
  /** Cells of the components; those of four have more than the grid. */
  readonly columns: number;
  readonly rows: number;
}

interface ScanComponent {
  readonly component: Component;
  readonly dcTable: number;
  readonly acTable: number;
}

export interface ScanHeader {
  readonly components: readonly ScanComponent[];
  /** Whether the scan is the first to tell of these components' DC values. */
  readonly bringsDc: boolean;
  /** Whether the scan gives the next lower bit of these components' DC values. */
  readonly refinesDc: boolean;
  /** The first and the last coefficient that a scan of a progressive file has, in zigzag order. */
  readonly first: number;
  readonly last: number;
  /** The lowest bit that scans before this one gave; 0 for none. */
  readonly highBit: number;
  /** The lowest bit that this scan gives. */
  readonly lowBit: number;
}

const blockSide = 8;
/** How much light ink lets through depends on the black beside it: the finer the cells, the fewer of them mix the two. */
const inkGridSide = 256;
/** ITU-T T.81, table B.3. */
const maxLowBit = 13;

/** @throws UnreadableImage for what is not sampled, RangeError for a header that is too short */
export function readFrame(code: number, view: DataView, maxPixels: number): Frame {
  if (code > 0xc2) throw new UnreadableImage(code >= 0xc9 ? "arithmetic coding" : "lossless or hierarchical coding");
  const precisionBits = view.getUint8(0);
  const height = view.getUint16(1);
  const width = view.getUint16(3);
  const count = view.getUint8(5);
  if (width * height > maxPixels) throw new UnreadableImage(`more than ${maxPixels} pixels`);
  if (count !== 1 && count !== 3 && count !== 4) throw new UnreadableImage(`${count} components`);
  const declared = Array.from({ length: count }, (_, index) => {
    const at = 6 + index * 3;
    // The sampling factors of a lone component mean nothing: its blocks simply follow each other.
    const sampling = count === 1 ? 0x11 : view.getUint8(at + 1);
    return {
      id: view.getUint8(at),
      across: sampling >> 4,
      down: sampling & 15,
      quantizationTable: view.getUint8(at + 2),
    };
  });
  const isSampling = (factor: number): boolean => factor >= 1 && factor <= 4;
  if (
    width === 0 ||
    height === 0 ||
    (precisionBits !== 8 && precisionBits !== 12) ||
    !declared.every(({ across, down }) => isSampling(across) && isSampling(down)) ||
    new Set(declared.map(({ id }) => id)).size < count
  ) {
    throw new UnreadableImage("a frame header");
  }
  const maxAcross = Math.max(...declared.map(({ across }) => across));
  const maxDown = Math.max(...declared.map(({ down }) => down));
  const sized = declared.map((component) => ({
    ...component,
    blocksAcross: Math.ceil(Math.ceil((width * component.across) / maxAcross) / blockSide),
    blocksDown: Math.ceil(Math.ceil((height * component.down) / maxDown) / blockSide),
  }));
  const { columns, rows } = gridSize(
    width,
    height,
    cellsFor(sized.map(({ blocksAcross }) => blocksAcross)),
    cellsFor(sized.map(({ blocksDown }) => blocksDown)),
    count === 4 ? inkGridSide : undefined,
  );
  const pixelsAcross = sized.map(({ across }) => (blockSide * maxAcross) / across);
  const pixelsDown = sized.map(({ down }) => (blockSide * maxDown) / down);
  const components = sized.map((component, index) => ({
    ...component,
    acrossAxis: createAxis(width, pixelsAcross[index] ?? blockSide, columns, Math.max(...pixelsAcross)),
    downAxis: createAxis(height, pixelsDown[index] ?? blockSide, rows, Math.max(...pixelsDown)),
    levels: [],
    step: null,
    missingBits: 0,
    reduction: null,
  }));
  return { width, height, precisionBits, progressive: code === 0xc2, components, maxAcross, maxDown, columns, rows };
}

/**
 * At most half as many as there are blocks; and a cell narrower than the coarsest component's would only repeat its
 * neighbour.
 */
function cellsFor(blocks: readonly number[]): number {
  return Math.max(1, Math.min(Math.floor(Math.max(...blocks) / 2), ...blocks));
}

/** @throws UnreadableImage for a scan that the frame cannot have, RangeError for a header that is too short */
export function readScanHeader(frame: Frame, view: DataView): ScanHeader {
  const count = view.getUint8(0);
  const components = Array.from({ length: count }, (_, index) => {
    const id = view.getUint8(1 + index * 2);
    const tables = view.getUint8(2 + index * 2);
    const component = frame.components.find((candidate) => candidate.id === id);
    if (component === undefined) throw new UnreadableImage("a scan header");
    return { component, dcTable: tables >> 4, acTable: tables & 15 };
  });
  const first = view.getUint8(1 + count * 2);
  const last = view.getUint8(2 + count * 2);
  const bits = frame.progressive ? view.getUint8(3 + count * 2) : 0;
  const highBit = bits >> 4;
  const lowBit = bits & 15;
  if (count === 0 || new Set(components.map(({ component }) => component)).size < count || lowBit > maxLowBit) {
    throw new UnreadableImage("a scan header");
  }
  const tellsDc = !frame.progressive || first === 0;
  const isNew = components.every(({ component }) => component.step === null);
  const isNext = components.every(({ component: { missingBits } }) => missingBits === highBit && lowBit < highBit);
  const bringsDc = tellsDc && isNew && highBit === 0;
  return { components, first, last, highBit, lowBit, bringsDc, refinesDc: tellsDc && isNext };
}
