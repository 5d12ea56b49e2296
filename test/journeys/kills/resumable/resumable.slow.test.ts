/** 64 MiB by tus over a line that breaks fifty times, to a server that is killed five times: the file, once. */
import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { signToken } from "../../../../src/cli/local/sign-token.ts";
import { secrets } from "../../../support/secrets.ts";
import { createDice } from "../../fuzz/mutations.ts";
import { resumablePartBytes as PART_BYTES } from "../../../../src/contract/limits.ts";
import type { KillableServer } from "../server.ts";
import { dumpOf, MOST_BYTES as BYTES, startFilms } from "./films.ts";
import { askOffset, sendUntil } from "./upload.ts";

const MIB = 1024 * 1024;
const CUTS = 50;
const KILLS = 5;
/** Decides where the line breaks; what the server was doing just then differs from run to run. */
const SEED = 21;

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

/** Of the server that is up now. */
const addressOf = (path: string) => `${server.origin() ?? "http://127.0.0.1:9"}${path}`;

test("a line that breaks 50 times and a server that is killed 5 times: the file, once", async () => {
  const bytes = new Uint8Array(randomBytes(BYTES));
  const created = await fetch(addressOf("/video"), {
    method: "POST",
    headers: { "tus-resumable": "1.0.0", "upload-length": String(BYTES), "x-access-token": token },
  });
  expect(created.status).toBe(201);
  const { pathname } = new URL(created.headers.get("location") ?? "");
  const url = () => addressOf(pathname);

  const dice = createDice(SEED, 0);
  const points = Array.from({ length: CUTS + KILLS }, () => dice(BYTES)).toSorted((one, two) => one - two);
  let resent = 0;
  let mostResent = 0;
  let reached = 0;
  /** What a killed server had in its memory is lost: the part that was filled, and the one that was sent. */
  let most = 0;
  const resume = async () => {
    const offset = await askOffset(url, token);
    expect(offset).toBeLessThanOrEqual(reached);
    expect(reached - offset).toBeLessThanOrEqual(most);
    resent += reached - offset;
    mostResent = Math.max(mostResent, reached - offset);
    return offset;
  };
  for (const [index, point] of points.entries()) {
    const offset = await resume();
    const until = Math.min(BYTES - 1, Math.max(point, offset + 1 + dice(65_536)));
    const isKill = index % 11 === 5;
    const { sent, status } = await sendUntil({ url: url(), bytes, offset, token }, until, async (destroy) => {
      if (isKill) await server.kill();
      destroy();
    });
    expect(status).toBeNull();
    reached = offset + sent;
    most = (isKill ? 2 : 1) * PART_BYTES;
  }
  const offset = await resume();
  const last = await sendUntil({ url: url(), bytes, offset, token }, null, async () => undefined);
  expect(last.status).toBe(204);
  console.log(`sent twice: ${(resent / MIB).toFixed(1)} MiB in all, at most ${(mostResent / MIB).toFixed(1)} at once`);

  const answer = await fetch(url(), { headers: { "x-access-token": token } });
  expect(answer.status).toBe(200);
  const dump = await dumpOf(server);
  const checksum = createHash("sha256").update(bytes).digest("hex");
  expect(dump.files).toMatchObject([{ status: "stored", file_size: BYTES, checksum_sha256: checksum }]);
  expect(dump.objects).toMatchObject([{ size: BYTES }]);
  expect(dump.rows).toHaveLength(1);
});
