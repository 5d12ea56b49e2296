/**
 * The input of a stripper: bytes as they arrive, asked for by count. A stripper is a synchronous generator, so that its
 * code reads from top to bottom although chunks end anywhere.
 */

/**
 * What a stripper does step by step: it yields bytes that pass, a promise to wait for, or null when it cannot go on
 * without more input. Yielded bytes, and views that were handed out, stay good until null is yielded: then the chunk
 * behind them is recycled.
 */
export type Flow<Result = void> = Generator<Uint8Array | Promise<void> | null, Result, undefined>;

const noBytes = new Uint8Array(0);
/** Written in place of blanked bytes; read only. */
export const zeros = new Uint8Array(1024);

/**
 * The generators wait for input; the other methods take what there is. Both exist because a generator costs about 0.1
 * µs, and a file of nothing but tiny segments would make millions of them.
 */
export class StripInput {
  /** No more input will come. */
  ended = false;
  /** How often something was taken since the last feed. */
  takes = 0;
  #chunk: Uint8Array = noBytes;
  #at = 0;

  /** Answers a yielded null: the next chunk, or null at the end of the source. */
  feed(chunk: Uint8Array | null): void {
    this.#chunk = chunk ?? noBytes;
    this.#at = this.takes = 0;
    this.ended = chunk === null;
  }

  /** Takes what there is, at most `maxBytes`; a view. */
  some(maxBytes: number): Uint8Array {
    this.takes++;
    const view = this.#chunk.subarray(this.#at, this.#at + maxBytes);
    this.#at += view.length;
    return view;
  }

  /** Takes a byte; −1 when there is none. */
  byte(): number {
    this.takes++;
    return this.#chunk[this.#at++] ?? this.#none();
  }

  /** Takes everything up to the next FF, and that too. False: there is none. */
  seekPrefix(): boolean {
    const found = this.#chunk.indexOf(0xff, this.#at);
    this.#at = found < 0 ? this.#chunk.length : found + 1;
    return found >= 0;
  }

  /** Puts back the last `count` bytes of what was taken of this chunk. */
  putBack(count: number): void {
    this.#at -= count;
  }

  /** Takes `count` bytes if the chunk holds them all; a view, else null. */
  ready(count: number): Uint8Array | null {
    return this.#at + count <= this.#chunk.length ? this.some(count) : null;
  }

  /** Takes `count` bytes, fewer only at the end; a view where the chunk holds them all. */
  *exactly(count: number): Flow<Uint8Array> {
    const whole = this.ready(count);
    if (whole !== null) return whole;
    const bytes = new Uint8Array(count);
    let filled = 0;
    for (;;) {
      const view = this.some(count - filled);
      bytes.set(view, filled);
      filled += view.length;
      if (filled === count || this.ended) return bytes.subarray(0, filled);
      yield null;
    }
  }

  /** Lets the next `count` bytes pass. */
  *pass(count: number): Flow {
    for (let left = count; left > 0;) {
      const view = this.some(left);
      left -= view.length;
      if (view.length > 0) yield view;
      else if (this.ended) return;
      else yield null;
    }
  }

  /** Drops the next `count` bytes. */
  *drop(count: number): Flow {
    for (let left = count - this.some(count).length; left > 0 && !this.ended; left -= this.some(left).length)
      yield null;
  }

  /** Lets zeros pass in place of the next `count` bytes, as far as these arrive. */
  *blank(count: number): Flow {
    for (let left = count; left > 0;) {
      const view = this.some(Math.min(left, zeros.length));
      left -= view.length;
      if (view.length > 0) yield zeros.subarray(0, view.length);
      else if (this.ended) return;
      else yield null;
    }
  }

  #none(): number {
    this.#at = this.#chunk.length;
    return -1;
  }
}

/** What the work results in, once it is done. It must not reject. */
export function* waitFor<Result>(work: Promise<Result>): Flow<Result> {
  const results: Result[] = [];
  yield work.then((result) => void results.push(result));
  return results[0] as Result;
}

/** One character per byte: https://infra.spec.whatwg.org/#isomorphic-decode */
export function isomorphicDecode(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}
