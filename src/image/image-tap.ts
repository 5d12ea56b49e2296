/**
 * Watches the bytes of a picture pass and says how large it is and which colour dominates it, holding a few rows at most.
 * It knows nothing of uploads, and no fault of a picture ever becomes a throw.
 */
import type { Tap } from "../bytes.ts";
import { createBmpSampler } from "./bmp/bmp-sampler.ts";
import { dominantColor } from "./dominant-color.ts";
import { createGifSampler } from "./gif/gif-sampler.ts";
import { createHeifSampler } from "./heif/heif-sampler.ts";
import { createIcoSampler } from "./ico/ico-sampler.ts";
import { createJpegSampler } from "./jpeg/jpeg-sampler.ts";
import { isTurned } from "./orientation.ts";
import { createPngSampler } from "./png/png-sampler.ts";
import type { ImageLimits, Sampler } from "./sampler.ts";
import { createTiffSampler } from "./tiff/tiff-sampler.ts";
import { createWebpSampler } from "./webp/webp-sampler.ts";

export type { ImageLimits } from "./sampler.ts";

/** What is known of a picture once its bytes have passed. */
export interface ImageResult {
  /** Pixels as a viewer shows it (EXIF orientation applied); null when the header could not be read. */
  readonly width: number | null;
  readonly height: number | null;
  /** `#rrggbb`, null when the picture could not be sampled or shows nothing opaque. */
  readonly dominantColor: string | null;
  /** Why the colour is null although the type is one that is sampled; for one log line, not for a client. */
  readonly fault: string | null;
}

const mebibyte = 1024 * 1024;

/** About one second of CPU for the worst picture that is still sampled. */
export const defaultImageLimits: ImageLimits = {
  maxPixels: 100_000_000,
  maxInflatedBytes: 256 * mebibyte,
  maxRowBytes: mebibyte,
  smallJpegPixels: 512,
  maxSmallJpegBytes: mebibyte,
};

/** A format is added here, by its detected media type. */
const samplers: ReadonlyMap<string, (limits: ImageLimits) => Sampler> = new Map([
  ["image/jpeg", createJpegSampler],
  ["image/png", createPngSampler],
  ["image/gif", createGifSampler],
  ["image/webp", createWebpSampler],
  ["image/avif", createHeifSampler],
  ["image/heic", createHeifSampler],
  ["image/heif", createHeifSampler],
  ["image/bmp", createBmpSampler],
  ["image/tiff", createTiffSampler],
  ["image/vnd.microsoft.icon", createIcoSampler],
]);

/**
 * A tap for a file of the detected media type `fileType`; null for types that are not sampled.
 * `push` returns without a promise where it can (JPEG always, and every format once enough was seen); it reads `chunk` only
 * until the returned promise resolves. Neither `push` nor `finish` throws or rejects.
 */
export function createImageTap(fileType: string, limits: Partial<ImageLimits> = {}): Tap<ImageResult> | null {
  const createSampler = samplers.get(fileType);
  if (createSampler === undefined) return null;
  return guardedTap(createSampler({ ...defaultImageLimits, ...limits }));
}

/** Turns whatever a sampler throws into a fault, after which nothing is asked of it but the size. */
function guardedTap(sampler: Sampler): Tap<ImageResult> {
  let ended = false;
  let thrown: string | null = null;
  const note = (enough: boolean): void => {
    ended = enough;
  };
  const fail = (error: unknown): void => {
    ended = true;
    thrown = error instanceof Error ? error.message : String(error);
  };
  return {
    push(chunk) {
      if (ended) return undefined;
      try {
        const enough = sampler.push(chunk);
        if (typeof enough !== "boolean") return enough.then(note, fail);
        note(enough);
      } catch (error) {
        fail(error);
      }
      return undefined;
    },
    async finish() {
      let color: string | null = null;
      try {
        const grid = thrown === null ? await sampler.finish() : null;
        if (grid !== null) color = dominantColor(grid);
      } catch (error) {
        fail(error);
      }
      const fault = color === null ? (thrown ?? sampler.fault ?? "nothing opaque was seen") : null;
      return { ...shownSize(sampler), dominantColor: color, fault };
    },
  };
}

function shownSize({ size, orientation }: Sampler): { width: number | null; height: number | null } {
  if (size === null) return { width: null, height: null };
  return isTurned(orientation) ? { width: size.height, height: size.width } : { ...size };
}
