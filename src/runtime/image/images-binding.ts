/**
 * What is learnt of pictures whose pixels are not decoded here (WebP, AVIF, HEIC), through Cloudflare's Images binding
 * (https://developers.cloudflare.com/images/transform-images/bindings/). It scales the picture down, and the smaller PNG is read like any
 * other, once for colours and thumbnails. It is billed per transformation, so it is only used where a deployment binds it.
 */
import type { Seat } from "../admission/turns.ts";
import type { ImageField } from "../../contract/plan/files.ts";
import { createImageTap, type ImageResult } from "./image-tap.ts";
import type { ThumbnailWish } from "./thumbnail/thumbnail.ts";

/** As many pixels as a grid has cells: no colour is lost, and the PNG is a few kilobytes. */
const GRID_SIDE = 64;

/**
 * Consumes the picture. Null when nothing can be learnt from it. @throws what the binding throws
 * @param side of the picture that is asked for, where that is for thumbnails
 */
export async function readRendered(
  images: ImagesBinding,
  picture: ReadableStream<Uint8Array>,
  wanted: ReadonlySet<ImageField>,
  seat: Seat,
  wish: ThumbnailWish | null,
  side = GRID_SIDE,
): Promise<ImageResult | null> {
  const tap = createImageTap("image/png", wanted, {}, seat, wish);
  if (tap === null) return null;
  const small = images.input(picture).transform({ width: side, height: side, fit: "scale-down" });
  // Raw pixels would do as well, but they do not say how wide they are.
  const result = await small.output({ format: "image/png" });
  for await (const chunk of result.image()) await tap.push(chunk);
  return tap.finish();
}
