/** Two hundred uploads at once on a quota of fifty files. */
import { beforeEach, describe, expect, test } from "vitest";
import { createQuotaClient, text, type QuotaHarness } from "./harness.ts";

export function describeRaces(harness: QuotaHarness): void {
  const { run } = harness;
  beforeEach(async () => {
    await run("DELETE FROM sluice_files");
    await run("DELETE FROM sluice_quotas");
  });

  // Nobody has to wait for room; one caller gets two thirds of it.
  const room = { MAX_CONCURRENT_UPLOADS: "400", MAX_MEMORY_BYTES: "1073741824" };
  const { post, remove, count, rows, objects, expectNoDrift } = createQuotaClient({
    ...harness,
    bindings: { ...harness.bindings, ...room },
  });

  describe("of 200 uploads at once", { timeout: 120_000 }, () => {
    test("exactly 50 pass on a quota of 50 files", async () => {
      const answers = await Promise.all(Array.from({ length: 200 }, (_, index) => post("/fifty", [text(1 + index)])));
      const statuses = Map.groupBy(answers, ({ status }) => status);
      expect([...statuses].map(([status, { length }]) => [status, length]).toSorted()).toEqual([
        [200, 50],
        [413, 150],
      ]);
      expect((await count("fifty"))?.[1]).toBe(50);
      expect([await rows(), await objects()]).toEqual([50, 50]);
      await expectNoDrift();
    });

    test("and deletions, none is counted twice or not at all", async () => {
      const stored: string[] = [];
      const pass = async () => {
        const response = await post("/fifty", [text(9)]);
        if (response.status !== 200) return;
        const { data } = await response.json<{ data: { storage_key: string }[] }>();
        stored.push(...data.map((file) => file.storage_key));
      };
      await Promise.all(Array.from({ length: 50 }, pass));
      const taken = stored.splice(0, 30);
      await Promise.all([
        ...taken.flatMap((key) => [remove([key]), remove([key])]),
        ...Array.from({ length: 100 }, pass),
      ]);
      expect((await count("fifty"))?.[1]).toBe(stored.length);
      expect(stored.length).toBeLessThanOrEqual(50);
      expect(stored.length).toBeGreaterThanOrEqual(20);
      expect([await rows(), await objects()]).toEqual([stored.length, stored.length]);
      await expectNoDrift();
    });
  });
}
