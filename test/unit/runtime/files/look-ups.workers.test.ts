/** Statements about certain files read those and no others, however many there are. */
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { d1 } from "../../../../src/databases/d1.ts";
import { areStored } from "../../../../src/runtime/files/readable.ts";
import { createOwnedFiles } from "../../../../src/runtime/files/delete-owned.ts";
import { createFileRegistry } from "../../../../src/runtime/files/registry.ts";
import { createD1Database } from "../../../../src/runtime/database/d1/database.ts";
import { createStatements } from "../../../../src/runtime/database/statements.ts";
import { sql } from "drizzle-orm";
import { useFreshStorage } from "../../../support/database.ts";
import { explain, recordStatements } from "../../../support/statements.ts";
import { key } from "../../../contracts/object-store.ts";

useFreshStorage();

const NOW = "2026-11-29T00:00:00.000Z";
const keys = [key("a"), key("b")];
const ownedIn = (recorded: D1Database) => createOwnedFiles(createD1Database(recorded), d1.dialect);

test.each<[string, (registry: ReturnType<typeof createFileRegistry>, recorded: D1Database) => Promise<unknown>]>([
  ["an owner's files by their keys", (_, recorded) => ownedIn(recorded).find("ann", keys)],
  ["deleting", (_, recorded) => createD1Database(recorded).batch([ownedIn(recorded).ending("ann", keys, NOW)])],
  ["taking back", (registry) => registry.abandon(keys, NOW)],
  ["forgetting", (registry) => registry.forget(keys)],
  [
    "whether all are stored",
    (_, recorded) =>
      createStatements(createD1Database(recorded), d1.dialect).read(sql`SELECT ${areStored(d1.dialect, keys)}`),
  ],
])("%s", async (_, ask) => {
  const recorded = recordStatements(env.DB);
  await ask(createFileRegistry(createD1Database(recorded.database), d1.dialect), recorded.database);
  const plans = await explain(env.DB, recorded.take());
  expect(plans.length).toBeGreaterThan(0);
  for (const plan of plans) {
    expect(plan).toContain("sluice_files_storage_key_unique");
    expect(plan).not.toMatch(/sluice_files_by_|SCAN sluice_files/);
  }
});
