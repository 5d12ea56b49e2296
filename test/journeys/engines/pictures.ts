/** Small pictures of one colour, no two of which have the same bytes. */
import { createHash } from "node:crypto";
import { encodePng, pngChunk } from "../../support/png-encoder.ts";

export type Color = readonly [red: number, green: number, blue: number];

export interface Picture {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly sha256: string;
}

/** @param name goes into the file: the same name and colour make the same bytes */
export async function makePicture(name: string, color: Color): Promise<Picture> {
  const before = [pngChunk("teSt", new TextEncoder().encode(name))];
  const png = await encodePng({ width: 8, height: 6, colorType: 2, depth: 8, pixel: () => color, before });
  return { bytes: new Uint8Array(png), sha256: sha256(png) };
}

export const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
