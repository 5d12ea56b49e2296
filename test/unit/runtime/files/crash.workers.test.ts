/** A call that dies while its parts are on the way: what the sweep finds a while later. */
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { as, concat, createCaller, formBody, MULTIPART } from "../../../support/app.ts";
import { readStored, useFreshStorage } from "../../../support/database.ts";
import { JPEG_START } from "../../../support/pictures.ts";
import { planOf, uploadStep } from "../../../support/plans.ts";
import { pattern } from "../../../support/source.ts";
import { runSweep } from "../../../support/build.ts";

useFreshStorage();

/** A bucket that opens uploads and never answers about a part again, as if the isolate had been evicted. */
function freezingBucket(uploads: R2MultipartUpload[]): R2Bucket {
  return new Proxy(env.BUCKET, {
    get(target, name: keyof R2Bucket) {
      const member = target[name];
      if (name !== "createMultipartUpload") return typeof member === "function" ? member.bind(target) : member;
      return async (key: string, options: R2MultipartOptions) => {
        const upload = await target.createMultipartUpload(key, options);
        uploads.push(upload);
        return { uploadId: upload.uploadId, uploadPart: () => new Promise(() => {}) };
      };
    },
  });
}

test("the pending row knows the open upload, and the sweep ends it", async () => {
  const uploads: R2MultipartUpload[] = [];
  const call = createCaller([planOf([uploadStep()])], { BUCKET: freezingBucket(uploads) });
  const body = formBody([{ fileName: "a.jpg", type: "image/jpeg", body: concat([JPEG_START, pattern(6_000_000)]) }]);
  void call("/test", { method: "POST", headers: { ...(await as("ann")), ...MULTIPART }, body });
  const rowOf = async () => (await readStored()).files[0];
  while (typeof (await rowOf())?.["upload_id"] !== "string") await scheduler.wait(10);
  const [upload] = uploads;
  expect(await rowOf()).toMatchObject({ status: "pending", upload_id: upload?.uploadId });

  await runSweep(env);
  expect((await rowOf())?.["status"]).toBe("pending");
  await env.DB.prepare("UPDATE sluice_files SET updated_at = '2026-01-01T00:00:00.000Z'").run();
  await runSweep(env);
  expect(await readStored()).toEqual({ objects: [], files: [], gallery: [] });
  await expect(upload?.uploadPart(2, pattern(5 << 20))).rejects.toThrow();
});
