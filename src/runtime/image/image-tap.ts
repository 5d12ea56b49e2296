/**
 * Watches the bytes of a picture pass and reports what it was asked about it, holding a few rows at most. No fault of a
 * picture ever becomes a throw.
 */
import type { Tap } from "../bytes.ts";
import { mediaTypes, type SignedType } from "../../contract/media-types.ts";
import type { ImageField } from "../../contract/plan/files.ts";
import { createBmpSampler } from "./bmp/bmp-sampler.ts";
import { createGifSampler } from "./gif/gif-sampler.ts";
import { minimumAlpha } from "./color/dominant-color.ts";
import { gridFields, readGridColors, type GridColors } from "./grid-colors.ts";
import { reachesAlpha } from "./grid.ts";
import { createHeifSampler } from "./heif/heif-sampler.ts";
import { createIcoSampler } from "./ico/ico-sampler.ts";
import { createJpegSampler } from "./jpeg/jpeg-sampler.ts";
import { isTurned } from "./orientation.ts";
import { createPngSampler } from "./png/png-sampler.ts";
import { createCr3Sampler } from "./raw/cr3-sampler.ts";
import { createRafSampler } from "./raw/raf-sampler.ts";
import type { ImageLimits, Sampler } from "./sampler.ts";
import type { Thumbnail, ThumbnailDraft, ThumbnailWish } from "./thumbnail/thumbnail.ts";
import { createTiffSampler } from "./tiff/tiff-sampler.ts";
import { soleSeat, type Seat } from "../admission/turns.ts";
import { uprightGrid } from "./upright.ts";
import { createWebpSampler } from "./webp/webp-sampler.ts";

export type { ImageLimits } from "./sampler.ts";

/** What is known of a picture once its bytes have passed. What was not wanted is null. */
export interface ImageResult extends GridColors {
  /** Pixels as a viewer shows it (EXIF orientation applied); null when the header could not be read. */
  readonly width: number | null;
  readonly height: number | null;
  /** Whether pixels may be transparent, by the file's structure: an alpha channel or a transparent colour. Null: not known. */
  readonly hasAlpha: boolean | null;
  /** Whether the file holds several frames to be played. Null: not known. */
  readonly animated: boolean | null;
  /** Those that were wished for, in the order of their rules; null when there was no wish, or none could be made. */
  readonly thumbnails: readonly Thumbnail[] | null;
  /**
   * Why something that was wanted is missing; for the log, not for the client. Null for formats whose pixels are never
   * read.
   */
  readonly fault: string | null;
}

const mebibyte = 1024 * 1024;

/** The most bytes that a sampler is given before the tap asks whether the turn is over. */
const usualPieceBytes = 16_384;

/**
 * Any honest picture of 100 megapixels at 8 bits a channel passes; the worst hostile one of 16 MiB costs about 1.9
 * seconds of CPU.
 */
export const defaultImageLimits: ImageLimits = {
  maxPixels: 100_000_000,
  maxWork: 600_000_000,
  maxRowBytes: mebibyte,
  smallJpegPixels: 512,
  maxSmallJpegBytes: mebibyte,
};

type CreateSampler = (limits: ImageLimits, seat: Seat, draft?: ThumbnailDraft) => Sampler;

/** The samplers, by detected media type; a type that lacks one has that of its broader type. A new format is added here. */
const samplers: ReadonlyMap<string, CreateSampler> = new Map<SignedType, CreateSampler>([
  ["image/jpeg", createJpegSampler],
  ["image/png", createPngSampler],
  ["image/gif", createGifSampler],
  ["image/webp", createWebpSampler],
  ["image/avif", createHeifSampler],
  ["image/heic", createHeifSampler],
  ["image/heif", createHeifSampler],
  ["image/bmp", createBmpSampler],
  ["image/tiff", createTiffSampler],
  ["image/x-olympus-orf", createTiffSampler],
  ["image/x-panasonic-rw2", createTiffSampler],
  ["image/x-canon-cr3", createCr3Sampler],
  ["image/x-fuji-raf", createRafSampler],
  ["image/vnd.microsoft.icon", createIcoSampler],
]);

/**
 * A tap for a file of the detected media type `fileType`; null for types that are not read, or when nothing is wanted.
 * Only what is wanted is computed: without a colour, palette, hash or thumbnail no pixel is decoded.
 *
 * `push` returns without a promise once it has seen enough; before that, it waits where the seat's turn is over, and
 * reads `chunk` only until the returned promise resolves. Neither `push` nor `finish` throws or rejects.
 */
export function createImageTap(
  fileType: string,
  wanted: ReadonlySet<ImageField>,
  limits: Partial<ImageLimits> = {},
  seat = soleSeat,
  wish: ThumbnailWish | null = null,
): Tap<ImageResult> | null {
  const createSampler = samplers.get(fileType) ?? samplers.get(mediaTypes.get(fileType)?.kindOf ?? "");
  if (createSampler === undefined || (wanted.size === 0 && wish === null)) return null;
  const draft = wish?.making.begin(wish.rules);
  const readsPixels = draft !== undefined || gridFields.some((field) => wanted.has(field));
  const all = { ...defaultImageLimits, ...limits };
  const sampler = createSampler(readsPixels ? all : { ...all, maxPixels: 0 }, seat, draft);
  return guardedTap(sampler, seat, wanted, readsPixels, draft);
}

/** Turns whatever a sampler throws into a fault, after which the sampler is only asked for what it already knows. */
function guardedTap(
  sampler: Sampler,
  seat: Seat,
  wanted: ReadonlySet<ImageField>,
  readsPixels: boolean,
  draft?: ThumbnailDraft,
): Tap<ImageResult> {
  let ended = false;
  let thrown: string | null = null;
  const pushPieces = async (chunk: Uint8Array): Promise<void> => {
    for (let at = 0, pieceBytes = 0; at < chunk.length && !ended; at += pieceBytes) {
      pieceBytes = sampler.pieceBytes ?? usualPieceBytes;
      ended = await sampler.push(chunk.subarray(at, at + pieceBytes));
      await seat.pause();
    }
  };
  const fail = (error: unknown): void => {
    ended = true;
    thrown = error instanceof Error ? error.message : String(error);
  };
  return {
    push: (chunk) => (ended ? undefined : pushPieces(chunk).catch(fail)),
    async finish() {
      let colors: GridColors = { dominantColor: null, palette: null, thumbhash: null };
      let thumbnails: readonly Thumbnail[] | null = null;
      try {
        const grid = thrown === null ? await sampler.finish() : null;
        if (grid !== null && readsPixels) {
          colors = readGridColors(uprightGrid(grid, sampler.orientation), wanted);
          if (!reachesAlpha(grid.points, minimumAlpha)) thrown = "nothing opaque was seen";
          thumbnails = (await draft?.finish(sampler.orientation, seat)) ?? null;
        }
      } catch (error) {
        fail(error);
      }
      return {
        ...readHeader(sampler, wanted),
        ...colors,
        thumbnails,
        fault: readsPixels || sampler.size === null ? (thrown ?? sampler.fault) : null,
      };
    },
  };
}

type HeaderResult = Pick<ImageResult, "width" | "height" | "hasAlpha" | "animated">;

function readHeader(sampler: Sampler, wanted: ReadonlySet<ImageField>): HeaderResult {
  const { size, orientation, hasAlpha, animated } = sampler;
  const ifWanted = <Value>(field: ImageField, value: Value): Value | null =>
    size !== null && wanted.has(field) ? value : null;
  const [width, height] = isTurned(orientation) ? [size?.height, size?.width] : [size?.width, size?.height];
  return {
    width: ifWanted("width", width ?? null),
    height: ifWanted("height", height ?? null),
    hasAlpha: ifWanted("has_alpha", hasAlpha),
    animated: ifWanted("animated", animated),
  };
}
