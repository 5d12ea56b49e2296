/** What of a JPEG's scans is decoded for thumbnails, and what their planes become. */
import { soleSeat, type Seat } from "../../../admission/turns.ts";
import type { Spend } from "../../fuel.ts";
import type { StoredSize } from "../../sampler.ts";
import type { EncoderPlanes } from "../../thumbnail/jpeg-encoder.ts";
import { bluenessOf, lumaOf, rednessOf } from "../../thumbnail/ycc.ts";
import { createPlane, createPlanes, planeSource, type Axes, type Plane } from "../../thumbnail/plane.ts";
import { colorModelOf, mix, type ColorModel } from "../color-model.ts";
import type { Component, Frame, ScanHeader } from "../frame.ts";
import type { JpegTables } from "../jpeg-tables.ts";
import type { ProfileParts } from "../profile-parts.ts";
import type { DecodeUnit } from "../scan-decoder.ts";
import { decodeAcUnit, refineAcUnit } from "./ac-scan.ts";
import type { BlockSide } from "./inverse-dct.ts";
import { decodeLowUnit } from "./low-coefficients.ts";
import { coefficientWork, Reduction, sampleWork } from "./reduction.ts";

export interface JpegReductions {
  /**
   * Begins a scan, and says how its units are decoded; null: it is passed over.
   * @param plain how they are without thumbnails
   */
  begin(header: ScanHeader, plain: DecodeUnit | null): DecodeUnit | null;
  /** Whether all that can be seen in thumbnails came, once the scan that began last has ended. */
  readonly settled: boolean;
  /** The planes of each thumbnail, in stored orientation and the picture's own colours. Null where a component is missing. */
  finish(): Promise<readonly EncoderPlanes[] | null>;
}

/** A picture whose first scan begins. */
export interface JpegPicture {
  readonly frame: Frame;
  readonly adobeTransform: number | null;
  readonly jfif: boolean;
  readonly profile: ProfileParts;
  readonly tables: JpegTables;
  readonly spend: Spend;
  readonly seat: Seat;
}

/** Work units of a scan's header; see `ImageLimits`. A file may have thousands that bring nothing. */
const scanWork = 1500;
/**
 * How many pixels a sample may make, by the pixels that one of its plane covers. Cameras' pictures are a little less than
 * 1024 × 4 or 2048 × 2 pixels wide, and the next larger samples are four times as many. Chroma may be a little softer.
 */
const mostEnlarging = { 1: 1.03, 2: 2.6 } as const;
/** Bytes of a plane's pixel. */
const pixelBytes = 4;

/**
 * Null where it would take more than `maxBytes`, planes included.
 * @param sizes of the thumbnails, in stored orientation, from the largest to the smallest
 */
export function createReductions(
  { frame, adobeTransform, jfif, tables, spend, seat }: JpegPicture,
  sizes: readonly StoredSize[],
  maxBytes: number,
): JpegReductions | null {
  const { components, progressive } = frame;
  const model = colorModelOf(frame, adobeTransform, jfif);
  const isYcc = model.isYcc && components.length === 3;
  const everyOf = (index: number): 1 | 2 => (isYcc && index > 0 ? 2 : 1);
  const samples = components.reduce((sum, _, index) => sum + everyOf(index) ** -2, 0);
  const pixels = sizes.reduce((sum, { width, height }) => sum + width * height, 0);
  const maxHeldBytes = maxBytes - pixels * samples * pixelBytes;
  if (maxHeldBytes < 0) return null;
  const sides = chooseSides(frame, sizes, everyOf, maxHeldBytes);
  const axes: Axes = new Map();
  const reductions = components.map((component, index) => {
    const side = sides[index] ?? 1;
    const { lengthX, lengthY } = lengths(frame, component, side);
    const source = { samples: Math.ceil(lengthX), rows: Math.ceil(lengthY), lengthX, lengthY };
    const planes = createPlanes(sizes, everyOf(index), source, axes);
    return (component.reduction = new Reduction(component, side, progressive && side > 1, planes, seat));
  });

  function beginDc({ components: parts, bringsDc, lowBit }: ScanHeader, plain: DecodeUnit): DecodeUnit {
    let isLow = false;
    for (const { component } of parts) {
      const { reduction } = component;
      if (reduction === null) continue;
      const { side, held } = reduction;
      if (bringsDc) reduction.precision.quantize((index) => stepOf(component, index));
      reduction.beginDc(bringsDc ? (progressive ? "dc" : "blocks") : "refineDc", lowBit);
      isLow ||= side > 1 && held.length === 0;
      const blocks = component.blocksAcross * component.blocksDown * side;
      spend(blocks * reduction.fed.length * side * sampleWork + (side > 1 ? blocks * side * coefficientWork : 0), 0);
    }
    return bringsDc && isLow ? decodeLowUnit : plain;
  }

  function beginAc({ components: parts, first, last, highBit, lowBit }: ScanHeader): DecodeUnit | null {
    const [part, ...others] = parts;
    const reduction = part === undefined || others.length > 0 ? null : part.component.reduction;
    if (!progressive || reduction === null || first === 0 || last < first || last > 63) return null;
    if (highBit === 0) return reduction.beginAc(first, last, lowBit) ? decodeAcUnit : null;
    return reduction.refineAc(first, last, highBit, lowBit) ? refineAcUnit : null;
  }

  /** In 256 levels. */
  const stepOf = ({ quantizationTable }: Component, index: number): number =>
    tables.step(quantizationTable, index) / 2 ** (frame.precisionBits - 8);

  return {
    begin(header, plain) {
      spend(scanWork);
      return plain === null ? beginAc(header) : beginDc(header, plain);
    },
    get settled() {
      return reductions.every(({ settled }) => settled);
    },
    async finish() {
      if (!reductions.every(({ hasCome }) => hasCome)) return null;
      const planes: (readonly Plane[])[] = [];
      for (const reduction of reductions) planes.push(await reduction.finish());
      return sizes.map((_, index) => {
        const [one, ...others] = planes.flatMap((list) => list[index] ?? []) as [Plane, ...Plane[]];
        const [two, three] = others;
        if (two === undefined || three === undefined) return [one];
        return isYcc ? [one, two, three] : toYcc([one, two, three, ...others.slice(2)], model);
      });
    },
  };
}

/** Alive as long as the code is, which V8 would drop with the last object of its shapes: see jpeg/idle-decoder. */
createReductions.idle = new Reduction(
  { blocksAcross: 1, blocksDown: 1, down: 1 },
  2,
  false,
  createPlanes([{ width: 1, height: 1 }], 1, { samples: 2, rows: 2, lengthX: 2, lengthY: 2 }, new Map()),
  soleSeat,
);

function lengths(frame: Frame, { across, down }: Component, side: BlockSide): { lengthX: number; lengthY: number } {
  const scale = side / 8;
  return {
    lengthX: ((frame.width * across) / frame.maxAcross) * scale,
    lengthY: ((frame.height * down) / frame.maxDown) * scale,
  };
}

/**
 * For each component the smallest blocks that suffice for the largest thumbnail; smaller ones where more coefficients of a
 * progressive picture would have to be held than may be.
 */
function chooseSides(
  frame: Frame,
  sizes: readonly StoredSize[],
  everyOf: (index: number) => 1 | 2,
  maxHeldBytes: number,
): readonly BlockSide[] {
  const suffices = (component: Component, index: number, side: BlockSide): boolean => {
    const { lengthX, lengthY } = lengths(frame, component, side);
    const most = mostEnlarging[everyOf(index)];
    return sizes.every(({ width, height }) => lengthX * most >= width && lengthY * most >= height);
  };
  for (let most = 8; ; most--) {
    const allowed = ([1, 2, 3, 4, 8] as const).filter((side) => side <= most);
    const sides = frame.components.map(
      (component, index) => allowed.find((side) => suffices(component, index, side)) ?? allowed.at(-1) ?? 1,
    );
    const bytes = frame.components.reduce((sum, part, index) => sum + Reduction.heldBytes(part, sides[index] ?? 1), 0);
    if (!frame.progressive || bytes <= maxHeldBytes) return sides;
  }
}

/** Components that are red, green and blue, or inks, all at full size. Their values are used up. */
function toYcc(planes: readonly [Plane, Plane, Plane, ...Plane[]], { isYcc }: ColorModel): EncoderPlanes {
  const [luma, blueness, redness] = planes;
  const values = planes.map((plane) => plane.values);
  for (const own of values) for (let at = 0; at < own.length; at++) own[at] = (own[at] as number) + 128;
  const rgba = new Float64Array(4);
  for (let at = 0; at < luma.values.length; at++) {
    mix(values, isYcc, at, rgba, 0);
    const [red = 0, green = 0, blue = 0] = rgba;
    const light = lumaOf(red, green, blue);
    luma.values[at] = light - 128;
    blueness.values[at] = bluenessOf(blue, light);
    redness.values[at] = rednessOf(red, light);
  }
  const axes: Axes = new Map();
  const chroma = [blueness, redness].map((plane) => createPlane(luma, 2, planeSource(plane, luma, 1), axes));
  for (const plane of chroma) plane.end();
  return [luma, ...chroma];
}
