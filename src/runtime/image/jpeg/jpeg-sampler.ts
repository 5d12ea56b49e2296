/**
 * Reads a JPEG's size, orientation and 1:8 picture as its bytes pass: sequential and progressive, 8 and 12 bits. It
 * stops once the DC coefficients of all components were seen.
 */
import { createFuel } from "../fuel.ts";
import type { Grid } from "../grid.ts";
import { readOrientation } from "../orientation.ts";
import { sizeOf, UnreadableImage, type ImageLimits, type Sampler } from "../sampler.ts";
import { createWalkSampler, type Facts } from "../structure/walk-sampler.ts";
import { bytesOf, skip, type ReadRequest, type Walk } from "../structure/walk.ts";
import type { ThumbnailDraft } from "../thumbnail/thumbnail.ts";
import { soleSeat } from "../../admission/turns.ts";
import { colorModelOf, gridFromPlanes, isSettled, readAdobeTransform } from "./color-model.ts";
import { EntropyBuffer } from "./entropy-buffer.ts";
import { addLevel, readFrame, readScanHeader, type Component, type Frame } from "./frame.ts";
import { createIdleDecoder } from "./idle-decoder.ts";
import { acClass, createJpegTables } from "./jpeg-tables.ts";
import * as marker from "./marker.ts";
import { exifHeader, isNamed, isRestart, isStartOfFrame } from "./marker.ts";
import { createProfileParts } from "./profile-parts.ts";
import { blockWork, decodeUnit, refineUnit, ScanDecoder } from "./scan-decoder.ts";
import { createSmallJpeg, type SmallJpeg } from "./small-jpeg.ts";
import type { JpegReductions } from "./thumbnail/jpeg-reductions.ts";

/** Work units; see `ImageLimits`. */
const byteWork = 3;
const prefixWork = 15;
const restartWork = 60;
/** For turns only: a small picture, decoded in full, and passing over a segment. */
const smallPixelWork = 50;
const segmentWork = 600;

const wantedBodies: ReadonlySet<number> = new Set([
  marker.huffmanTables,
  marker.startOfScan,
  marker.quantizationTables,
  marker.restartInterval,
  marker.jfif,
  marker.exif,
  marker.iccProfile,
  marker.adobe,
  marker.numberOfLines,
]);

/** A sampler for one JPEG file. */
export function createJpegSampler(limits: ImageLimits, seat = soleSeat, draft?: ThumbnailDraft): Sampler {
  const spend = createFuel(limits.maxWork, seat);
  const tables = createJpegTables();
  const entropy = new EntropyBuffer();
  let frame: Frame | null = null;
  /** Null outside of scans, and while one is passed over. */
  let scan: ScanDecoder | null = null;
  let adobeTransform: number | null = null;
  let jfif = false;
  const profile = createProfileParts();
  let oriented = false;
  /** Pixels of a line, before the frame is known. */
  let lineWidth = 0;
  let damaged = false;
  let sawEnd = false;
  /** Null where no thumbnail is made. */
  let reductions: JpegReductions | null = null;
  /** Null once the picture is known not to be small. */
  let small = limits.maxPixels > 0 ? createSmallJpeg(limits.maxSmallJpegBytes) : null;

  const isScanned = ({ step }: Component): boolean => step !== null;
  const hasEnough = (): boolean =>
    small === null &&
    frame?.components.every((part) => isScanned(part) && isSettled(part, frame?.precisionBits ?? 8)) === true &&
    reductions?.settled !== false;

  function* walk(facts: Facts): Walk {
    facts.hasAlpha = facts.animated = false;
    for (let code = yield* findMarker(null); code !== marker.endOfImage;) {
      seat.count(segmentWork);
      // A segment shorter than its own length is taken for an empty one, as decoders do.
      const length = Math.max(0, (yield 2).getUint16(0) - 2);
      if (wantedBodies.has(code) || isStartOfFrame(code)) {
        spend(length * byteWork);
        takeSegment(facts, code, bytesOf(yield length, length));
      } else yield skip(length);
      const isScan = code === marker.startOfScan;
      code = yield* findMarker(isScan ? small : null);
      // Nothing but details follows. A small picture is read on, because all of it is wanted.
      if (isScan && hasEnough()) return;
    }
    sawEnd = true;
  }

  function takeSegment(facts: Facts, code: number, body: Uint8Array): void {
    const view = new DataView(body.buffer);
    if (isStartOfFrame(code)) {
      if (frame !== null) throw new UnreadableImage("a second frame");
      lineWidth = view.getUint16(3);
      facts.size = sizeOf(lineWidth, view.getUint16(1));
      if (view.getUint16(1) === 0) {
        // The height follows the first scan (B.2.5). The size is told then, but browsers show no such picture.
        facts.fault = "no height before the first scan";
        small = null;
        return;
      }
      frame = readFrame(code, view, limits.maxPixels);
      if (Math.max(frame.width, frame.height) >= limits.smallJpegPixels) small = null;
    } else if (code === marker.startOfScan) startScan(view);
    else if (code === marker.jfif) jfif ||= isNamed(body, "JFIF");
    else if (code === marker.iccProfile) profile.add(body);
    else if (code === marker.numberOfLines) facts.size ??= sizeOf(lineWidth, view.getUint16(0));
    else if (code === marker.adobe) adobeTransform ??= readAdobeTransform(body);
    else if (code === marker.exif) {
      if (oriented || !isNamed(body, exifHeader)) return;
      oriented = true;
      facts.orientation = readOrientation(body.subarray(exifHeader.length));
    } else {
      tables.read(code, body);
      // jpeg-js applies the last quantization tables of a file to all of it.
      if (code === marker.quantizationTables && frame?.components.some(isScanned) === true) small = null;
    }
    if (code < marker.jfif) small?.addSegment(code, body);
    if (small?.isSpoilt() === true) small = null;
  }

  /** Scans of AC coefficients, refinements and repetitions are passed over. */
  function startScan(view: DataView): void {
    if (frame === null && lineWidth > 0) return;
    if (frame === null) throw new UnreadableImage("a scan before the frame");
    const { progressive } = frame;
    const header = readScanHeader(frame, view);
    entropy.clear();
    reductions = draft?.jpeg({ frame, adobeTransform, jfif, profile, tables, spend, seat }) ?? null;
    const dcUnit = header.bringsDc ? decodeUnit : header.refinesDc ? refineUnit : null;
    const unit = reductions === null ? dcUnit : reductions.begin(header, dcUnit);
    if (unit === null) return;
    const parts = header.components.map(({ component, dcTable, acTable }) => {
      if (dcUnit !== null) component.step ??= tables.step(component.quantizationTable, 0);
      return {
        component,
        average: dcUnit && addLevel(component, header.lowBit),
        // Only the first scan of DC values has codes for them.
        dcTable: tables.huffmanTable(header.bringsDc ? dcTable : 0),
        acTable: progressive && dcUnit !== null ? null : tables.huffmanTable(acClass | acTable),
      };
    });
    scan = new ScanDecoder(frame, parts, tables.restartInterval(), seat, unit);
    spend(scan.blockCount * blockWork, 0);
  }

  /**
   * Decodes or passes over everything up to the next marker that has a length, or the end; returns its code. 0: nothing
   * more is wanted. A scan's bytes are kept in `kept`, too.
   */
  function* findMarker(kept: SmallJpeg | null): Generator<ReadRequest, number, DataView> {
    let code = 0;
    let keeping = kept;
    yield (bytes, from) => {
      for (let at = from; at < bytes.length;) {
        const decodes = scan?.finished === false;
        const { prefixes } = entropy;
        const to = entropy.read(bytes, at, decodes);
        spend((decodes ? (to - at) * byteWork : 0) + (entropy.prefixes - prefixes) * prefixWork);
        keeping?.add(bytes.subarray(at, to));
        at = to;
        code = entropy.marker ?? 0;
        if (isRestart(code)) {
          spend(restartWork);
          scan?.decode(entropy, true);
          scan?.restart(code & 7);
        } else if (code > 0) {
          endScan();
          keeping?.endScan();
          keeping = null;
          if (isHandled(code)) return at;
        } else if (entropy.full) scan?.decode(entropy, false);
        if (scan?.finished === true && hasEnough()) return at;
      }
      return -1;
    };
    return code;
  }

  function endScan(): void {
    scan?.decode(entropy, true);
    scan?.end();
    damaged ||= scan?.damaged === true;
    scan = null;
  }

  async function finish(facts: Facts): Promise<Grid | null> {
    endScan();
    if (frame?.components.some(isScanned) !== true) {
      facts.fault ??= "the file ends before its picture";
      return null;
    }
    const model = colorModelOf(frame, adobeTransform, jfif);
    // A progressive file that was cut has its DC scans, but jpeg-js would read nonsense into the scans that are missing.
    const isWhole = !damaged && frame.components.every(isScanned) && (sawEnd || !frame.progressive);
    if (isWhole && small !== null) {
      // All at once: it takes the turns for it before.
      seat.count(frame.width * frame.height * smallPixelWork);
      await seat.pause();
    }
    const toSrgb = profile.read(frame.components.length);
    return (isWhole ? small?.decode(frame, model, toSrgb) : null) ?? gridFromPlanes(frame, model, toSrgb);
  }

  return createWalkSampler(walk, finish);
}

/** Alive as long as the code is. */
createJpegSampler.idle = createIdleDecoder();

/** A marker that has a length, or the end. */
function isHandled(code: number): boolean {
  return code > 0x01 && !isRestart(code) && code !== marker.startOfImage;
}
