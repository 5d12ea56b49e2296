/** The body of a PATCH, which may end in three ways: whole, cut by its line, or stopped because its client came back. */
import { openByteReader } from "../../byte-reader.ts";

/** How often a silence is looked for. */
const LOOK_MILLISECONDS = 5000;
const READ_BYTES = 256 * 1024;

export interface StoppableBody {
  /** What arrives, until there is no more; null: nothing more does. Never throws: what a line has lost comes again. */
  read(): Promise<Uint8Array | null>;
  /** It did not come to its end. */
  readonly isCut: boolean;
  /** Ends what is being read now. */
  stop(): void;
  /** Without waiting: a client that is gone answers nobody. */
  close(): void;
}

/** @param idleMilliseconds the longest silence of a client */
export function openStoppable(body: ReadableStream<Uint8Array>, idleMilliseconds: number): StoppableBody {
  const reader = openByteReader(body);
  const memory = { buffer: new ArrayBuffer(READ_BYTES) };
  let isCut = false;
  let heardAt = performance.now();
  const cut = () => {
    isCut = true;
    void reader.cancel(new Error("The upload goes on elsewhere")).catch(() => undefined);
  };
  const look = setInterval(
    () => {
      if (performance.now() - heardAt >= idleMilliseconds) cut();
    },
    Math.min(LOOK_MILLISECONDS, idleMilliseconds),
  );
  return {
    async read() {
      if (isCut) return null;
      try {
        const chunk = await reader.read(new Uint8Array(memory.buffer));
        heardAt = performance.now();
        if (chunk.length === 0) return null;
        memory.buffer = chunk.buffer;
        return chunk;
      } catch {
        isCut = true;
        return null;
      }
    },
    get isCut() {
      return isCut;
    },
    stop: cut,
    close() {
      clearInterval(look);
      void reader.cancel(undefined).catch(() => undefined);
    },
  };
}
