/** Runs a sampler over a file cut into chunks, as the tap does, and collects what it came to know. */
import type { Grid } from "../../../../../src/runtime/image/grid.ts";
import { createBmpSampler } from "../../../../../src/runtime/image/bmp/bmp-sampler.ts";
import { createGifSampler } from "../../../../../src/runtime/image/gif/gif-sampler.ts";
import { createHeifSampler } from "../../../../../src/runtime/image/heif/heif-sampler.ts";
import { createIcoSampler } from "../../../../../src/runtime/image/ico/ico-sampler.ts";
import { defaultImageLimits } from "../../../../../src/runtime/image/image-tap.ts";
import { createCr3Sampler } from "../../../../../src/runtime/image/raw/cr3-sampler.ts";
import { createRafSampler } from "../../../../../src/runtime/image/raw/raf-sampler.ts";
import type { ImageLimits, Sampler, StoredSize } from "../../../../../src/runtime/image/sampler.ts";
import { createTiffSampler } from "../../../../../src/runtime/image/tiff/tiff-sampler.ts";
import { createWebpSampler } from "../../../../../src/runtime/image/webp/webp-sampler.ts";

export const chunkSizes: readonly number[] = [1, 7, 4096, Number.POSITIVE_INFINITY];

export const samplers = {
  gif: createGifSampler,
  webp: createWebpSampler,
  heif: createHeifSampler,
  bmp: createBmpSampler,
  tiff: createTiffSampler,
  ico: createIcoSampler,
  cr3: createCr3Sampler,
  raf: createRafSampler,
} as const satisfies Record<string, (limits: ImageLimits) => Sampler>;

export type Format = keyof typeof samplers;

export interface Sampled {
  readonly size: StoredSize | null;
  readonly orientation: number;
  readonly animated: boolean | null;
  readonly hasAlpha: boolean | null;
  readonly grid: Grid | null;
  readonly fault: string | null;
  /** Bytes after which nothing more was wanted; a multiple of the chunk. */
  readonly bytesRead: number;
}

/** Anything thrown is a fault without a grid. Each chunk is wiped once the sampler has answered. */
export async function runSampler(
  format: Format,
  file: Uint8Array,
  { chunkBytes = Number.POSITIVE_INFINITY, ...limits }: Partial<ImageLimits> & { chunkBytes?: number } = {},
): Promise<Sampled> {
  const sampler = samplers[format]({ ...defaultImageLimits, ...limits });
  const recycled = new Uint8Array(Math.min(chunkBytes, file.length));
  let grid: Grid | null = null;
  let fault: string | null = null;
  let bytesRead = 0;
  try {
    for (let enough = false; bytesRead < file.length && !enough;) {
      const chunk = recycled.subarray(0, Math.min(recycled.length, file.length - bytesRead));
      chunk.set(file.subarray(bytesRead, bytesRead + chunk.length));
      bytesRead += chunk.length;
      enough = await sampler.push(chunk);
      recycled.fill(0x5a);
    }
    grid = await sampler.finish();
    fault = sampler.fault;
  } catch (error) {
    fault = error instanceof Error ? `thrown: ${error.message}` : "thrown";
  }
  const { size, orientation, animated, hasAlpha } = sampler;
  return { size, orientation, animated, hasAlpha, grid, fault, bytesRead };
}

/** The same for every way to cut the file; throws when they differ. */
export async function runInChunks(
  format: Format,
  file: Uint8Array,
  limits: Partial<ImageLimits> = {},
): Promise<Sampled> {
  const whole = await runSampler(format, file, limits);
  for (const chunkBytes of chunkSizes) {
    const { bytesRead: _, ...cut } = await runSampler(format, file, { ...limits, chunkBytes });
    const { bytesRead: __, ...expected } = whole;
    if (JSON.stringify(cut) !== JSON.stringify(expected)) throw new Error(`differs in chunks of ${chunkBytes}`);
  }
  return whole;
}
