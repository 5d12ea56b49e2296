/**
 * Reads a GIF's size and samples its first frame as its bytes pass (GIF89a), then reads on until it is clear whether
 * there is a second, and whether any frame shows what is behind the picture.
 */
import { createFuel } from "../fuel.ts";
import type { Grid } from "../grid.ts";
import { sizeOf, UnreadableImage, type ImageLimits, type Sampler } from "../sampler.ts";
import { createWalkSampler, type Facts } from "../structure/walk-sampler.ts";
import { skip, type ReadRequest, type Run, type Walk } from "../structure/walk.ts";
import { soleSeat } from "../../admission/turns.ts";
import type { ThumbnailDraft } from "../thumbnail/thumbnail.ts";
import {
  extensionBlock,
  graphicControl,
  graphicControlBytes,
  imageBlock,
  trailerBlock,
  colorTableBytes,
  descriptorBytes,
  headBytes,
  readSubBlocks,
} from "./blocks.ts";
import { createFrameReader, type FrameReader } from "./frame-reader.ts";

const interlaceFlag = 0x40;
/** What becomes of a frame when the next one comes: the background is transparent. The third is what was before the frame. */
const toBackground = 2;
const toPrevious = 3;
const maxPixelBits = 8;
/** In the first frame few bytes can stand for many pixels, up to 2700 each. */
const pieceBytes = 512;
/** For turns only: a sub-block that is passed over. */
const subBlockWork = 10;
/** Frames that are looked at. */
const maxFrames = 10_000;

/** A sampler for one GIF file. */
export function createGifSampler(
  { maxPixels, maxWork }: ImageLimits,
  seat = soleSeat,
  draft?: ThumbnailDraft,
): Sampler {
  let frame: FrameReader | null = null;

  function* walk(facts: Facts): Walk {
    const head = yield headBytes;
    facts.size = sizeOf(head.getUint16(6, true), head.getUint16(8, true));
    const globalPalette = yield* takePalette(head.getUint8(10));
    let transparent: number | null = null;
    let disposal = 0;
    let isCleared = false;
    for (let frames = 0; frames < maxFrames && (facts.animated !== true || facts.hasAlpha !== true);) {
      const kind = (yield 1).getUint8(0);
      if (kind === extensionBlock) {
        if ((yield 1).getUint8(0) === graphicControl) {
          const control = yield 1 + graphicControlBytes;
          if (control.getUint8(0) !== graphicControlBytes) return;
          const packed = control.getUint8(1);
          transparent = (packed & 1) === 1 ? control.getUint8(4) : null;
          disposal = (packed >> 2) & 7;
        }
        yield passSubBlocks();
        continue;
      }
      if (kind === imageBlock && frames === 0) {
        yield* readFrame(facts, globalPalette, transparent);
        sampler.pieceBytes = undefined;
      } else if (kind === imageBlock) {
        facts.animated = true;
        facts.hasAlpha ||= isCleared;
        yield skip(colorTableBytes((yield descriptorBytes).getUint8(8)) + 1);
        yield passSubBlocks();
      } else {
        // Anything else that is not a trailer is garbage, at which every reader stops.
        if (kind === trailerBlock) facts.animated ??= false;
        return;
      }
      isCleared = disposal === toBackground || (disposal === toPrevious && frames === 0);
      [transparent, disposal] = [null, 0];
      frames++;
    }
  }

  const passSubBlocks = (): Run => readSubBlocks(() => seat.count(subBlockWork));

  function* readFrame(facts: Facts, globalPalette: Uint8Array, transparent: number | null): Walk {
    const descriptor = yield descriptorBytes;
    const left = descriptor.getUint16(0, true);
    const top = descriptor.getUint16(2, true);
    const width = descriptor.getUint16(4, true);
    const height = descriptor.getUint16(6, true);
    const packed = descriptor.getUint8(8);
    if (width === 0 || height === 0) throw new UnreadableImage("a frame of no pixels");
    // A frame that overruns the screen widens it, as decoders do.
    const screen = {
      width: Math.max(facts.size?.width ?? 0, left + width),
      height: Math.max(facts.size?.height ?? 0, top + height),
    };
    facts.size = screen;
    facts.hasAlpha = transparent !== null || width < screen.width || height < screen.height;
    const localPalette = yield* takePalette(packed);
    const palette = localPalette.length > 0 ? localPalette : globalPalette;
    const pixelBits = (yield 1).getUint8(0);
    if (screen.width * screen.height > maxPixels) facts.fault = `more than ${maxPixels} pixels`;
    else if (palette.length === 0) facts.fault = "no colour table";
    else if (pixelBits === 0 || pixelBits > maxPixelBits) facts.fault = "a code size that GIF lacks";
    else {
      const interlaced = (packed & interlaceFlag) !== 0;
      const place = { screen, left, top, width, height, interlaced, colors: { palette, transparent } };
      frame = createFrameReader(place, pixelBits, createFuel(maxWork, seat), draft);
    }
    yield readSubBlocks((bytes, from, to) => frame?.read(bytes, from, to));
  }

  function finish(facts: Facts): Grid | null {
    const grid = frame?.end() ?? null;
    if (grid === null) facts.fault ??= "no row of pixels could be read";
    return grid;
  }

  const sampler: Sampler & { pieceBytes: number | undefined } = Object.assign(createWalkSampler(walk, finish), {
    pieceBytes,
  });
  return sampler;
}

/** Takes the colour table that a packed field announces; empty when it announces none. */
function* takePalette(packed: number): Generator<ReadRequest, Uint8Array, DataView> {
  const bytes = colorTableBytes(packed);
  const view = yield bytes;
  return new Uint8Array(view.buffer, 0, bytes).slice();
}
