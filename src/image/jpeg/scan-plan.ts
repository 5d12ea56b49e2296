/**
 * Lays out one scan before it is decoded: its units (MCUs), the blocks of a unit, and the look-up tables side by side.
 * It reads no entropy-coded bit.
 */
import type { CellAverage } from "../cell-average.ts";
import { UnreadableImage } from "../sampler.ts";
import type { Frame, FrameComponent } from "./frame.ts";
import { fillAcLookup, fillDcLookup, lookupLength, type HuffmanTable } from "./huffman.ts";

/** What a scan needs of one component. */
export interface ScanInput {
  readonly component: FrameComponent;
  readonly dcTable: HuffmanTable;
  /** Null in a progressive file, whose DC scans hold nothing else. */
  readonly acTable: HuffmanTable | null;
  /** Takes the finished rows of blocks. */
  readonly average: CellAverage;
}

export interface ScanPart extends ScanInput {
  /** Blocks of this component in a unit. */
  readonly across: number;
  readonly down: number;
  /** Where in the plan's rows those of this component begin: `down` rows of blocks, `rowLength` each. */
  readonly rowsStart: number;
  readonly rowLength: number;
}

export interface ScanPlan {
  readonly unitsAcross: number;
  readonly unitsDown: number;
  /** Units between restart markers, 0 for none. */
  readonly restartInterval: number;
  readonly parts: readonly ScanPart[];
  /** The DC values of one row of units, part after part. */
  readonly rows: Float32Array;
  /** Per block of a unit: its part, the place of its DC in the rows (offset + unit × step), its tables. */
  readonly blockPart: Int32Array;
  readonly blockOffset: Int32Array;
  readonly blockStep: Int32Array;
  readonly blockDcLookup: Int32Array;
  readonly blockAcLookup: Int32Array;
  /** Look-up tables, one after the other. */
  readonly dcLookups: Int32Array;
  readonly acLookups: Int32Array;
  /** Only DC is in the scan. */
  readonly dcOnly: boolean;
}

/** ITU-T T.81, B.2.3. */
const maxBlocksPerUnit = 10;

/** @throws UnreadableImage when a unit would have more blocks than JPEG allows */
export function planScan(frame: Frame, inputs: readonly ScanInput[], restartInterval: number): ScanPlan {
  const [first] = inputs;
  if (first === undefined) throw new UnreadableImage("a scan without components");
  const interleaved = inputs.length > 1;
  const unitsAcross = interleaved ? Math.ceil(frame.width / (8 * frame.maxAcross)) : first.component.blocksAcross;
  const unitsDown = interleaved ? Math.ceil(frame.height / (8 * frame.maxDown)) : first.component.blocksDown;
  let rowsLength = 0;
  const parts = inputs.map((input) => {
    const across = interleaved ? input.component.across : 1;
    const down = interleaved ? input.component.down : 1;
    const rowLength = unitsAcross * across;
    const rowsStart = rowsLength;
    rowsLength += rowLength * down;
    return { ...input, across, down, rowLength, rowsStart };
  });
  const blocks = parts.flatMap(({ across, down, rowLength, rowsStart }, part) =>
    Array.from({ length: across * down }, (_, block) => ({
      part,
      offset: rowsStart + Math.floor(block / across) * rowLength + (block % across),
      step: across,
    })),
  );
  if (blocks.length > maxBlocksPerUnit) throw new UnreadableImage("more than ten blocks in a unit");
  const dc = placeLookups(
    inputs.map(({ dcTable }) => dcTable),
    fillDcLookup,
  );
  const acTables = inputs.map(({ acTable }) => acTable).filter((table) => table !== null);
  const ac = placeLookups(acTables, fillAcLookup);
  return {
    unitsAcross,
    unitsDown,
    restartInterval,
    parts,
    rows: new Float32Array(rowsLength),
    blockPart: Int32Array.from(blocks, ({ part }) => part),
    blockOffset: Int32Array.from(blocks, ({ offset }) => offset),
    blockStep: Int32Array.from(blocks, ({ step }) => step),
    blockDcLookup: Int32Array.from(blocks, ({ part }) => dc.starts[part] ?? 0),
    blockAcLookup: Int32Array.from(blocks, ({ part }) => ac.starts[part] ?? 0),
    dcLookups: dc.lookups,
    acLookups: ac.lookups,
    dcOnly: acTables.length === 0,
  };
}

/** Blocks that a scan passes, padding included. */
export function blocksOf({ unitsAcross, unitsDown, blockPart }: ScanPlan): number {
  return unitsAcross * unitsDown * blockPart.length;
}

/** One look-up table for each distinct Huffman table, and where the table of each part begins. */
function placeLookups(
  tables: readonly HuffmanTable[],
  fill: (table: HuffmanTable, lookup: Int32Array) => void,
): { lookups: Int32Array; starts: readonly number[] } {
  const distinct = [...new Set(tables)];
  const lookups = new Int32Array(distinct.length * lookupLength);
  for (const [index, table] of distinct.entries()) {
    fill(table, lookups.subarray(index * lookupLength, (index + 1) * lookupLength));
  }
  return { lookups, starts: tables.map((table) => distinct.indexOf(table) * lookupLength) };
}
