/** Uploads that are begun and never get a byte. */
import { env } from "cloudflare:workers";
import { beforeEach, expect, test } from "vitest";
import { useFreshStorage } from "../../../support/database.ts";
import { tableOf } from "./endpoints.ts";
import { createUploads, ring } from "./harness.ts";

useFreshStorage();
beforeEach(async () => {
  await env.DB.prepare(tableOf("d1")).run();
});

const { clientOf, files, expectNothing } = createUploads();

test("200 creations without a byte: each is a pending row and no object, and all go when they expire", async () => {
  const client = await clientOf("/any");
  const created = await Promise.all(Array.from({ length: 200 }, () => client.begin(1_000_000)));
  expect(new Set(created).size).toBe(200);
  expect(await files()).toHaveLength(200);
  expect((await env.BUCKET.list()).objects).toEqual([]);
  await env.DB.prepare("UPDATE sluice_files SET resumable_until = ?1, updated_at = ?1")
    .bind("2020-01-01T00:00:00.000Z")
    .run();
  for (const address of created) expect(await ring(address)).toBe(true);
  await expectNothing();
}, 120_000);
