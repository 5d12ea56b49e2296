/** Bodies for the multipart tests: the same bytes as every kind of stream and in every chunk size, and what a reader made of them. */
import { Problem } from "../../../../src/contract/problem.ts";
import type { ProblemCode } from "../../../../src/contract/problem.ts";
import type { ByteSource } from "../../../../src/runtime/bytes.ts";
import { defaultMultipartLimits, readMultipart } from "../../../../src/runtime/multipart/read-multipart.ts";
import type { MultipartLimits } from "../../../../src/runtime/multipart/read-multipart.ts";

export const chunkSizes = [1, 2, 3, 7, 64, Infinity];

/** One byte per character, so that tables can write any byte as `\xff`. */
export function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** Copies: a byte stream takes the buffer of what is enqueued. */
function* cut(bytes: Uint8Array, chunkSize: number): Generator<Uint8Array> {
  const step = Math.min(chunkSize, Math.max(bytes.byteLength, 1));
  for (let at = 0; at < bytes.byteLength; at += step) yield bytes.slice(at, at + step);
}

export function byteStream(bytes: Uint8Array, chunkSize = Infinity): ReadableStream<Uint8Array> {
  const chunks = cut(bytes, chunkSize);
  return new ReadableStream({
    type: "bytes",
    pull(controller) {
      const { value, done } = chunks.next();
      if (!done) return controller.enqueue(value);
      controller.close();
      controller.byobRequest?.respond(0);
    },
  });
}

export function plainStream(bytes: Uint8Array, chunkSize = Infinity): ReadableStream<Uint8Array> {
  const chunks = cut(bytes, chunkSize);
  return new ReadableStream<Uint8Array>({
    pull(controller) {
      const { value, done } = chunks.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
  });
}

/** A stream of the platform itself, as a request's body is one. */
export function platformStream(bytes: Uint8Array): ReadableStream<Uint8Array> {
  const { body } = new Response(bytes);
  if (body === null) throw new Error("no body");
  return body;
}

/** The same, fed bit by bit from the other end. */
export function pipedStream(bytes: Uint8Array, chunkSize: number): ReadableStream<Uint8Array> {
  const { readable, writable } = new IdentityTransformStream();
  const feed = async (): Promise<void> => {
    const writer = writable.getWriter();
    for (const chunk of cut(bytes, chunkSize)) await writer.write(chunk);
    await writer.close();
  };
  feed().catch(() => undefined);
  return readable;
}

export async function readAll(source: ByteSource): Promise<Uint8Array> {
  const views: Uint8Array[] = [];
  for (let view = await source.read(); view !== null; view = await source.read()) views.push(view.slice());
  return joinBytes(views);
}

export interface PartRead {
  readonly name: string;
  readonly fileName: string | null;
  readonly contentType: string | null;
  readonly bytes: Uint8Array;
}

export interface BodyRead {
  /** Parts that were read to their null. */
  readonly parts: readonly PartRead[];
  /** What ended the reading, null when the body was whole. */
  readonly code: ProblemCode | null;
}

/** Reads every part wholly. Throws what is not a Problem. */
export async function readBody(
  body: ReadableStream<Uint8Array>,
  boundary: string,
  limits: Partial<MultipartLimits> = {},
): Promise<BodyRead> {
  const parts: PartRead[] = [];
  try {
    for await (const part of readMultipart(body, boundary, { ...defaultMultipartLimits, ...limits })) {
      const { name, fileName, contentType } = part;
      parts.push({ name, fileName, contentType, bytes: await readAll(part.body) });
    }
  } catch (error) {
    if (error instanceof Problem) return { parts, code: error.code };
    throw error;
  }
  return { parts, code: null };
}

/** Seeded, so that a failure can be repeated: mulberry32. Gives numbers in [0, below). */
export function createRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

export function joinBytes(pieces: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(pieces.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let at = 0;
  for (const piece of pieces) {
    joined.set(piece, at);
    at += piece.byteLength;
  }
  return joined;
}
