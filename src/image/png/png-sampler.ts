/**
 * Reads a PNG's size, orientation and a sampled picture as its bytes pass. It puts the parts of this folder together; an
 * animation shows its default picture.
 */
import { Fuel } from "../fuel.ts";
import type { Grid } from "../grid.ts";
import { readOrientation } from "../orientation.ts";
import { UnreadableImage, type ImageLimits, type Sampler, type StoredSize } from "../sampler.ts";
import { ChunkReader, chunkType, type Chunk } from "./chunk-reader.ts";
import { hasAlphaChannel, readPngHeader, readPngSize } from "./header.ts";
import { openInflater, type Inflater } from "./inflater.ts";
import { planRows, RowReader, type RowPlan } from "./row-reader.ts";

/**
 * IDAT chunks often hold 8 KiB. They are inflated in batches, because every call of the native inflater costs as much as a few
 * thousand bytes, and always cut at the same bytes.
 */
const maxBatchBytes = 524_288;
const minBatchBytes = 4096;
/** Work units; see `ImageLimits`. */
const work = { compressedByte: 0.25, chunk: 60 } as const;

/**
 * Deflate never makes pixels much longer than they are. A stream that has not given at least as many bytes as it took, this
 * many aside, holds blocks of nothing, which cost a hundred times as much as others.
 */
const maxHollowBytes = 65_536;

/** Each takes 26 bytes while the picture is read. Only interlaced ones have more than a few hundred along a side. */
const maxSamples = 65_536;

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
  readonly #chunks = new ChunkReader();
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
  #ended = false;

  constructor(limits: ImageLimits) {
    this.#limits = limits;
    this.#fuel = new Fuel(limits.maxWork);
  }

  async push(bytes: Uint8Array): Promise<boolean> {
    try {
      for (let at = 0; at < bytes.length && !this.#ended;) {
        const { chunks } = this.#chunks;
        at = this.#chunks.read(bytes, at);
        this.#fuel.spend((this.#chunks.chunks - chunks) * work.chunk);
        if (this.#chunks.chunk !== null) this.#takeChunk(this.#chunks.chunk);
        else if (this.#chunks.pixels !== null) await this.#takePixels(this.#chunks.pixels);
      }
    } catch (error) {
      this.#inflater?.close();
      throw error;
    }
    return this.#ended;
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

  #takeChunk({ type, body }: Chunk): void {
    if (type === chunkType.applePrivate) this.#applePrivate = true;
    else if (type === chunkType.header) this.#takeHeader(body);
    else if (this.size === null) throw new UnreadableImage("a chunk before the header");
    else if (type === chunkType.palette) this.#palette = body;
    else if (type === chunkType.transparency) this.#takeTransparency(body);
    else if (type === chunkType.animation) this.animated ??= framesOf(body) > 1;
    else if (type === chunkType.exif) this.orientation = readOrientation(body);
    else if (type === chunkType.end) this.#ended = true;
  }

  /** What comes after the pixels has no meaning (11.3.1.1). */
  #takeTransparency(body: Uint8Array): void {
    if (this.hasAlpha === false) return;
    this.#transparency = body;
    this.hasAlpha = true;
  }

  /** A picture that is not sampled keeps its size, and is followed on for its orientation. */
  #takeHeader(body: Uint8Array): void {
    if (this.size !== null) throw new UnreadableImage("a second header");
    const { width, height } = readPngSize(body);
    if (width > 0 && height > 0) this.size = { width, height };
    const header = readPngHeader(body);
    if (hasAlphaChannel(header)) this.hasAlpha = true;
    const { maxPixels, maxWork, maxRowBytes } = this.#limits;
    const plan = planRows(header);
    if (this.#applePrivate) this.fault = "Apple's private variant of PNG";
    else if (width * height > maxPixels) this.fault = `more than ${maxPixels} pixels`;
    else if (plan.inflatedBytes > maxWork) this.fault = `more than ${maxWork} units of work`;
    else if (plan.samples > maxSamples) this.fault = `more than ${maxSamples} interlaced pixels along a side`;
    else if (plan.rowBytes > maxRowBytes) this.fault = `rows of more than ${maxRowBytes} bytes`;
    else {
      this.#fuel.spend(plan.inflatedBytes);
      this.#plan = plan;
    }
  }

  async #takePixels(bytes: Uint8Array): Promise<void> {
    if (this.size === null) throw new UnreadableImage("pixels before the header");
    this.hasAlpha ??= false;
    this.animated ??= false;
    if (this.#plan === null) return;
    this.#fuel.spend(bytes.length * work.compressedByte);
    this.#inflater ??= await this.#openInflater(this.#plan);
    for (let at = 0; at < bytes.length && !this.#inflater.closed;) {
      const to = Math.min(bytes.length, at + this.#batch.length - this.#batched);
      this.#batch.set(bytes.subarray(at, to), this.#batched);
      this.#batched += to - at;
      at = to;
      if (this.#batched === this.#batch.length) await this.#inflateBatch();
    }
  }

  #openInflater(plan: RowPlan): Promise<Inflater> {
    const rows = new RowReader(plan, { palette: this.#palette, transparency: this.#transparency });
    this.#rows = rows;
    // What is inflated beyond the last row that is wanted is wasted, so a short picture gets short batches.
    const batchBytes = Math.max(minBatchBytes, Math.min(maxBatchBytes, plan.inflatedBytes >> 2));
    this.#batch = new Uint8Array(batchBytes);
    return openInflater(batchBytes, (inflated) => rows.push(inflated));
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
  return body.length >= 4 ? new DataView(body.buffer, body.byteOffset).getUint32(0) : 0;
}
