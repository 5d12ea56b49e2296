/** The quota of the file API's own uploads, and what it says of its limits. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, test } from "vitest";
import { limitsSchema } from "../../../../src/compiler/interface/openapi/file-api-paths.ts";
import type { Json } from "../../../../src/contract/plan.ts";
import { createRecount } from "../../../../src/runtime/quotas/recount.ts";
import { callerOf, type FormPart } from "../../../support/app.ts";
import { buildOf, runSweep } from "../../../support/build.ts";
import { deviations } from "../../../support/conforms.ts";
import { secrets } from "../../../support/secrets.ts";
import { dataOf, expectRefusal, UPLOADED, user } from "../file-api/support.ts";
import { createQuotaClient, text, type QuotaHarness } from "./harness.ts";

export function describeFileApiQuota(harness: QuotaHarness): void {
  const { engine, bindings, run, open } = harness;
  const { count, rows, objects, expectNoDrift } = createQuotaClient(harness);
  const build = buildOf([], engine);
  const environment = { ...bindings, ...secrets };
  const as = (id: string, quota = "bytes:1000, files:3", more: Readonly<Record<string, string>> = {}) => {
    const call = callerOf(build, { ...environment, FILE_API_QUOTA: quota, ...more });
    return user(id, call, { secret: secrets.JWT_SECRET_KEY });
  };
  const [ann, ben] = [as("ann"), as("ben")];
  const stored = async (part: FormPart, someone = ann) => dataOf(await someone.upload([part]), UPLOADED);
  const refused = async (part: FormPart, someone = ann) =>
    expectRefusal(await someone.upload([part]), 413, "quota_exceeded");
  const limitsOf = async (someone = ann) => {
    const limits = await dataOf<Json>(await someone.send("/v1/upload/limits"), "OK");
    expect(deviations(limitsSchema, limits)).toEqual([]);
    return limits;
  };
  const usedBy = async (someone = ann) => (await limitsOf(someone)) as { readonly quota: Json };

  beforeEach(async () => {
    await run("DELETE FROM sluice_files");
    await run("DELETE FROM sluice_quotas");
  });

  describe("FILE_API_QUOTA", () => {
    test("takes what fits exactly, of each caller, and nothing more", async () => {
      await stored(text(400));
      await stored(text(600), ann);
      expect(await refused(text(1))).toMatchObject({ bytes_left: 0, files_left: 1 });
      await stored(text(1000), ben);
      expect([await count("v1/upload ann"), await count("v1/upload ben")]).toEqual([
        [1000, 2],
        [1000, 1],
      ]);
      expect([await rows(), await objects()]).toEqual([3, 3]);
      await expectNoDrift();
    });

    test("is of public and private files together, and is said beside the limits", async () => {
      await stored(text(100));
      await dataOf(await ann.upload([text(200)], "/v1/upload/private"), UPLOADED);
      expect(await usedBy()).toMatchObject({ quota: { maxBytes: 1000, maxFiles: 3, usedBytes: 300, usedFiles: 2 } });
      expect(await usedBy(ben)).toMatchObject({ quota: { usedBytes: 0, usedFiles: 0 } });
      expect(await usedBy(as("ann", "files:2"))).toMatchObject({ quota: { maxBytes: null, maxFiles: 2 } });
    });

    // Of bytes, what others are bringing counts with what stands between files: one that would just fit may have to come again.
    test("of six at once as many pass as there are places", async () => {
      const counted = as("ann", "files:3");
      const answers = await Promise.all(Array.from({ length: 6 }, () => counted.upload([text(10)])));
      const statuses = answers.map(({ status }) => status);
      expect(statuses.filter((status) => status === 200)).toHaveLength(3);
      expect(statuses.filter((status) => status === 413)).toHaveLength(3);
      expect(await count("v1/upload ann")).toEqual([30, 3]);
      expect([await rows(), await objects()]).toEqual([3, 3]);
    });

    test("what fails is given back at once", async () => {
      const refusal = await ann.upload([{ name: "file", fileName: "a.png", type: "image/png", body: "a".repeat(900) }]);
      await expectRefusal(refusal, 415, "file_type_mismatch");
      expect(await usedBy()).toMatchObject({ quota: { usedBytes: 0, usedFiles: 0 } });
      await stored(text(1000));
    });

    test("what is deleted counts until it cannot be restored any more", async () => {
      const strict = as("ann", "bytes:1000", { RETENTION_SECONDS: "0" });
      const [kept, gone] = [await stored(text(400)), await stored(text(600))];
      await ann.send(`/v1/upload/${kept._id}`, { method: "DELETE" });
      await refused(text(1));
      await strict.send(`/v1/upload/${gone._id}`, { method: "DELETE" });
      await runSweep({ ...env, ...environment } as Env, engine);
      expect(await usedBy()).toMatchObject({ quota: { usedBytes: 400, usedFiles: 1 } });
      await dataOf(await ann.send(`/v1/upload/${kept._id}/restore`, { method: "POST" }), "file Restored Successfully");
      await stored(text(600));
      await expectNoDrift();
    });

    test("files from before it count once they have been counted", async () => {
      const before = as("ann", "");
      await stored(text(400), before);
      await stored(text(50), as("ben", ""));
      expect(await usedBy()).toMatchObject({ quota: { usedBytes: 0 } });
      const recount = createRecount(open(), engine.dialect, engine.dialect.placeholder(1) === "$1");
      const quota = { endpoint: "v1/upload", name: "v1/upload", isPerOwner: true };
      expect(await recount.findUncounted(quota)).toBe(2);
      await recount.adopt(quota);
      await recount.settle();
      expect(await count("v1/upload ann")).toEqual([400, 1]);
      expect(await refused(text(601))).toMatchObject({ bytes_left: 600 });
      await stored(text(600));
    });

    test("where nobody sets it, any amount is stored, and nothing is counted", async () => {
      const free = as("ann", "");
      await stored(text(5000), free);
      expect(await limitsOf(free)).toMatchObject({ quota: null });
      expect(await count("v1/upload ann")).toBe(null);
    });
  });
}
