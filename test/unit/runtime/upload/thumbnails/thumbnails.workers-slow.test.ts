import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { d1 } from "../../../../../src/databases/d1.ts";
import { createInFlight } from "../../../../../src/runtime/storage/in-flight.ts";
import { makeObjectKey } from "../../../../../src/runtime/storage/object-key.ts";
import { createR2Store } from "../../../../../src/runtime/storage/r2/store.ts";
import { putThumbnails } from "../../../../../src/runtime/thumbnails/put-thumbnails.ts";
import { createWantedThumbnails } from "../../../../../src/runtime/thumbnails/wanted.ts";
import { explain, recordStatements } from "../../../../support/statements.ts";
import { useFreshStorage } from "../../../../support/database.ts";
import { tableOf } from "./endpoints.ts";
import { describeThumbnails } from "./thumbnails.ts";

useFreshStorage();

describeThumbnails({
  engine: d1,
  bindings: {},
  run: async (sql) => (await env.DB.prepare(sql).all()).results,
  table: tableOf(),
});

test("none is put where one would need an upload in parts", async () => {
  const made = [1000, 4 * 1024 * 1024 + 1].map((bytes) => {
    return { name: `of-${String(bytes)}`, width: 1280, height: 1280, jpeg: new Uint8Array(bytes) };
  });
  const key = makeObjectKey(["photos"], "a.png");
  if (key === null) throw new Error("no key");
  const inFlight = createInFlight({ borrow: () => true, return: () => undefined });
  expect(await putThumbnails(createR2Store(env.BUCKET), key, made, { inFlight })).toEqual([]);
  expect((await env.BUCKET.list()).objects).toEqual([]);
  expect(await putThumbnails(createR2Store(env.BUCKET), key, made.slice(0, 1), { inFlight })).toMatchObject([
    { size: 1000 },
  ]);
});

test("what waits is found by an index of its own, however many files are stored", async () => {
  const recorded = recordStatements(env.DB);
  const now = new Date().toISOString();
  const wanted = createWantedThumbnails(
    d1.open({ text: () => "", binding: (name) => (name === "DB" ? recorded.database : undefined) }),
    d1.dialect,
  );
  await wanted.find(50, now);
  await wanted.claim("a", now);
  await wanted.settle("a", now, null);
  const [found = "", ...others] = await explain(env.DB, recorded.take());
  expect(found).toMatch(/USING (?:COVERING )?INDEX sluice_files_thumbnails_wanted$/);
  expect(others).toHaveLength(2);
  for (const plan of others)
    expect(plan).not.toMatch(/SCAN sluice_files(?! USING INDEX sluice_files_thumbnails_wanted)|by_status/);
});
