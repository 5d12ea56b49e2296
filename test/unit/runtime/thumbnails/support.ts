/** Files with thumbnails, as uploads leave them. */
import { env } from "cloudflare:workers";
import type { FileRecord } from "../../../../src/runtime/files/record.ts";
import { thumbnailKey } from "../../../../src/runtime/thumbnails/thumbnail-key.ts";
import { writeThumbnails, type KeptThumbnail } from "../../../../src/runtime/thumbnails/kept-thumbnails.ts";
import { storeFile } from "../links/support.ts";

/** `whole` is the file itself. */
export const kept: readonly KeptThumbnail[] = [
  { name: "small", width: 32, height: 24, size: 100 },
  { name: "large", width: 128, height: 96, size: 200 },
  { name: "whole", width: 512, height: 384, size: null },
];

/** Bytes of the thumbnail in this place. */
export const bytesOf = (place: number): Uint8Array<ArrayBuffer> => new Uint8Array(place * 100).fill(place);

export async function storePicture(change: Partial<FileRecord> = {}): Promise<FileRecord> {
  const file = await storeFile({ thumbnails: writeThumbnails(kept), originalFileName: "Été.png", ...change });
  for (const [index, { size }] of kept.entries()) {
    if (size !== null) await env.BUCKET.put(thumbnailKey(file.storageKey, index + 1), bytesOf(index + 1));
  }
  return file;
}

export const permanent = ({ storageKey }: FileRecord, name = "small"): string =>
  `https://uploads.example/files/${storageKey}?thumbnail=${name}`;
