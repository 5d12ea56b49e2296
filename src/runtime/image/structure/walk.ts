/**
 * Follows the structure of a file as its bytes come, written as a generator that asks for what it wants next. Where the
 * chunks of the stream begin and end makes no difference to it.
 */

import { UnreadableImage } from "../sampler.ts";

/**
 * Looks at `bytes` from index `from` on. Returns the index after the last byte it wanted, or −1 when it took all of
 * them and wants more. May be called with nothing to look at.
 */
export type Run = (bytes: Uint8Array, from: number) => number;

/**
 * What a walk asks for: a number of bytes in one piece, to see the bytes as they pass, or to be left alone until a
 * promise resolves.
 */
export type ReadRequest = number | Run | Promise<void>;

/**
 * Receives the bytes it asked for at the start of a view that may be longer and is used again for the next step. Each
 * turn of a loop must ask for a byte at least. What a walk asks for in one piece is held in memory, so the walk must
 * bound it.
 */
export type Walk = Generator<ReadRequest, void, DataView>;

/** What a walk says of the end of its file. */
export interface Ending {
  /** Why the file must not end here; null where it may. */
  fault: string | null;
}

/** Where a walk is in its part of a file, and the bytes that this part has. */
export interface Span {
  at: number;
  readonly bytes: number;
}

/** The same walk, which keeps `span.at` up to date. @throws UnreadableImage where it would leave the span */
export function* inSpan(walk: Walk, span: Span): Walk {
  for (let step = walk.next(); step.done !== true;) {
    const request = step.value;
    let view: DataView;
    if (typeof request === "number") {
      checkRoom(span, request);
      view = yield request;
      span.at += request;
    } else if (typeof request === "function") {
      view = yield (bytes, from) => {
        const end = Math.min(bytes.length, from + span.bytes - span.at);
        const to = request(bytes.subarray(0, end), from);
        span.at += (to < 0 ? end : to) - from;
        if (to < 0 && end < bytes.length) checkRoom(span, 1);
        return to;
      };
    } else view = yield request;
    step = walk.next(view);
  }
}

function checkRoom(span: Span, bytes: number): void {
  if (span.at + bytes > span.bytes) throw new UnreadableImage("a part longer than announced");
}

/** Passes over `count` bytes, and shows them in pieces: from index `from` to before `to`. */
export function passOver(count: number, see: (bytes: Uint8Array, from: number, to: number) => void): Run {
  let left = count;
  return (bytes, from) => {
    const to = Math.min(bytes.length, from + left);
    see(bytes, from, to);
    left -= to - from;
    return left === 0 ? to : -1;
  };
}

/** Passes over `count` bytes. */
export function skip(count: number): Run {
  return passOver(count, () => {});
}

/** Four bytes as the name that they spell. */
export function nameAt(view: DataView, at: number): string {
  return String.fromCharCode(view.getUint8(at), view.getUint8(at + 1), view.getUint8(at + 2), view.getUint8(at + 3));
}

/** A copy of the first `count` bytes of a view. */
export function bytesOf(view: DataView, count: number): Uint8Array {
  return new Uint8Array(view.buffer).slice(0, count);
}

/** Requests for no more bytes than this get the same view each time. */
const smallBytes = 64;
/** About a tenth of a second; a file has a few steps for each of its parts, and even large ones have only thousands of those. */
const maxSteps = 1_000_000;

/** Feeds a walk. A class, because its method is called for every chunk of every upload. */
export class Follower {
  /** Whether the walk has come to its end. */
  ended = false;
  /** What the walk waits for, null while it does not. Who awaited it sets it to null. */
  pause: Promise<void> | null = null;
  /** Steps that the walk may still take. */
  stepsLeft = maxSteps;
  readonly #walk: Walk;
  #request: number | Run = 0;
  readonly #small = new Uint8Array(smallBytes);
  readonly #smallView = new DataView(this.#small.buffer);
  #held = this.#small;
  #view = this.#smallView;
  #filled = 0;

  constructor(walk: Walk) {
    this.#walk = walk;
    this.#advance();
  }

  /**
   * Takes `bytes` from `from` on. Returns the index after the last byte that the walk took; less than all only when it
   * ended or waits.
   * @throws what the walk throws, and UnreadableImage after a million steps; it is over then
   */
  push(bytes: Uint8Array, from = 0): number {
    let at = from;
    while (!this.ended && this.pause === null) {
      const request = this.#request;
      if (typeof request === "function") {
        const to = request(bytes, at);
        if (to < 0) return bytes.length;
        at = to;
      } else {
        while (this.#filled < request && at < bytes.length) this.#held[this.#filled++] = bytes[at++] as number;
        if (this.#filled < request) return at;
      }
      this.#advance();
    }
    return at;
  }

  #advance(): void {
    if (this.stepsLeft-- === 0) throw new UnreadableImage("too many parts");
    const next = this.#walk.next(this.#view);
    this.#filled = 0;
    if (next.done === true) {
      this.ended = true;
      return;
    }
    const request = next.value;
    if (request instanceof Promise) {
      this.pause = request;
      this.#request = 0;
      return;
    }
    this.#request = request;
    if (typeof request === "function") return;
    this.#held = request > smallBytes ? new Uint8Array(request) : this.#small;
    this.#view = request > smallBytes ? new DataView(this.#held.buffer) : this.#smallView;
  }
}
