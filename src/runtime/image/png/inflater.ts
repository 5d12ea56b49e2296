// oxlint-disable-next-line typescript/triple-slash-reference -- The Worker is compiled without Node's types.
/// <reference path="./node-zlib.d.ts" />
/** Inflates a zlib stream as it comes, with node:zlib, which is native and has back-pressure. */
import type { Seat } from "../../admission/turns.ts";

export interface Inflater {
  /** Whether more bytes would change nothing: the receiver has enough, the stream is over, or it is broken. */
  readonly closed: boolean;
  /** Resolves when the bytes are inflated and handed over; they must not change until then. Never rejects. */
  write(bytes: Uint8Array): Promise<void>;
  /** Resolves when everything was handed over, and lets go of the native stream. */
  end(): Promise<void>;
  /** Gives up, and lets go of the native stream. */
  close(): void;
}

/**
 * Work units of a compressed byte, for turns only: about its cost at the worst, in blocks that hold nothing. Honest
 * bytes cost much less, but which kind they are shows too late.
 */
const compressedByteWork = 24;

/**
 * Loads node:zlib at the first picture: earlier, it would cost a cold isolate several milliseconds before its first
 * answer.
 *
 * `receive` gets the inflated bytes in order, valid during the call, at most `outputBytes` at a time, and returns true
 * once it has enough. Before and between these calls the seat's turn may end.
 */
export async function openInflater(
  outputBytes: number,
  receive: (bytes: Uint8Array) => boolean,
  seat: Seat,
): Promise<Inflater> {
  const { createInflate } = await import("node:zlib");
  const stream = createInflate({ chunkSize: outputBytes });
  let closed = false;
  let consumed = false;
  let wake = (): void => {};
  // A stream that fails or ends never calls back for the write that made it so: every way out wakes the writer.
  const close = (): void => {
    if (closed) return;
    closed = true;
    stream.destroy();
    wake();
  };
  /** Wakes the writer once what it wrote is inflated and handed over. */
  const settle = (): void => {
    if (consumed && !stream.isPaused() && stream.readableLength === 0) wake();
  };
  const sleep = (start: () => void): Promise<void> =>
    new Promise((resolve) => {
      wake = resolve;
      consumed = false;
      start();
    });
  const goOnAfter = async (pause: Promise<void>): Promise<void> => {
    stream.pause();
    await pause;
    stream.resume();
    settle();
  };
  stream.on("data", (bytes) => {
    if (!closed && receive(bytes)) close();
    release(bytes, outputBytes);
    const pause = seat.pause();
    if (pause === null) settle();
    else void goOnAfter(pause);
  });
  stream.on("end", close);
  stream.on("close", close);
  stream.on("error", close);
  return {
    get closed() {
      return closed;
    },
    async write(bytes) {
      seat.count(bytes.length * compressedByteWork);
      await seat.pause();
      if (closed) return;
      await sleep(() =>
        stream.write(bytes, () => {
          consumed = true;
          settle();
        }),
      );
    },
    async end() {
      if (!closed) await sleep(() => stream.end());
    },
    close,
  };
}

/**
 * Frees an output buffer that is full and was handed over: node:zlib continues with a new one and leaves the old one to
 * the garbage collector, which lets sixty megabytes of them gather first.
 */
function release({ buffer, byteOffset, byteLength }: Uint8Array, outputBytes: number): void {
  const isWhole = buffer.byteLength === outputBytes && byteOffset + byteLength === outputBytes;
  if (isWhole && buffer instanceof ArrayBuffer) buffer.transfer(0);
}
