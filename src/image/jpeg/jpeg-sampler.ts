/**
 * Reads a JPEG's size, orientation and 1:8 picture as its bytes pass: sequential and progressive, 8 and 12 bits. It puts the
 * parts of this folder together, and stops once the DC coefficients of all components were seen.
 */
import { Fuel } from "../fuel.ts";
import type { Grid } from "../grid.ts";
import { readOrientation } from "../orientation.ts";
import { sizeOf, UnreadableImage, type ImageLimits, type Sampler, type StoredSize } from "../sampler.ts";
import { bytesOf, Follower, skip, type Run, type Walk } from "../structure/walk.ts";
import { colorModelOf, gridFromPlanes, readAdobeTransform } from "./color-model.ts";
import { EntropyBuffer } from "./entropy-buffer.ts";
import { readFrame, readScanHeader, type Frame } from "./frame.ts";
import { createIdleDecoder } from "./idle-decoder.ts";
import { JpegTables } from "./jpeg-tables.ts";
import { exifHeader, findMarker, isNamed, isRestart, isStartOfFrame, marker } from "./markers.ts";
import { ScanDecoder } from "./scan-decoder.ts";
import { SmallJpeg } from "./small-jpeg.ts";

/** Work units; see `ImageLimits`. */
const work = { byte: 3, prefix: 15, block: 5, restart: 60 } as const;

const wantedBodies: ReadonlySet<number> = new Set([
  marker.huffmanTables,
  marker.startOfScan,
  marker.quantizationTables,
  marker.restartInterval,
  marker.jfif,
  marker.exif,
  marker.adobe,
]);

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
  readonly #follower = new Follower(this.#walk());
  readonly #tables = new JpegTables();
  readonly #entropy = new EntropyBuffer();
  #frame: Frame | null = null;
  /** Null outside of scans, and while one is passed over. */
  #scan: ScanDecoder | null = null;
  #adobeTransform: number | null = null;
  #jfif = false;
  #oriented = false;
  #damaged = false;
  #sawEnd = false;
  /** Null once the picture is known not to be small. */
  #small: SmallJpeg | null;

  constructor(limits: ImageLimits) {
    this.#limits = limits;
    this.#fuel = new Fuel(limits.maxWork);
    this.#small = limits.maxPixels > 0 ? new SmallJpeg(limits.maxSmallJpegBytes) : null;
  }

  push(chunk: Uint8Array): boolean {
    this.#follower.push(chunk);
    return this.#follower.ended;
  }

  finish(): Grid | null {
    this.#endScan();
    const frame = this.#frame;
    if (frame === null || frame.components.every(({ step }) => step === null)) {
      this.fault = "the file ends before its picture";
      return null;
    }
    const model = colorModelOf(frame, this.#adobeTransform, this.#jfif);
    // A progressive file that was cut has its DC scans, but jpeg-js would read nonsense into the scans that are missing.
    const isWhole = !this.#damaged && this.#allScanned && (this.#sawEnd || !frame.progressive);
    return (isWhole ? this.#small?.decode(frame, model) : null) ?? gridFromPlanes(frame, model);
  }

  get #allScanned(): boolean {
    return this.#frame?.components.every(({ step }) => step !== null) ?? false;
  }

  *#walk(): Walk {
    for (let code = yield* findMarker(isHandled); code !== marker.endOfImage;) {
      const length = (yield 2).getUint16(0) - 2;
      if (length < 0) throw new UnreadableImage("a segment is shorter than its own length field");
      if (wantedBodies.has(code) || isStartOfFrame(code)) {
        this.#fuel.spend(length * work.byte);
        this.#takeSegment(code, bytesOf(yield length, length));
      } else yield skip(length);
      if (code === marker.startOfScan) {
        let last = 0;
        yield this.#scanRun((found) => {
          last = found;
        });
        // Nothing but details follows. A small picture is read on, because all of it is wanted.
        if (this.#small === null && this.#allScanned) return;
        this.#small?.endScan();
        code = isHandled(last) ? last : yield* findMarker(isHandled);
      } else code = yield* findMarker(isHandled);
    }
    this.#sawEnd = true;
  }

  #takeSegment(code: number, body: Uint8Array): void {
    const view = new DataView(body.buffer);
    if (isStartOfFrame(code)) this.#startFrame(code, view);
    else if (code === marker.startOfScan) this.#startScan(view);
    else if (code === marker.jfif) this.#jfif ||= isNamed(body, "JFIF");
    else if (code === marker.adobe) this.#adobeTransform ??= readAdobeTransform(body);
    else if (code === marker.exif) {
      if (this.#oriented || !isNamed(body, exifHeader)) return;
      this.#oriented = true;
      this.orientation = readOrientation(body.subarray(exifHeader.length));
      return;
    } else {
      this.#tables.read(code, body);
      // jpeg-js applies the last quantization tables of a file to all of it.
      if (code === marker.quantizationTables && this.#frame?.components.some(({ step }) => step !== null) === true) {
        this.#small = null;
      }
    }
    if (code < marker.jfif) this.#small?.addSegment(code, body);
    if (this.#small?.spoilt === true) this.#small = null;
  }

  #startFrame(code: number, view: DataView): void {
    if (this.#frame !== null) throw new UnreadableImage("a second frame header");
    this.size = sizeOf(view.getUint16(3), view.getUint16(1));
    const { maxPixels, smallJpegPixels } = this.#limits;
    this.#frame = readFrame(code, view, maxPixels);
    if (Math.max(this.#frame.width, this.#frame.height) >= smallJpegPixels) this.#small = null;
  }

  /** Scans of AC coefficients, refinements and repetitions are passed over. */
  #startScan(view: DataView): void {
    const frame = this.#frame;
    if (frame === null) throw new UnreadableImage("a scan before the frame header");
    this.#entropy.clear();
    const { components, bringsDc, lowBit } = readScanHeader(frame, view);
    if (!bringsDc) return;
    const parts = components.map(({ component, dcTable, acTable }) => {
      component.step = this.#tables.dcStep(component.quantizationTable);
      component.missingBits = lowBit;
      return {
        component,
        dcTable: this.#tables.dcTable(dcTable),
        acTable: frame.progressive ? null : this.#tables.acTable(acTable),
      };
    });
    this.#scan = new ScanDecoder(frame, parts, this.#tables.restartInterval);
    this.#fuel.spend(this.#scan.blockCount * work.block);
  }

  /** Decodes or passes over a scan up to the marker that ends it, or to where nothing more is wanted of it. */
  #scanRun(end: (code: number) => void): Run {
    const entropy = this.#entropy;
    return (bytes, from) => {
      for (let at = from; at < bytes.length;) {
        const keep = this.#scan?.finished === false;
        const { prefixes } = entropy;
        const to = entropy.read(bytes, at, keep);
        this.#fuel.spend((keep ? (to - at) * work.byte : 0) + (entropy.prefixes - prefixes) * work.prefix);
        this.#small?.add(bytes.subarray(at, to));
        at = to;
        if (entropy.marker !== null && isRestart(entropy.marker)) {
          this.#fuel.spend(work.restart);
          this.#scan?.decode(entropy, true);
          this.#scan?.restart(entropy.marker & 7);
        } else if (entropy.marker !== null) {
          end(entropy.marker);
          this.#endScan();
          return at;
        } else if (entropy.full) this.#scan?.decode(entropy, false);
        if (this.#small === null && this.#allScanned && this.#scan?.finished === true) return at;
      }
      return -1;
    };
  }

  #endScan(): void {
    this.#scan?.decode(this.#entropy, true);
    this.#scan?.end();
    if (this.#scan?.damaged === true) this.#damaged = true;
    this.#scan = null;
  }
}

/** A marker that has a length, or the end. */
function isHandled(code: number): boolean {
  return code > 0x01 && !isRestart(code) && code !== marker.startOfImage;
}
