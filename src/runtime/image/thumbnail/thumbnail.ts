/**
 * The port between the samplers and what makes thumbnails, which only a Worker with `thumbnails` has. Samplers hand over
 * pixels as they decode them; nothing of a picture is kept but sums.
 */
import type { ThumbnailRule } from "../../../contract/plan/files.ts";
import type { Seat } from "../../admission/turns.ts";
import type { ToSrgb } from "../color/to-srgb.ts";
import type { Spend } from "../fuel.ts";
import type { ImageDescriptor } from "../gif/image-descriptor.ts";
import type { JpegPicture, JpegReductions } from "../jpeg/thumbnail/jpeg-reductions.ts";
import type { Pass, PngHeader } from "../png/header.ts";
import type { PngColors } from "../png/pixel-picker.ts";
import type { RowBuffer } from "../png/unfilter.ts";
import type { StoredSize } from "../sampler.ts";

/** A small picture, made while the bytes of a larger one passed. */
export interface Thumbnail {
  /** Of its rule. */
  readonly name: string;
  /** Pixels, upright. */
  readonly width: number;
  readonly height: number;
  /** Null: the picture itself is no larger than its thumbnail may be, and stands for it. */
  readonly jpeg: Uint8Array<ArrayBuffer> | null;
}

/** What is to be made of one picture. */
export interface ThumbnailWish {
  readonly making: ThumbnailMaking;
  readonly rules: readonly ThumbnailRule[];
}

/** What makes thumbnails; see thumbnail/making. */
export interface ThumbnailMaking {
  /** The most bytes that making them takes beside the sampler. */
  readonly memoryBytes: (rules: readonly ThumbnailRule[]) => number;
  /** Begins those of one picture. */
  readonly begin: (rules: readonly ThumbnailRule[]) => ThumbnailDraft;
}

/** The thumbnails of one picture in the making. A sampler whose format is not among these makes none. */
export interface ThumbnailDraft {
  /**
   * Tells the size of the picture, before its pixels. False: it is small enough to stand for all of its thumbnails, and no
   * pixel is needed.
   */
  start(size: StoredSize): boolean;
  /** Takes the rows of a PNG that was started; null where no pixel is needed. Their work is paid for as they come. */
  png(header: PngHeader, colors: PngColors, toSrgb: ToSrgb | null, spend: Spend): PngRows | null;
  /**
   * The same of a GIF's frame, which it starts.
   * @param entries red, green, blue and alpha of each value, as png/pixel-picker has them
   */
  gif(frame: ImageDescriptor, entries: Float32Array, spend: Spend): GifRows | null;
  /**
   * Takes the scans of a JPEG, and is told of the picture before each: what counts is what is known before the first. Null
   * where no pixel is needed, or they would take too much memory.
   */
  jpeg(picture: JpegPicture): JpegReductions | null;
  /** Ends; null when no size was told. Called once, when all rows came. */
  finish(orientation: number, seat: Seat): Promise<readonly Thumbnail[] | null>;
}

export interface PngRows {
  /** Takes an unfiltered row, the `y`-th of its pass. */
  addRow(row: RowBuffer, pass: Pass, y: number): void;
}

export interface GifRows {
  /** Takes a row of the frame, at `pixels[from]`. */
  addRow(pixels: Uint8Array, from: number, y: number): void;
}
