/**
 * What one isolate holds of its callers' bytes, in two kinds: what calls have reserved in their ledger, and the parts of
 * resumable uploads. A Durable Object may share the isolate of the Worker, or of others of its class, or none; whoever is
 * in the same isolate has this module in common.
 */
const held = { calls: 0, parts: 0 };

export const isolateMemory = {
  bytesOf: (kind: keyof typeof held): number => held[kind],
  /** A negative amount gives back. */
  add(kind: keyof typeof held, bytes: number): void {
    held[kind] += bytes;
  },
};
