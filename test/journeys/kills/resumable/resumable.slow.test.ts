/** 64 MiB by tus over a line that breaks fifty times, to a server that is killed five times: the file, once. */
import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { signToken } from "../../../../src/cli/local/sign-token.ts";
import { secrets } from "../../../support/secrets.ts";
import { resumablePartBytes as PART_BYTES } from "../../../../src/contract/limits.ts";
import type { KillableServer } from "../server.ts";
import { dumpOf, MOST_BYTES as BYTES, startFilms } from "./films.ts";
import { sendInterrupted } from "./interrupted.ts";

let folder: string;
let server: KillableServer;
let token: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-resumable-"));
  server = await startFilms(folder);
  token = await signToken({ secret: secrets.JWT_SECRET_KEY, claims: { id: "ann" }, expiresSeconds: 3600 });
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

test("a line that breaks 50 times and a server that is killed 5 times: the file, once", async () => {
  const bytes = new Uint8Array(randomBytes(BYTES));
  const { path, kills, mostLost } = await sendInterrupted({ server, bytes, token, breaks: 55, seed: 21 });
  expect(kills).toBe(5);
  expect(mostLost).toBeLessThanOrEqual(2 * PART_BYTES);

  const answer = await fetch(`${server.origin() ?? ""}${path}`, { headers: { "x-access-token": token } });
  expect(answer.status).toBe(200);
  const dump = await dumpOf(server);
  const checksum = createHash("sha256").update(bytes).digest("hex");
  expect(dump.files).toMatchObject([{ status: "stored", file_size: BYTES, checksum_sha256: checksum }]);
  expect(dump.objects).toMatchObject([{ size: BYTES }]);
  expect(dump.rows).toHaveLength(1);
});
