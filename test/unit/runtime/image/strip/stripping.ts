/** What the tests of stripping share: running it at a chunk size, and a text that must never come out. */
import { expect } from "vitest";
import { stripMetadata } from "../../../../../src/runtime/image/strip/strip.ts";
import { concatBytes } from "../../../../support/png-encoder.ts";
import { sourceOf } from "../../../../support/source.ts";

export const chunkSizes: readonly number[] = [1, 7, 4096, Number.POSITIVE_INFINITY];

/** Stands in every place that metadata can be in. */
export const secretText = "51.4779N 0.0015W";
export const secret = new TextEncoder().encode(secretText);

export function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** All that comes out; each chunk is copied before the next is asked for, and the end must stay the end. */
export async function strip(type: string, file: Uint8Array, chunkBytes = Infinity): Promise<Uint8Array> {
  const source = stripMetadata(type, sourceOf(file, Math.max(1, Math.min(chunkBytes, file.length))));
  const pieces: Uint8Array[] = [];
  for (let piece = await source.read(); piece !== null; piece = await source.read()) {
    if (piece.length === 0) throw new Error("an empty chunk");
    pieces.push(piece.slice());
  }
  expect(await source.read()).toBeNull();
  return concatBytes(pieces);
}

/** The same at every chunk size, without the secret, and unchanged when stripped again. */
export async function stripEverywhere(type: string, file: Uint8Array): Promise<Uint8Array> {
  const stripped = await strip(type, file);
  for (const chunkBytes of chunkSizes) expect(await strip(type, file, chunkBytes)).toEqual(stripped);
  expect(await strip(type, stripped)).toEqual(stripped);
  expect(tells(stripped)).toBe(false);
  return stripped;
}

/** Whether the secret, or the beginning of it, is in the bytes. */
export function tells(bytes: Uint8Array, text = secretText.slice(0, 6)): boolean {
  return new TextDecoder("latin1").decode(bytes).includes(text);
}

/** Every copy of a file with one bit turned over. */
export function* flipped(file: Uint8Array): Generator<Uint8Array> {
  for (let bit = 0; bit < file.length * 8; bit++) {
    const copy = file.slice();
    copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    yield copy;
  }
}
