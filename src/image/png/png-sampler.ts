/**
 * Reads a PNG's size, orientation and a sampled picture as its bytes pass. It puts the parts of this folder together; an
 * animation shows its default picture. CRCs are not checked.
 */
import { Fuel } from "../fuel.ts";
import type { Grid } from "../grid.ts";
import { readOrientation } from "../orientation.ts";
import { sizeOf, UnreadableImage, type ImageLimits, type Sampler, type StoredSize } from "../sampler.ts";
import { bytesOf, Follower, passOver, skip, type Walk } from "../structure/walk.ts";
import { checksumBytes, chunkHeadAt, headerBytes, maxPaletteBytes, takeSignature } from "./chunks.ts";
import { readPngHeader } from "./header.ts";
import { openInflater, type Inflater } from "./inflater.ts";
import { planRows, RowReader, type RowPlan } from "./row-reader.ts";

/**
 * IDAT chunks often hold 8 KiB. They are inflated in batches, because every call of the native inflater costs as much as a few
 * thousand bytes, and always cut at the same bytes.
 */
const maxBatchBytes = 524_288;
const minBatchBytes = 4096;
/** Work units; see `ImageLimits`. */
const compressedByteWork = 0.25;

/**
 * Deflate never makes pixels much longer than they are. A stream that has not given at least as many bytes as it took, this
 * many aside, holds blocks of nothing, which cost a hundred times as much as others.
 */
const maxHollowBytes = 65_536;

/** Each takes 26 bytes while the picture is read. Only interlaced ones have more than a few hundred along a side. */
const maxSamples = 65_536;

/** Chunks that are looked at, with the most bytes that they may have; longer ones are passed over. */
const wantedBytes: ReadonlyMap<string, number> = new Map([
  ["IHDR", headerBytes],
  ["acTL", 8],
  ["PLTE", maxPaletteBytes],
  ["tRNS", 256],
  ["eXIf", 65536],
  ["CgBI", 4],
]);

/** A sampler for one PNG file. */
export function createPngSampler(limits: ImageLimits): Sampler {
  return new PngSampler(limits);
}

class PngSampler implements Sampler {
  size: StoredSize | null = null;
  orientation = 1;
  hasAlpha: boolean | null = null;
  animated: boolean | null = null;
  fault: string | null = null;
  readonly #limits: ImageLimits;
  readonly #fuel: Fuel;
  readonly #follower = new Follower(this.#walk());
  #applePrivate = false;
  /** Null before the header, and for a picture that is not sampled. */
  #plan: RowPlan | null = null;
  #palette: Uint8Array | null = null;
  #transparency: Uint8Array | null = null;
  #rows: RowReader | null = null;
  #inflater: Inflater | null = null;
  #batch = new Uint8Array(0);
  #batched = 0;
  #compressedBytes = 0;

  constructor(limits: ImageLimits) {
    this.#limits = limits;
    this.#fuel = new Fuel(limits.maxWork);
  }

  async push(bytes: Uint8Array): Promise<boolean> {
    const follower = this.#follower;
    try {
      for (let at = 0; at < bytes.length && !follower.ended;) {
        at = follower.push(bytes, at);
        await follower.pause;
        follower.pause = null;
      }
    } catch (error) {
      this.#inflater?.close();
      throw error;
    }
    return follower.ended;
  }

  async finish(): Promise<Grid | null> {
    await this.#inflateBatch();
    await this.#inflater?.end();
    if (this.fault === null && (this.#rows === null || this.#rows.sampledRows === 0)) {
      this.fault =
        this.#rows?.damaged === true ? "a row with a filter that PNG lacks" : "no row of pixels could be read";
    }
    return this.fault === null ? (this.#rows?.toGrid() ?? null) : null;
  }

  *#walk(): Walk {
    yield* takeSignature();
    for (;;) {
      const { name, length } = chunkHeadAt(yield 8);
      if (name === "") throw new UnreadableImage("bytes that are no chunk");
      if (name === "IEND") return;
      if (name === "IDAT" && this.#inflater?.closed !== true) yield* this.#takePixels(length);
      else if (length > (wantedBytes.get(name) ?? -1)) yield skip(length + checksumBytes);
      else this.#takeChunk(name, bytesOf(yield length + checksumBytes, length));
    }
  }

  #takeChunk(name: string, body: Uint8Array): void {
    if (name === "CgBI") this.#applePrivate = true;
    else if (name === "IHDR") this.#takeHeader(new DataView(body.buffer));
    else if (this.size === null) throw new UnreadableImage("a chunk before the header");
    else if (name === "PLTE") this.#palette = body;
    else if (name === "acTL") this.animated ??= framesOf(body) > 1;
    else if (name === "eXIf") this.orientation = readOrientation(body);
    // What comes after the pixels has no meaning (11.3.1.1).
    else if (this.hasAlpha !== false) {
      this.#transparency = body;
      this.hasAlpha = true;
    }
  }

  /** A picture that is not sampled keeps its size, and is followed on for its orientation. */
  #takeHeader(view: DataView): void {
    if (this.size !== null) throw new UnreadableImage("a second header");
    const [width, height] = [view.getUint32(0), view.getUint32(4)];
    this.size = sizeOf(width, height);
    const header = readPngHeader(view);
    if (header.hasAlpha) this.hasAlpha = true;
    const { maxPixels, maxWork, maxRowBytes } = this.#limits;
    const plan = planRows(header);
    if (this.#applePrivate) this.fault = "Apple's private variant of PNG";
    else if (width * height > maxPixels) this.fault = `more than ${maxPixels} pixels`;
    else if (plan.samples > maxSamples) this.fault = `more than ${maxSamples} interlaced pixels along a side`;
    else if (plan.rowBytes > maxRowBytes) this.fault = `rows of more than ${maxRowBytes} bytes`;
    else if (plan.work > maxWork) this.fault = `more than ${maxWork} units of work`;
    else {
      this.#fuel.spend(plan.work);
      this.#plan = plan;
    }
  }

  *#takePixels(bytes: number): Walk {
    if (this.size === null) throw new UnreadableImage("pixels before the header");
    this.hasAlpha ??= false;
    this.animated ??= false;
    if (this.#plan !== null && this.#inflater === null) yield this.#openInflater(this.#plan);
    let left = bytes;
    while (left > 0 && this.#inflater?.closed === false) {
      const room = Math.min(left, this.#batch.length - this.#batched);
      yield passOver(room, (chunk, from, to) => {
        this.#fuel.spend((to - from) * compressedByteWork);
        this.#batch.set(chunk.subarray(from, to), this.#batched);
        this.#batched += to - from;
      });
      left -= room;
      if (this.#batched === this.#batch.length) yield this.#inflateBatch();
    }
    yield skip(left + checksumBytes);
  }

  async #openInflater(plan: RowPlan): Promise<void> {
    const rows = new RowReader(plan, { palette: this.#palette, transparency: this.#transparency });
    this.#rows = rows;
    // What is inflated beyond the last row that is wanted is wasted, so a short picture gets short batches.
    const batchBytes = Math.max(minBatchBytes, Math.min(maxBatchBytes, plan.inflatedBytes >> 2));
    this.#batch = new Uint8Array(batchBytes);
    this.#inflater = await openInflater(batchBytes, (inflated) => rows.push(inflated));
  }

  async #inflateBatch(): Promise<void> {
    const batch = this.#batch.subarray(0, this.#batched);
    this.#batched = 0;
    if (batch.length === 0 || this.#inflater === null || this.#inflater.closed) return;
    await this.#inflater.write(batch);
    this.#compressedBytes += batch.length;
    const inflatedBytes = this.#rows?.takenBytes ?? 0;
    if (this.#compressedBytes > inflatedBytes * 1.01 + maxHollowBytes && !this.#inflater.closed) {
      throw new UnreadableImage("compressed bytes that hold nothing");
    }
  }
}

/** The frames that an acTL chunk announces. */
function framesOf(body: Uint8Array): number {
  return body.length >= 4 ? new DataView(body.buffer).getUint32(0) : 0;
}
