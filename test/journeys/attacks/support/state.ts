/** All that the runtime keeps, so that a refused call can be shown to have left nothing. */
import { env } from "cloudflare:workers";
import { expect } from "vitest";
import { onD1 } from "../../../../src/contract/tables.ts";

const runtimeTables = [
  "files",
  "documents",
  "links",
  "upload_links",
  "link_epochs",
  "idempotency_keys",
  "jobs",
  "job_steps",
  "revoked_tokens",
  "row_guard",
].map(onD1);
const tables = ["gallery", "users", ...runtimeTables];

/** Objects with their bytes' hashes, and every row of every table. */
async function readState(): Promise<string> {
  const [{ objects }, rows] = await Promise.all([
    env.BUCKET.list(),
    env.DB.batch(tables.map((table) => env.DB.prepare(`SELECT * FROM ${table}`))),
  ]);
  return JSON.stringify([objects.map(({ key, etag }) => [key, etag]), rows.map(({ results }) => results)]);
}

/** As it was when it was last looked at: most checks change nothing, so that one look after each is enough. */
let known: string | null = null;

/** To be called where the state has changed for a good reason. */
export function forgetState(): void {
  known = null;
}

/** Runs what must change nothing. */
export async function expectUntouched(work: () => Promise<void>): Promise<void> {
  const before = known ?? (await readState());
  known = null;
  await work();
  const after = await readState();
  expect(after).toBe(before);
  known = after;
}
