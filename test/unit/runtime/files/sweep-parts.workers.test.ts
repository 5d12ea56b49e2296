/** What one part of the sweep cannot do, the others still do. */
import { env } from "cloudflare:workers";
import { afterEach, expect, test, vi } from "vitest";
import { d1 } from "../../../../src/databases/d1.ts";
import { createSluice } from "../../../../src/index.ts";
import { buildOf, runSweep } from "../../../support/build.ts";
import { useFreshStorage } from "../../../support/database.ts";
import { refusingStatements } from "../../../support/faults.ts";

useFreshStorage();
afterEach(() => vi.restoreAllMocks());

const OLD = "'2020-01-01T00:00:00.000Z'";
/** Something for each part to do, and how much of it is left when that is not done. */
const parts: readonly (readonly [part: string, prepare: string, left: string])[] = [
  [
    "files",
    `INSERT INTO sluice_files (id, storage_key, status, visibility, endpoint, original_file_name, file_type, extension, created_at, updated_at) VALUES ('f', 'a/b.png', 'gone', 'public', 't', 'a', 'image/png', 'png', ${OLD}, ${OLD})`,
    "SELECT * FROM files",
  ],
  [
    "idempotency_keys",
    `INSERT INTO sluice_idempotency_keys (owner, scope, key, token, claimed_at, expires_at) VALUES ('o', 's', 'k', 't', ${OLD}, ${OLD})`,
    "SELECT * FROM sluice_idempotency_keys",
  ],
  [
    "jobs",
    `INSERT INTO sluice_jobs (id, endpoint, origin, fingerprint, state, priority, context, files, due_at, wake_at, expires_at, created_at, updated_at) VALUES ('j', 'e', 'call', 'f', 'done', 1, '{}', '[]', ${OLD}, ${OLD}, ${OLD}, ${OLD}, ${OLD})`,
    "SELECT * FROM sluice_jobs",
  ],
  [
    "links",
    `INSERT INTO sluice_links (id, file_id, kind, epoch, request_id, issued_at, expires_at) VALUES ('l', 'f', 'worker', 0, 'r', ${OLD}, ${OLD})`,
    "SELECT * FROM sluice_links",
  ],
  ["reconcile", "SELECT 1", "SELECT 1 WHERE NOT EXISTS (SELECT * FROM sluice_reconcile_runs)"],
];

const prepareAll = () => env.DB.batch(parts.map(([, prepare]) => env.DB.prepare(prepare)));
async function partsLeft(): Promise<readonly string[]> {
  const results = await env.DB.batch(parts.map(([, , left]) => env.DB.prepare(left)));
  return parts.flatMap(([part], index) => ((results[index]?.results.length ?? 0) === 0 ? [] : [part]));
}

test("each part has something to do, and does it", async () => {
  await prepareAll();
  expect(await partsLeft()).toEqual(parts.map(([part]) => part));
  await runSweep(env);
  expect(await partsLeft()).toEqual([]);
});

test.each([
  ["files", /^UPDATE "sluice_files"/],
  ["idempotency_keys", /"sluice_idempotency_keys"/],
  ["jobs", /"sluice_jobs"/],
  ["links", /"sluice_links"/],
  ["reconcile", /"sluice_reconcile_runs"/],
])("%s fails: the others run, the log names it, and so does the run", async (part, form) => {
  const log = vi.spyOn(console, "error").mockReturnValue();
  const counts = vi.spyOn(console, "log").mockReturnValue();
  await prepareAll();
  const faulty = { ...env, DB: refusingStatements(env.DB, form) } as Env;
  const scheduled = createSluice(buildOf([])).scheduled({ cron: "0 3 * * *", scheduledTime: 0 }, faulty);
  await expect(scheduled).rejects.toThrow(`in part: ${part}`);
  expect(await partsLeft()).toEqual([part]);
  expect(log.mock.calls.map(([line]) => JSON.parse(String(line)) as unknown)).toEqual([
    { event: "sweep_failed", part, error: "Error: injected" },
  ]);
  expect(String(counts.mock.calls[0]?.[0])).toContain('"event":"sweep"');
});

test("a setting that is wrong keeps links from being forgotten, and nothing else", async () => {
  const log = vi.spyOn(console, "error").mockReturnValue();
  await prepareAll();
  await expect(runSweep({ ...env, LINK_AUDIT_DAYS: "many" } as Env, d1)).rejects.toThrow("in part: links");
  expect(await partsLeft()).toEqual(["links"]);
  expect(log).toHaveBeenCalledOnce();
});
