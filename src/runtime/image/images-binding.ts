/**
 * Colours of pictures whose pixels are not decoded here (WebP, AVIF, HEIC), through Cloudflare's Images binding
 * (https://developers.cloudflare.com/images/transform-images/bindings/). It scales the picture down, and the small PNG
 * is read like any other. It is billed per transformation, so it is only used where a deployment binds it.
 */
import type { ImageField } from "../../contract/plan.ts";
import type { GridColors } from "./grid-colors.ts";
import { createImageTap } from "./image-tap.ts";

/** As many pixels as a grid has cells: nothing is lost, and the PNG is a few kilobytes. */
const GRID_SIDE = 64;

/** Consumes the picture. Null when nothing can be learnt from it. @throws what the binding throws */
export async function readRendered(
  images: ImagesBinding,
  picture: ReadableStream<Uint8Array>,
  wanted: ReadonlySet<ImageField>,
): Promise<GridColors | null> {
  const tap = createImageTap("image/png", wanted);
  if (tap === null) return null;
  const small = images.input(picture).transform({ width: GRID_SIDE, height: GRID_SIDE, fit: "scale-down" });
  // Raw pixels would do as well, but they do not say how wide they are.
  const result = await small.output({ format: "image/png" });
  for await (const chunk of result.image()) await tap.push(chunk);
  return tap.finish();
}
