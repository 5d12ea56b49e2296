/**
 * Reads a PNG's size, orientation and a sampled picture as its bytes pass. Of an animation it reads the default
 * picture. CRCs are not checked.
 */
import { createFuel } from "../fuel.ts";
import type { Grid } from "../grid.ts";
import { readOrientation } from "../orientation.ts";
import { sizeOf, UnreadableImage, type ImageLimits, type Sampler } from "../sampler.ts";
import { createWalkSampler, type Facts } from "../structure/walk-sampler.ts";
import { bytesOf, passOver, skip, type Walk } from "../structure/walk.ts";
import { soleSeat } from "../../admission/turns.ts";
import { maxProfileBytes } from "../color/icc-profile.ts";
import type { ToSrgb } from "../color/to-srgb.ts";
import type { ThumbnailDraft } from "../thumbnail/thumbnail.ts";
import { checksumBytes, chunkHeadAt, headerBytes, maxPaletteBytes, takeSignature } from "./chunks.ts";
import { colorChunkBytes, colorsOf } from "./color-chunks.ts";
import { readPngHeader } from "./header.ts";
import { openInflater, type Inflater } from "./inflater.ts";
import type { PngColors } from "./pixel-picker.ts";
import { planRows, RowReader, type RowPlan } from "./row-reader.ts";

/**
 * IDAT chunks often hold 8 KiB. They are inflated in batches, because every call of the native inflater costs as much
 * as a few thousand bytes, and always cut at the same bytes.
 */
const maxBatchBytes = 131_072;
const minBatchBytes = 4096;
/** Bytes that a call of the inflater hands over, for each of a batch: fewer where rows are so short that these take the time. */
const outputFactor = 4;
const shortOutputFactor = 2;
const shortRowBytes = 512;
/** Work units; see `ImageLimits`. */
const compressedByteWork = 0.25;
/** For turns only. */
const chunkWork = 200;

/**
 * Deflate makes pixels longer by an eighth at most: where each takes nine bits, as half of them do in fixed codes. A
 * stream whose output falls more than this many bytes short of that holds empty blocks, which cost a hundred times as
 * much as others.
 */
const mostGrowth = 9 / 8;
const maxHollowBytes = 65_536;

/** What a sampled pixel counts for among a row's bytes. Only interlaced pictures have more than a few hundred of them. */
const sampleBytes = 16;

/** Chunks that are looked at, with the most bytes that they may have; longer ones are passed over. */
const wantedBytes: ReadonlyMap<string, number> = new Map([
  ["IHDR", headerBytes],
  ["acTL", 8],
  ["iCCP", 32_768],
  ...colorChunkBytes,
  ["PLTE", maxPaletteBytes],
  ["tRNS", 256],
  ["eXIf", 65536],
  ["CgBI", 4],
]);

/** A sampler for one PNG file. */
export function createPngSampler(limits: ImageLimits, seat = soleSeat, draft?: ThumbnailDraft): Sampler {
  const spend = createFuel(limits.maxWork, seat);
  let applePrivate = false;
  /** Null before the header, and for a picture that is not sampled. */
  let plan: RowPlan | null = null;
  let toSrgb: ToSrgb | null = null;
  const colors: PngColors = { palette: null, transparency: null };
  /** What says which colours the values mean. */
  const space = new Map<string, Uint8Array>();
  let rows: RowReader | null = null;
  let inflater: Inflater | null = null;
  let batch = new Uint8Array(0);
  let batched = 0;
  let compressedBytes = 0;

  function* walk(facts: Facts): Walk {
    yield* takeSignature();
    for (;;) {
      seat.count(chunkWork);
      const { name, length } = chunkHeadAt(yield 8);
      if (name === "") throw new UnreadableImage("no chunk");
      if (name === "IEND") return;
      if (facts.size === null && name !== "IHDR" && name !== "CgBI") {
        throw new UnreadableImage("a chunk before IHDR");
      }
      if (name === "IDAT" && inflater?.closed !== true) yield* takePixels(facts, length);
      else if (length > (wantedBytes.get(name) ?? -1)) yield skip(length + checksumBytes);
      else {
        const body = bytesOf(yield length + checksumBytes, length);
        if (name === "iCCP") yield takeProfile(body);
        else takeChunk(facts, name, body);
      }
    }
  }

  /** Inflates what may be needed of a profile, and only where colours are wanted. */
  async function takeProfile(body: Uint8Array): Promise<void> {
    if (plan === null || rows !== null || space.has("iCCP")) return;
    const profile = new Uint8Array(maxProfileBytes);
    let filled = 0;
    const unpacker = await openInflater(
      maxProfileBytes,
      (inflated) => {
        const part = inflated.subarray(0, profile.length - filled);
        profile.set(part, filled);
        filled += part.length;
        return filled === profile.length;
      },
      seat,
    );
    // A name of Latin-1 that ends with zero, and the method of compression, of which there is one.
    await unpacker.write(body.subarray(body.indexOf(0) + 2));
    unpacker.close();
    space.set("iCCP", profile.subarray(0, filled));
  }

  function takeChunk(facts: Facts, name: string, body: Uint8Array): void {
    if (name === "CgBI") applePrivate = true;
    else if (name === "IHDR") takeHeader(facts, new DataView(body.buffer));
    else if (name === "PLTE") colors.palette = body;
    else if (colorChunkBytes.has(name)) {
      const isFirst = rows === null && !space.has(name);
      if (isFirst && body.length === colorChunkBytes.get(name)) space.set(name, body);
    } else if (name === "acTL") facts.animated ??= framesOf(body) > 1;
    else if (name === "eXIf") facts.orientation = readOrientation(body);
    // What comes after the pixels has no meaning (11.3.1.1).
    else if (facts.hasAlpha !== false) {
      colors.transparency = body;
      facts.hasAlpha = true;
    }
  }

  /** A picture that is not sampled keeps its size, and is followed on for its orientation. */
  function takeHeader(facts: Facts, view: DataView): void {
    if (facts.size !== null) throw new UnreadableImage("a second header");
    const [width, height] = [view.getUint32(0), view.getUint32(4)];
    facts.size = sizeOf(width, height);
    const header = readPngHeader(view);
    if (header.hasAlpha) facts.hasAlpha = true;
    const { maxPixels, maxWork, maxRowBytes } = limits;
    const planned = planRows(header, draft?.start(header) === true);
    if (applePrivate) facts.fault = "Apple's private variant of PNG";
    else if (width * height > maxPixels) facts.fault = `more than ${maxPixels} pixels`;
    else if (Math.max(planned.rowBytes, planned.samples * sampleBytes) > maxRowBytes)
      facts.fault = `rows of more than ${maxRowBytes} bytes`;
    else if (planned.work > maxWork) facts.fault = `more than ${maxWork} units of work`;
    else {
      spend(planned.work, 0);
      plan = planned;
    }
  }

  function* takePixels(facts: Facts, bytes: number): Walk {
    facts.hasAlpha ??= false;
    facts.animated ??= false;
    if (plan !== null && inflater === null) yield open(plan);
    let left = bytes;
    for (;;) {
      // It may close with every batch.
      const room = inflater?.closed === false ? Math.min(left, batch.length - batched) : 0;
      if (room === 0) break;
      yield passOver(room, (chunk, from, to) => {
        spend((to - from) * compressedByteWork, 0);
        batch.set(chunk.subarray(from, to), batched);
        batched += to - from;
      });
      left -= room;
      if (batched === batch.length) yield inflateBatch();
    }
    yield skip(left + checksumBytes);
  }

  async function open(plan: RowPlan): Promise<void> {
    toSrgb = colorsOf(space, plan.header.isColor);
    const reader = new RowReader(plan, colors, seat, draft?.png(plan.header, colors, toSrgb, spend));
    // What is inflated beyond the last row that is wanted is wasted, so a short picture gets short batches.
    const batchBytes = Math.max(minBatchBytes, Math.min(maxBatchBytes, plan.inflatedBytes >> 2));
    rows = reader;
    batch = new Uint8Array(batchBytes);
    const factor = plan.rowBytes < shortRowBytes ? shortOutputFactor : outputFactor;
    inflater = await openInflater(batchBytes * factor, (inflated) => reader.push(inflated), seat);
  }

  async function inflateBatch(): Promise<void> {
    const bytes = batch.subarray(0, batched);
    batched = 0;
    if (bytes.length === 0 || inflater === null || inflater.closed) return;
    await inflater.write(bytes);
    compressedBytes += bytes.length;
    if (compressedBytes > (rows?.takenBytes ?? 0) * mostGrowth + maxHollowBytes && !inflater.closed) {
      inflater.close();
      throw new UnreadableImage("compressed bytes that hold nothing");
    }
  }

  async function finish(facts: Facts): Promise<Grid | null> {
    await inflateBatch();
    await inflater?.end();
    if (facts.fault === null && (rows === null || rows.sampledRows === 0)) {
      facts.fault = rows?.damaged === true ? "a filter that PNG lacks" : "no row of pixels could be read";
    }
    return facts.fault === null ? (rows?.toGrid(toSrgb) ?? null) : null;
  }

  return createWalkSampler(walk, finish, () => inflater?.close());
}

/** The frames that an acTL chunk announces. */
function framesOf(body: Uint8Array): number {
  return body.length >= 4 ? new DataView(body.buffer).getUint32(0) : 0;
}
