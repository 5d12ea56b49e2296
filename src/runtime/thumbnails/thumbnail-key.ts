/** Where the objects of thumbnails are: beside the file's, by their number in its row. */
import { mostThumbnails } from "../../contract/limits.ts";
import type { ObjectKey } from "../storage/object-key.ts";

/** @param number from 1. No name that this runtime generates has a tilde, so no file has such a key. */
export const thumbnailKey = (key: ObjectKey, number: number): ObjectKey => `${key}~${number}` as ObjectKey;

/** The keys of all that there may be of the files. */
export const thumbnailKeys = (keys: readonly ObjectKey[]): readonly ObjectKey[] =>
  keys.flatMap((key) => Array.from({ length: mostThumbnails }, (_, index) => thumbnailKey(key, index + 1)));
