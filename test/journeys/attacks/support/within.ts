/** Time as attackers want to take it. */
import { expect } from "vitest";

/** The work must be done in time. The clock of an isolate stands still while it computes: work that waited for storage counts. */
export async function within<Result>(milliseconds: number, work: () => Promise<Result>): Promise<Result> {
  const begun = performance.now();
  const result = await work();
  expect(performance.now() - begun).toBeLessThan(milliseconds);
  return result;
}
