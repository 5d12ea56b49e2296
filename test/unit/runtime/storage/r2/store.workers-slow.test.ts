import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { createR2Store } from "../../../../../src/runtime/storage/r2/store.ts";
import { useFreshStorage } from "../../../../support/database.ts";
import { failingParts } from "../../../../support/faults.ts";
import { pattern, sourceOf } from "../../../../support/source.ts";
import { describeStore, isUnavailable, key } from "../../../../contracts/object-store.ts";
import { putWhole } from "../../../../support/put.ts";

useFreshStorage();

const list = async () => (await env.BUCKET.list()).objects.map((object) => object.key);

describeStore("R2", () => createR2Store(env.BUCKET), list);

test("stores the media type with the object", async () => {
  await putWhole(createR2Store(env.BUCKET), key("typed"), sourceOf(pattern(3)), {
    contentType: "image/png",
    maxBytes: 10,
  });
  expect((await env.BUCKET.head(key("typed")))?.httpMetadata?.contentType).toBe("image/png");
});

test.each([1, 2, 3])("a failure of part %i is storage_unavailable and leaves no upload open", async (part) => {
  const faulty = failingParts(env.BUCKET, part);
  const put = putWhole(createR2Store(faulty.bucket), key("part"), sourceOf(pattern(14 << 20), 1 << 18), {
    contentType: "video/mp4",
    maxBytes: 1 << 30,
  });
  await expect(put).rejects.toSatisfy(isUnavailable);
  expect(await list()).toEqual([]);
  expect(faulty.open()).toBe(0);
});
