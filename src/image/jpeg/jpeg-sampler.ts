/**
 * Reads a JPEG's size, orientation and 1:8 picture as its bytes pass: sequential and progressive, 8 and 12 bits. It puts the
 * parts of this folder together, and stops once the DC coefficients of all components were seen.
 */
import { Fuel } from "../fuel.ts";
import type { Grid } from "../grid.ts";
import { readOrientation } from "../orientation.ts";
import { UnreadableImage, type ImageLimits, type Sampler, type StoredSize } from "../sampler.ts";
import { createPlanes, gridFromPlanes, type BlockPlane } from "./block-averages.ts";
import { EntropyBuffer } from "./entropy-buffer.ts";
import { colorModelOf, readAdobeTransform, readFrame, readFrameSize, readScanHeader } from "./frame.ts";
import type { Frame, ScanHeader } from "./frame.ts";
import { createIdleDecoder } from "./idle-decoder.ts";
import { JpegTables } from "./jpeg-tables.ts";
import { ScanDecoder } from "./scan-decoder.ts";
import { blocksOf, planScan } from "./scan-plan.ts";
import { isRestart, isStartOfFrame, marker, SegmentReader, type Segment } from "./segment-reader.ts";
import { SmallJpeg } from "./small-jpeg.ts";

/** So much of a chunk is looked at in one go. */
const sliceBytes = 65536;
/** ITU-T T.81, table B.3. */
const maxLowBit = 13;
/** Work units; see `ImageLimits`. */
const work = { byte: 3, prefix: 15, block: 5, marker: 60, segment: 250 } as const;
const jfifHeader = "JFIF";
const exifHeader = "Exif\0\0";

/** A sampler for one JPEG file. */
export function createJpegSampler(limits: ImageLimits): Sampler {
  return new JpegSampler(limits);
}

class JpegSampler implements Sampler {
  static readonly idle = createIdleDecoder();
  size: StoredSize | null = null;
  orientation = 1;
  readonly hasAlpha = false;
  readonly animated = false;
  fault: string | null = null;
  readonly #limits: ImageLimits;
  readonly #fuel: Fuel;
  readonly #segments = new SegmentReader();
  readonly #tables = new JpegTables();
  readonly #entropy = new EntropyBuffer();
  #frame: Frame | null = null;
  #planes: readonly BlockPlane[] = [];
  #inScan = false;
  /** Null while a scan is passed over. */
  #scan: ScanDecoder | null = null;
  #adobeTransform: number | null = null;
  #jfif = false;
  #oriented = false;
  #damaged = false;
  #sawEnd = false;
  #ended = false;
  /** Null once the picture is known not to be small. */
  #small: SmallJpeg | null;

  constructor(limits: ImageLimits) {
    this.#limits = limits;
    this.#fuel = new Fuel(limits.maxWork);
    this.#small = limits.maxPixels > 0 ? new SmallJpeg(limits.maxSmallJpegBytes) : null;
  }

  push(chunk: Uint8Array): boolean {
    for (let from = 0; from < chunk.length && !this.#ended; from += sliceBytes) {
      const slice = chunk.subarray(from, from + sliceBytes);
      for (let at = 0; at < slice.length && !this.#ended;) {
        at = this.#inScan ? this.#readScan(slice, at) : this.#readSegment(slice, at);
      }
    }
    return this.#ended;
  }

  finish(): Grid | null {
    if (this.#inScan) {
      this.#scan?.decode(this.#entropy, true);
      this.#leaveScan();
    }
    const frame = this.#frame;
    if (frame === null || this.#planes.every(({ step }) => step === null)) {
      this.fault = "the file ends before its picture";
      return null;
    }
    const model = colorModelOf(frame, this.#adobeTransform, this.#jfif);
    // A progressive file that was cut has its DC scans, but jpeg-js would read nonsense into the scans that are missing.
    const whole = !this.#damaged && this.#allScanned && (this.#sawEnd || !frame.progressive);
    const full = whole && this.#small !== null ? this.#small.decode(frame, model) : null;
    return full ?? gridFromPlanes(this.#planes, model, frame.precisionBits);
  }

  get #allScanned(): boolean {
    return this.#planes.length > 0 && this.#planes.every(({ step }) => step !== null);
  }

  #readSegment(slice: Uint8Array, from: number): number {
    const markers = this.#segments.markers;
    const to = this.#segments.read(slice, from);
    this.#fuel.spend((this.#segments.markers - markers) * work.marker);
    this.#takeSegment(this.#segments.segment);
    return to;
  }

  #takeSegment(segment: Segment | null): void {
    if (segment === null) return;
    const { code, body } = segment;
    this.#fuel.spend(work.segment + body.length * work.byte);
    if (isStartOfFrame(code)) this.#startFrame(code, body);
    else if (code === marker.startOfScan) this.#startScan(body);
    else if (code === marker.endOfImage) this.#sawEnd = this.#ended = true;
    else if (code === marker.jfif) this.#jfif ||= startsWith(body, jfifHeader);
    else if (code === marker.adobe) this.#adobeTransform ??= readAdobeTransform(body);
    else if (code === marker.exif) this.#readExif(body);
    else if (this.#tables.read(code, body)) {
      this.#small?.addSegment(code, body);
      // jpeg-js applies the last quantization tables of a file to all of it.
      if (code === marker.quantizationTables && this.#planes.some(({ step }) => step !== null)) this.#small?.spoil();
    }
  }

  #readExif(body: Uint8Array): void {
    if (this.#oriented || !startsWith(body, exifHeader)) return;
    this.#oriented = true;
    this.orientation = readOrientation(body.subarray(exifHeader.length));
  }

  #startFrame(code: number, body: Uint8Array): void {
    if (this.#frame !== null) throw new UnreadableImage("a second frame header");
    const size = readFrameSize(body);
    if (size.width > 0 && size.height > 0) this.size = size;
    const frame = readFrame(code, body);
    const { maxPixels, smallJpegPixels } = this.#limits;
    if (size.width * size.height > maxPixels) throw new UnreadableImage(`more than ${maxPixels} pixels`);
    if (Math.max(size.width, size.height) >= smallJpegPixels) this.#small = null;
    this.#small?.addFrame(code, body);
    this.#frame = frame;
    this.#planes = createPlanes(frame);
  }

  #startScan(body: Uint8Array): void {
    const frame = this.#frame;
    if (frame === null) throw new UnreadableImage("a scan before the frame header");
    const header = readScanHeader(frame, body);
    this.#small?.addSegment(marker.startOfScan, body);
    if (this.#small?.spoilt === true) this.#small = null;
    this.#inScan = true;
    this.#scan = this.#bringsDc(frame, header) ? this.#planDecoder(frame, header) : null;
    this.#entropy.clear();
  }

  /** Scans of AC coefficients, refinements and repetitions are passed over. */
  #bringsDc(frame: Frame, { components, spectralStart, previousBit }: ScanHeader): boolean {
    const isNew = components.every(({ component }) => this.#planeOf(component.id).step === null);
    return isNew && (!frame.progressive || (spectralStart === 0 && previousBit === 0));
  }

  #planDecoder(frame: Frame, { components, lowBit }: ScanHeader): ScanDecoder {
    if (lowBit > maxLowBit) throw new UnreadableImage("a scan that leaves all bits to others");
    const inputs = components.map(({ component, dcTable, acTable }) => {
      const plane = this.#planeOf(component.id);
      plane.step = this.#tables.dcStep(component.quantizationTable);
      plane.missingBits = lowBit;
      return {
        component,
        dcTable: this.#tables.dcTable(dcTable),
        acTable: frame.progressive ? null : this.#tables.acTable(acTable),
        average: plane.average,
      };
    });
    const plan = planScan(frame, inputs, this.#tables.restartInterval);
    this.#fuel.spend(blocksOf(plan) * work.block);
    return new ScanDecoder(plan);
  }

  #planeOf(id: number): BlockPlane {
    const plane = this.#planes.find(({ component }) => component.id === id);
    if (plane === undefined) throw new UnreadableImage("a component that is not in the frame");
    return plane;
  }

  #readScan(slice: Uint8Array, from: number): number {
    const entropy = this.#entropy;
    const scan = this.#scan;
    const keep = scan !== null && !scan.finished;
    const prefixes = entropy.prefixes;
    const to = entropy.read(slice, from, keep);
    this.#fuel.spend((keep ? (to - from) * work.byte : 0) + (entropy.prefixes - prefixes) * work.prefix);
    this.#small?.addScanBytes(slice.subarray(from, to));
    if (entropy.marker !== null) this.#meetMarker(entropy.marker);
    else if (entropy.full) scan?.decode(entropy, false);
    // Nothing but details follows. A small picture is read on, because all of it is wanted.
    if (this.#small === null && this.#allScanned && scan?.finished === true) this.#ended = true;
    return to;
  }

  #meetMarker(code: number): void {
    this.#fuel.spend(work.marker);
    this.#scan?.decode(this.#entropy, true);
    if (isRestart(code)) {
      this.#scan?.restart(code & 7);
      return;
    }
    this.#leaveScan();
    if (this.#small === null && this.#allScanned) {
      this.#ended = true;
      return;
    }
    this.#small?.endScan();
    this.#segments.startWith(code);
    this.#takeSegment(this.#segments.segment);
  }

  #leaveScan(): void {
    this.#inScan = false;
    this.#scan?.end();
    if (this.#scan?.damaged === true) this.#damaged = true;
    this.#scan = null;
  }
}

function startsWith(body: Uint8Array, text: string): boolean {
  return body.length >= text.length && String.fromCharCode(...body.subarray(0, text.length)) === text;
}
