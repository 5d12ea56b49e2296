/** Photographs of test/support/photos under their own names, so small that a tile may show them as they are. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { photo } from "./browser.ts";

const LONGEST_SIDE = 300;

export interface SmallPhotos {
  /** By the name of the file. */
  path(name: string): string;
  remove(): Promise<void>;
}

/** With everything that they say of themselves. */
export async function makeSmallPhotos(...names: readonly string[]): Promise<SmallPhotos> {
  const folder = await mkdtemp(join(tmpdir(), "sluice-photos-"));
  const path = (name: string) => join(folder, name);
  for (const name of names) {
    await sharp(photo(name)).resize(LONGEST_SIDE, LONGEST_SIDE, { fit: "inside" }).keepMetadata().toFile(path(name));
  }
  return { path, remove: () => rm(folder, { recursive: true, force: true }) };
}
