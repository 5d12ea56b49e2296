/**
 * The SHA-256 of an upload, taken while its pieces pass, as long as the object stays in memory: a digest cannot be kept in
 * storage. Where it is lost, the bytes are read once more at the end.
 */
import { createChecksumTap } from "../../upload/taps.ts";

export interface RunningSum {
  /** Begins a piece. @param offset where it begins */
  begin(offset: number): void;
  push(chunk: Uint8Array): void | Promise<void>;
  /** Of so many bytes; undefined: others than these have been seen. */
  finish(size: number): Promise<string | undefined>;
}

export function createRunningSum(): RunningSum {
  let tap = createChecksumTap();
  /** How many bytes it has seen; -1: not those that count. */
  let seen = 0;
  return {
    begin(offset) {
      if (offset === 0 && seen !== 0) {
        tap = createChecksumTap();
        seen = 0;
      }
      if (offset !== seen) seen = -1;
    },
    push(chunk) {
      if (seen < 0) return undefined;
      seen += chunk.length;
      return tap.push(chunk);
    },
    async finish(size) {
      if (seen !== size) return undefined;
      seen = -1;
      return tap.finish();
    },
  };
}
