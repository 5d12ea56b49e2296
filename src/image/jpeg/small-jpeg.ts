// oxlint-disable-next-line typescript/triple-slash-reference -- The module has no types to import.
/// <reference path="./jpeg-js-decoder.d.ts" />
/**
 * Decodes a small JPEG in full, because its 1:8 picture would be too coarse. Collects only what the sampler has understood:
 * tables, headers and scans, so that the decoder (jpeg-js) and the sampler cannot see two different pictures.
 */
import decodeJpeg from "jpeg-js/lib/decoder.js";
import { CellAverage, createAxis } from "../cell-average.ts";
import { gridSize, type Grid } from "../grid.ts";
import { gridFromAverage } from "../grid-from-average.ts";
import type { ColorModel, Frame } from "./frame.ts";
import { marker } from "./segment-reader.ts";

/**
 * jpeg-js visits every block in every scan, whatever the file's length, and a scan takes a dozen bytes: without a limit, one
 * megabyte could hold the CPU for a minute. Encoders write a dozen scans at most.
 */
const maxScans = 32;
/** What jpeg-js counts for 512 × 512 in four components is 7 MB. */
const maxDecoderMegabytes = 16;

/** Holds the bytes of one small picture, and gives up when there are too many. */
export class SmallJpeg {
  #bytes: Uint8Array;
  #length = 0;
  #scans = 0;
  #spoilt = false;
  readonly #maxBytes: number;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
    this.#bytes = new Uint8Array(Math.min(16384, maxBytes));
    this.#append(Uint8Array.of(0xff, marker.startOfImage));
  }

  /** Whether the picture can no longer be decoded in full: nothing needs to be added any more. */
  get spoilt(): boolean {
    return this.#spoilt;
  }

  /** Adds a marker segment. */
  addSegment(code: number, body: Uint8Array): void {
    const length = body.length + 2;
    this.#append(Uint8Array.of(0xff, code, length >> 8, length & 255));
    this.#append(body);
    if (code === marker.startOfScan && ++this.#scans > maxScans) this.spoil();
  }

  /** Adds the frame header. A lone component's sampling factors mean nothing, but jpeg-js would pad its blocks by them. */
  addFrame(code: number, body: Uint8Array): void {
    const isGray = body[5] === 1;
    this.addSegment(code, isGray ? body.with(7, 0x11) : body);
  }

  /** Adds entropy-coded bytes as they are in the file. */
  addScanBytes(bytes: Uint8Array): void {
    this.#append(bytes);
  }

  /** Takes back the marker that ended a scan, with its fill bytes: it comes again as a segment. */
  endScan(): void {
    if (this.#spoilt) return;
    this.#length--;
    while (this.#bytes[this.#length - 1] === 0xff) this.#length--;
  }

  /** Gives up: the picture is not small, or not one that should be decoded twice. */
  spoil(): void {
    this.#spoilt = true;
    this.#bytes = new Uint8Array(0);
    this.#length = 0;
  }

  /** Null when the picture is not one for jpeg-js, or jpeg-js refuses it. The caller saw its end, and no damage. */
  decode(frame: Frame, model: ColorModel): Grid | null {
    if (this.#spoilt || !isForJpegJs(frame, model)) return null;
    if (frame.components.length === 4) this.#addAdobeSegment(model === "inverted-ycck" ? 2 : 0);
    this.#append(Uint8Array.of(0xff, marker.endOfImage));
    try {
      const { data } = decodeJpeg(this.#bytes.subarray(0, this.#length), {
        useTArray: true,
        formatAsRGBA: true,
        // Strictly, jpeg-js stumbles over a last restart interval that is not full.
        tolerantDecoding: true,
        colorTransform: model === "ycc" || model === "inverted-ycck",
        maxResolutionInMP: (frame.width * frame.height) / 1e6,
        maxMemoryUsageInMB: maxDecoderMegabytes,
      });
      return reduce(frame, data);
    } catch {
      return null;
    }
  }

  #addAdobeSegment(transform: number): void {
    this.addSegment(marker.adobe, Uint8Array.of(...new TextEncoder().encode("Adobe"), 0, 100, 0, 0, 0, 0, transform));
  }

  #append(bytes: Uint8Array): void {
    if (this.#spoilt) return;
    const length = this.#length + bytes.length;
    if (length > this.#maxBytes) {
      this.spoil();
      return;
    }
    if (length > this.#bytes.length) {
      const larger = new Uint8Array(Math.min(this.#maxBytes, Math.max(length, this.#bytes.length * 2)));
      larger.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = larger;
    }
    this.#bytes.set(bytes, this.#length);
    this.#length = length;
  }
}

/** jpeg-js takes every file for 8 bits, every CMYK for Adobe's, and rounds the blocks of odd sampling ratios differently. */
function isForJpegJs({ precisionBits, components, maxAcross, maxDown }: Frame, model: ColorModel): boolean {
  return (
    precisionBits === 8 &&
    model !== "cmyk" &&
    components.every(({ across, down }) => maxAcross % across === 0 && maxDown % down === 0)
  );
}

function reduce({ width, height }: Frame, rgba: Uint8Array): Grid {
  const { columns, rows } = gridSize(width, height, width, height);
  const average = new CellAverage(createAxis(width, 1, columns), createAxis(height, 1, rows), 4);
  const line = new Float32Array(width * 4);
  for (let y = 0; y < height; y++) {
    line.set(rgba.subarray(y * width * 4, (y + 1) * width * 4));
    average.addRow(line, 0, y, width);
  }
  return gridFromAverage(average);
}
