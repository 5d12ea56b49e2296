/** The body of a PATCH, which may end in three ways: whole, cut by its line, or stopped because its client came back. */
import { within } from "../../bytes.ts";

/** The longest silence of a client. */
const IDLE_MILLISECONDS = 60_000;

export interface StoppableBody {
  /** What arrives, until there is no more. Never throws: what a line has lost comes again. */
  chunks(): AsyncGenerator<Uint8Array>;
  /** It did not come to its end. */
  readonly isCut: boolean;
  /** Without waiting: a client that is gone answers nobody. */
  close(): void;
}

/** @param stopped rejects, when it is to end now */
export function readUntilStopped(body: ReadableStream<Uint8Array>, stopped: Promise<never>): StoppableBody {
  const reader = body.getReader();
  let isCut = false;
  const next = async () => {
    const reading = within(reader.read(), IDLE_MILLISECONDS, () => new Error("Nothing arrived"));
    return Promise.race([stopped, reading]);
  };
  return {
    async *chunks() {
      isCut = true;
      try {
        for (let { done, value } = await next(); !done; { done, value } = await next()) {
          if (value !== undefined) yield value;
        }
        isCut = false;
      } catch {
        // Whatever cut it: what has come stays.
      }
    },
    get isCut() {
      return isCut;
    },
    close: () => void reader.cancel().catch(() => undefined),
  };
}
