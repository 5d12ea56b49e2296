/**
 * The reading end of a stripper: bytes as they arrive, asked for by count. A stripper is a synchronous generator, so that
 * its format reads from top to bottom although chunks end anywhere. It knows no format.
 */

/**
 * What a stripper does step by step: it yields bytes that pass, or null when it cannot go on without more input.
 * Yielded bytes, and views that were handed out, stay good until null is yielded: then the chunk behind them is recycled.
 */
export type Flow<Result = void> = Generator<Uint8Array | null, Result, undefined>;

const noBytes = new Uint8Array(0);
const zeros = new Uint8Array(1024);

export class StripInput {
  #chunk: Uint8Array = noBytes;
  #at = 0;
  #ended = false;

  /** Answers a yielded null: the next chunk, or null at the end of the source. */
  feed(chunk: Uint8Array | null): void {
    this.#chunk = chunk ?? noBytes;
    this.#at = 0;
    this.#ended = chunk === null;
  }

  /** What has arrived and was not taken: at least one byte, none at the end. */
  *waiting(): Flow<Uint8Array> {
    while (this.#at === this.#chunk.length && !this.#ended) yield null;
    return this.#chunk.subarray(this.#at);
  }

  /** Takes so many of the waiting bytes. */
  advance(count: number): void {
    this.#at += count;
  }

  /** Takes `count` bytes, fewer only at the end; a view where the chunk holds them all. */
  *exactly(count: number): Flow<Uint8Array> {
    const first = yield* this.#some(count);
    if (first.length === count) return first;
    const bytes = new Uint8Array(count);
    let filled = 0;
    for (let view = first; view.length > 0; view = yield* this.#some(count - filled)) {
      bytes.set(view, filled);
      filled += view.length;
    }
    return bytes.subarray(0, filled);
  }

  /** Lets the next `count` bytes pass. */
  *pass(count: number): Flow {
    for (let left = count; left > 0;) {
      const view = yield* this.#some(left);
      if (view.length === 0) return;
      left -= view.length;
      yield view;
    }
  }

  /** Drops the next `count` bytes. */
  *drop(count: number): Flow {
    for (let left = count; left > 0;) {
      const view = yield* this.#some(left);
      if (view.length === 0) return;
      left -= view.length;
    }
  }

  /** Lets zeros pass in place of the next `count` bytes, as far as these arrive. */
  *blank(count: number): Flow {
    for (let left = count; left > 0;) {
      const view = yield* this.#some(Math.min(left, zeros.length));
      if (view.length === 0) return;
      left -= view.length;
      yield zeros.subarray(0, view.length);
    }
  }

  *#some(maxBytes: number): Flow<Uint8Array> {
    if (maxBytes === 0) return noBytes;
    const view = (yield* this.waiting()).subarray(0, maxBytes);
    this.#at += view.length;
    return view;
  }
}

/** The bytes as text, one character per byte. */
export function textOf(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}
