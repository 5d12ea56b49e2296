/**
 * Follows the structure of a file as its bytes come, written as a generator that asks for what it wants next. Where the chunks
 * of the stream begin and end makes no difference to it. It knows no format.
 */

/**
 * Looks at `bytes` from index `from` on. Answers the index after the last byte it wanted, or −1 when it took all of them and
 * wants more. May be called with nothing to look at.
 */
export type Run = (bytes: Uint8Array, from: number) => number;

/** What a walk asks for: a number of bytes in one piece, or to see the bytes as they pass. */
export type Step = number | Run;

/**
 * Is handed the bytes it asked for at the start of a view that may be longer and is used again for the next step. Each turn of
 * a loop must ask for a byte at least, and what it asks for in one piece is held: a walk bounds it.
 */
export type Walk = Generator<Step, void, DataView>;

/** Passes over `count` bytes. */
export function skip(count: number): Run {
  let left = count;
  return (bytes, from) => {
    const taken = Math.min(left, bytes.length - from);
    left -= taken;
    return left === 0 ? from + taken : -1;
  };
}

/** Four bytes as the name that they spell. */
export function nameAt(view: DataView, at: number): string {
  return String.fromCharCode(view.getUint8(at), view.getUint8(at + 1), view.getUint8(at + 2), view.getUint8(at + 3));
}

export interface Follower {
  /** Whether the walk has come to its end. */
  readonly ended: boolean;
  /**
   * The index after the last byte that the walk took; less than all only when it ended.
   * @throws what the walk throws; it is over then
   */
  push(bytes: Uint8Array): number;
}

const smallBytes = 64;

/** Feeds a walk. */
export function follow(walk: Walk): Follower {
  const small = new Uint8Array(smallBytes);
  let held = small;
  let filled = 0;
  let step: Step = 0;
  let ended = false;
  const smallView = new DataView(small.buffer);
  let view = smallView;
  const advance = (): void => {
    const next = walk.next(view);
    filled = 0;
    if (next.done === true) {
      ended = true;
      return;
    }
    step = next.value;
    const isLarge = typeof step === "number" && step > smallBytes;
    if (isLarge) held = new Uint8Array(Number(step));
    else held = small;
    view = isLarge ? new DataView(held.buffer) : smallView;
  };
  advance();
  return {
    get ended() {
      return ended;
    },
    push(bytes) {
      let at = 0;
      while (!ended) {
        if (typeof step === "function") {
          const to = step(bytes, at);
          if (to < 0) return bytes.length;
          at = to;
        } else {
          while (filled < step && at < bytes.length) held[filled++] = bytes[at++] as number;
          if (filled < step) return at;
        }
        advance();
      }
      return at;
    },
  };
}
