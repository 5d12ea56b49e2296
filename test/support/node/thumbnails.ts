/** Thumbnails as the image tap makes them in Node, and sharp's to compare them with. */
import sharp from "sharp";
import type { ThumbnailRule } from "../../../src/contract/plan/files.ts";
import { createImageTap } from "../../../src/runtime/image/image-tap.ts";
import { making } from "../../../src/runtime/image/thumbnail/making.ts";
import { lumaPicture, meanSsim, type LumaPicture } from "./ssim.ts";

export const rule: ThumbnailRule = { name: "small", maxEdge: 320, quality: 80, background: [255, 255, 255] };

export interface Compared {
  readonly ours: Uint8Array;
  readonly theirs: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly likeness: number;
}

/** @throws Error where none is made */
async function thumbnailOf(file: Uint8Array, type: string): Promise<Uint8Array> {
  const tap = createImageTap(type, new Set(), {}, undefined, { making, rules: [rule] });
  for (let at = 0; at < file.length; at += 65_536) await tap?.push(file.subarray(at, at + 65_536));
  const result = await tap?.finish();
  const jpeg = result?.thumbnails?.[0]?.jpeg ?? null;
  if (jpeg === null) throw new Error(result?.fault ?? "no thumbnail");
  return jpeg;
}

async function lumaOf(file: Uint8Array): Promise<LumaPicture> {
  const { data, info } = await sharp(file).toColourspace("srgb").raw().toBuffer({ resolveWithObject: true });
  return lumaPicture(data, info.width, info.height, info.channels);
}

/** With sharp's of the same size and quality: it rounds a side of a picture that it shrank before. */
export async function compareThumbnails(file: Uint8Array, type: string): Promise<Compared> {
  const ours = await thumbnailOf(file, type);
  const luma = await lumaOf(ours);
  const { width, height } = luma;
  const picture = sharp(file).rotate().flatten({ background: "#fff" }).resize(width, height, { fit: "fill" });
  const theirs = await picture.jpeg({ quality: rule.quality }).toBuffer();
  return { ours, theirs, width, height, likeness: meanSsim(luma, await lumaOf(theirs)) };
}
