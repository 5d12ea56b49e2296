/** The thumbnails of a file as its row has them. */
import type { ThumbnailLink } from "../files/record.ts";

/** One that a file has. Its place in the row, from 1, is the number of its object: see thumbnail-key. */
export interface KeptThumbnail {
  readonly name: string;
  /** Pixels, upright. */
  readonly width: number;
  readonly height: number;
  /** Bytes of its object; null: it has none, for the file itself is no larger and stands for it. */
  readonly size: number | null;
}

/** In place of a list: none yet, and a sweep makes them. Behind it stands when one began to. */
export const WANTED = "wanted";

/** @param text of `files.thumbnails`; null: none */
export const readThumbnails = (text: string | null): readonly KeptThumbnail[] =>
  text === null || text.startsWith(WANTED) ? [] : (JSON.parse(text) as readonly KeptThumbnail[]);

/** Null where there are none. */
export const writeThumbnails = (thumbnails: readonly KeptThumbnail[]): string | null =>
  thumbnails.length === 0 ? null : JSON.stringify(thumbnails);

/** As answers have them. */
export const withAddresses = (
  kept: readonly KeptThumbnail[],
  addressOf: (name: string) => Promise<string>,
): Promise<readonly ThumbnailLink[]> =>
  Promise.all(kept.map(async ({ name, width, height }) => ({ name, width, height, url: await addressOf(name) })));
