// oxlint-disable-next-line typescript/triple-slash-reference -- The module has no types to import.
/// <reference path="./jpeg-js-decoder.d.ts" />
/**
 * Decodes a small JPEG in full, because its 1:8 picture would be too coarse. Collects only what the sampler has
 * understood (tables, headers and scans), so that the decoder (jpeg-js) and the sampler cannot see two different
 * pictures.
 */
import decodeJpeg from "jpeg-js/lib/decoder.js";
import { gridFromPixels } from "../grid-from-average.ts";
import { gridSize, type Grid } from "../grid.ts";
import type { ToSrgb } from "../color/to-srgb.ts";
import { yccToRgb, type ColorModel } from "./color-model.ts";
import type { Frame } from "./frame.ts";
import * as marker from "./marker.ts";
import { standardTables } from "./standard-tables.ts";

/**
 * jpeg-js visits every block in every scan, whatever the file's length, and a scan takes a dozen bytes: without a limit, one
 * megabyte could hold the CPU for a minute. Encoders write a dozen scans at most.
 */
const maxScans = 32;
/** jpeg-js counts 7 MB for 512 × 512 pixels in four components. */
const maxDecoderMegabytes = 16;

/** "Adobe". */
const adobeName = [65, 100, 111, 98, 101];

/** Holds the bytes of one small picture, and gives up when there are too many. */
export interface SmallJpeg {
  /** Whether the picture can no longer be decoded in full: nothing needs to be added any more. */
  isSpoilt(): boolean;
  /** Adds a marker segment. */
  addSegment(code: number, body: Uint8Array): void;
  /** Adds entropy-coded bytes as they are in the file. */
  add(bytes: Uint8Array): void;
  /** Takes back the marker that ended a scan, with its fill bytes: it comes again as a segment. */
  endScan(): void;
  /** Null when the picture is not one for jpeg-js, or jpeg-js refuses it. The caller saw its end, and no damage. */
  decode(frame: Frame, model: ColorModel, toSrgb: ToSrgb | null): Grid | null;
}

export function createSmallJpeg(maxBytes: number): SmallJpeg {
  const buffer = new ArrayBuffer(0, { maxByteLength: maxBytes });
  let isSpoilt = false;
  let scans = 0;

  function add(bytes: Uint8Array): void {
    const { byteLength } = buffer;
    const length = byteLength + bytes.length;
    if (length > maxBytes) isSpoilt = true;
    if (isSpoilt) return;
    buffer.resize(length);
    new Uint8Array(buffer).set(bytes, byteLength);
  }

  function addSegment(code: number, body: Uint8Array): void {
    const length = body.length + 2;
    add(Uint8Array.of(0xff, code, length >> 8, length & 255));
    // A lone component's sampling factors mean nothing, but jpeg-js would pad its blocks by them.
    add(code <= marker.startOfFrame + 2 && body[5] === 1 ? body.with(7, 0x11) : body);
    if (code === marker.startOfScan && ++scans > maxScans) isSpoilt = true;
  }

  add(Uint8Array.of(0xff, marker.startOfImage));
  addSegment(marker.huffmanTables, standardTables);
  return {
    isSpoilt: () => isSpoilt,
    addSegment,
    add,
    endScan() {
      const bytes = new Uint8Array(buffer);
      let length = bytes.length - 1;
      while (bytes[length - 1] === 0xff) length--;
      if (!isSpoilt) buffer.resize(length);
    },
    decode({ width, height, precisionBits, components, maxAcross, maxDown }, { isYcc }, toSrgb) {
      // jpeg-js takes every file for 8 bits, and rounds the blocks of odd sampling ratios differently.
      const isEven = components.every(({ across, down }) => maxAcross % across === 0 && maxDown % down === 0);
      if (precisionBits !== 8 || !isEven) return null;
      const isInk = components.length === 4;
      if (isInk) addSegment(marker.adobe, Uint8Array.of(...adobeName, 0, 100, 0, 0, 0, 0, isYcc ? 2 : 0));
      add(Uint8Array.of(0xff, marker.endOfImage));
      if (isSpoilt) return null;
      try {
        const { data } = decodeJpeg(new Uint8Array(buffer.slice()), {
          useTArray: true,
          formatAsRGBA: true,
          // Strictly, jpeg-js stumbles over a last restart interval that is not full.
          tolerantDecoding: true,
          // It cuts off the fractions of the colours that it makes.
          colorTransform: isInk && isYcc,
          maxResolutionInMP: (width * height) / 1e6,
          maxMemoryUsageInMB: maxDecoderMegabytes,
        });
        const rgba = isYcc && !isInk ? transform(data) : data;
        return gridFromPixels(width, height, rgba, gridSize(width, height, width, height), toSrgb);
      } catch {
        return null;
      }
    },
  };
}

/** Each pixel as a viewer shows it, in whole numbers. */
function transform(ycc: Uint8Array): Uint8ClampedArray {
  const values = Float32Array.from(ycc);
  for (let at = 0; at < values.length; at += 4) yccToRgb(values, at);
  return new Uint8ClampedArray(values);
}
