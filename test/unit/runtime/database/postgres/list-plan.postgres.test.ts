/** How PostgreSQL goes about an owner's list among many files: by one index, whatever is asked. */
import { everythingAt } from "../../../../contracts/file-filter.ts";
import { epochAbove } from "../../../../../src/runtime/links/registry.ts";
import { beforeAll, describe, expect, test } from "vitest";
import type { Database } from "../../../../../src/runtime/database/database.ts";
import { hyperdrive } from "../../../../../src/databases/hyperdrive.ts";
import { createStatements } from "../../../../../src/runtime/database/statements.ts";
import { pageOf, type FileFilter } from "../../../../../src/runtime/files/list.ts";
import { environmentWith, postgres } from "./engines.ts";

const NOW = "2026-06-01T00:00:00.000Z";
const everything = everythingAt(NOW);
const behind = { value: "2024-03-01T00:00:00.000Z", id: "0" };

describe.skipIf(postgres === null)("an owner's list among 40,000 files", () => {
  let database: Database;
  const run = async (sql: string) =>
    (await database.batch([{ sql, parameters: [], columns: {}, writes: true }]))[0] ?? [];

  beforeAll(async () => {
    database = hyperdrive.open(environmentWith());
    await run("TRUNCATE sluice.files");
    const columns =
      "id, owner, storage_key, status, visibility, endpoint, original_file_name, file_type, extension, file_size, created_at, updated_at";
    await run(
      `INSERT INTO sluice.files (${columns}) SELECT lpad(n::text, 24, '0'), 'owner ' || n % 4, 'key ' || n, 'stored', 'public', ` +
        `'e', 'a.png', 'image/png', 'png', n, timestamptz '2024-01-01' + n * interval '5 minutes', now() FROM generate_series(1, 40000) AS n`,
    );
    await run("ANALYZE sluice.files");
  });

  const planOf = async (filter: FileFilter, position: { skip: number } | typeof behind) => {
    const page = createStatements(database, hyperdrive.dialect).reading(
      pageOf(hyperdrive.dialect, "owner 1", filter, "newest", position, 20, epochAbove("owner 1")),
    );
    const [rows] = await database.batch([{ ...page, sql: `EXPLAIN ${page.sql}` }]);
    return (rows ?? []).map((row) => row["QUERY PLAN"] as string).join("\n");
  };

  test.each<[string, FileFilter, { skip: number } | typeof behind]>([
    ["the first page", everything, { skip: 0 }],
    ["behind a cursor", everything, behind],
    ["between two days", { ...everything, from: "2024-02-01T00:00:00.000Z", to: NOW }, behind],
  ])("%s walks the owner's index, and sorts nothing", async (_, filter, position) => {
    const plan = await planOf(filter, position);
    expect(plan).toMatch(/Index Scan Backward using files_by_owner/);
    expect(plan).not.toMatch(/Seq Scan|Sort/);
  });

  test("of a type reads no more than the owner's part of the index", async () => {
    const plan = await planOf({ ...everything, type: "image/" }, behind);
    expect(plan).toContain("files_by_owner");
    expect(plan).not.toContain("Seq Scan");
  });
});
