/** Links that two hundred places use at once. */
import { beforeEach, describe, expect, test } from "vitest";
import { createLinks, startAnew, text, type LinkHarness } from "./harness.ts";

export function describeRaces(harness: LinkHarness): void {
  // Nobody has to wait for room; one caller gets two thirds of it.
  const room = { MAX_CONCURRENT_UPLOADS: "400", MAX_MEMORY_BYTES: "1073741824" };
  const wide = { ...harness, bindings: { ...harness.bindings, ...room } };
  const { issue, post, revoke, uses, statuses } = createLinks(wide);

  beforeEach(() => startAnew(harness));

  describe("of 200 uploads at once", { timeout: 120_000 }, () => {
    test.each([1, 7])("exactly %i pass by a link for as many", async (most) => {
      const { url, id } = await issue("/things", { max_uploads: most });
      const answers = await Promise.all(Array.from({ length: 200 }, () => post(url)));
      const counts = Map.groupBy(answers, ({ status }) => status);
      expect([counts.get(200)?.length, counts.get(410)?.length]).toEqual([most, 200 - most]);
      expect(await uses(id)).toBe(most);
      expect(await statuses()).toEqual(Array.from({ length: most }, () => "stored"));
    });

    test("those that fail give back what others then get", async () => {
      const { url, id } = await issue("/quota", { max_uploads: 7 });
      const gif = { fileName: "a.gif", body: "GIF89a" };
      await Promise.all(Array.from({ length: 100 }, (_, index) => post(url, [text(), ...(index % 2 ? [gif] : [])])));
      // The quota is of two files.
      expect(await uses(id)).toBe(2);
      expect(await statuses()).toEqual(["stored", "stored"]);
    });

    test("none passes that begins after a revocation was answered", async () => {
      const { url, id } = await issue("/things", { max_uploads: 1000 });
      const early = Array.from({ length: 100 }, () => post(url));
      await revoke(`/things/links/${id}`);
      const late = await Promise.all(Array.from({ length: 100 }, () => post(url)));
      expect(new Set(late.map(({ status }) => status))).toEqual(new Set([410]));
      const passed = (await Promise.all(early)).filter(({ status }) => status === 200).length;
      expect([await uses(id), (await statuses()).length]).toEqual([passed, passed]);
    });
  });
}
