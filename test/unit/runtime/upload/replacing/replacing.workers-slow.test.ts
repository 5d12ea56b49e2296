import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { d1 } from "../../../../../src/databases/d1.ts";
import { endEarlier } from "../../../../../src/runtime/files/replace-earlier.ts";
import { createD1Database } from "../../../../../src/runtime/database/d1/database.ts";
import { useFreshStorage } from "../../../../support/database.ts";
import { describeReplacing } from "./replacing.ts";
import { tableOf } from "./endpoints.ts";

useFreshStorage();

describeReplacing({
  engine: d1,
  bindings: { MAX_CONCURRENT_UPLOADS: "120" },
  run: async (sql) => (await env.DB.prepare(sql).all()).results,
  table: tableOf(),
});

test("reads the rows of the files that go and come, however many the owner has", async () => {
  const now = "2026-11-29T00:00:00.000Z";
  const row = `'ann', 'k' || n, 'stored', 'public', 'avatar', 'a', 'image/png', 'png', '${now}', '${now}', CASE n WHEN 7 THEN 'key' END`;
  await env.DB.prepare(
    `WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 5000)
     INSERT INTO sluice_files (id, owner, storage_key, status, visibility, endpoint, original_file_name, file_type, extension, created_at, updated_at, replaces_key)
     SELECT 'f' || n, ${row} FROM c`,
  ).run();
  for (const { sql, parameters } of endEarlier(createD1Database(env.DB), d1.dialect, {
    key: "key",
    ids: ["f9"],
    now,
  })) {
    const values = parameters.map(({ value }) => value);
    const { meta } = await env.DB.prepare(sql)
      .bind(...values)
      .run();
    expect(meta.changes).toBe(1);
    expect(meta.rows_read).toBeLessThanOrEqual(10);
  }
});
