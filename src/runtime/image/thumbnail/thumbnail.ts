/** The port between the image tap and what makes thumbnails, which only a Worker with `thumbnails` has. */
import type { ThumbnailRule } from "../../../contract/plan.ts";

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

/** What samplers make planes and JPEGs with. */
export interface ThumbnailMaking {
  /** The most bytes that making them takes beside the sampler. */
  readonly memoryBytes: (rules: readonly ThumbnailRule[]) => number;
}
