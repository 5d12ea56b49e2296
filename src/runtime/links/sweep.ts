/** Removes links whose audit need not be kept any longer. */
import type { LinkRegistry } from "./registry.ts";

/** Keeps one run short; what is left waits for the next. */
const BATCH_LINKS = 1000;
const MAX_BATCHES = 10;

/**
 * Removes the rows of links that ended more than `retentionSeconds` ago and resolves with how many. A counted link's
 * row outlives the link in any case: until the link expires, the count is needed.
 */
export async function sweepLinks(
  registry: Pick<LinkRegistry, "forgetEnded">,
  retentionSeconds: number,
  now: Date,
): Promise<number> {
  const before = new Date(now.getTime() - retentionSeconds * 1000).toISOString();
  let forgotten = 0;
  for (let batch = 0; batch < MAX_BATCHES; batch++) {
    const removed = await registry.forgetEnded(before, BATCH_LINKS);
    forgotten += removed;
    if (removed < BATCH_LINKS) break;
  }
  return forgotten;
}
