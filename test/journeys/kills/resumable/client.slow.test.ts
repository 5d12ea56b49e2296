/** `sluice/client/tus` against the real runtime: lines that break, a server that is killed, pauses, reloads, two tabs. */
import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { signToken } from "../../../../src/cli/local/sign-token.ts";
import { createClient, SluiceError, type ClientOptions } from "../../../../src/client/client.ts";
import { resumableUploads, type ResumableCallOptions } from "../../../../src/client/tus/tus.ts";
import { moments, startCuttingProxy } from "../../../support/node/cutting-proxy.ts";
import { memoryStorage } from "../../../support/node/memory-storage.ts";
import { secrets } from "../../../support/secrets.ts";
import type { KillableServer } from "../server.ts";
import { endpoints, type Endpoints } from "./client-endpoints.ts";
import { dumpOf, MOST_BYTES, startFilms, type Dump } from "./films.ts";

const MIB = 1024 * 1024;

let folder: string;
let server: KillableServer;
let before: Dump;
let token: string;
/** `METHOD status` of each answer. */
let answers: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-pieces-"));
  server = await startFilms(folder);
  token = await signToken({ secret: secrets.JWT_SECRET_KEY, claims: { id: "ann" }, expiresSeconds: 3600 });
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});
beforeEach(async () => {
  before = await dumpOf(server);
  answers = [];
});

const logged = async (url: string, init: RequestInit) => {
  const answer = await fetch(url, init);
  answers.push(`${String(init.method)} ${String(answer.status)}`);
  return answer;
};

function uploadsOf(
  options: Partial<ClientOptions<Endpoints>> = {},
  { origin = server.origin() ?? "", chunkBytes = 2 * MIB } = {},
) {
  const client = createClient(origin, { endpoints, fetch: logged, ...options, token: options.token ?? token });
  return resumableUploads(client, { chunkBytes });
}

const filmOf = (bytes: Buffer) =>
  new File([new Uint8Array(bytes)], "film.bin", { type: "application/octet-stream", lastModified: 1 });

/** It, and nothing else, has come since the test began. */
async function expectStored(...files: readonly Buffer[]): Promise<void> {
  const now = await dumpOf(server);
  const known = new Set(before.files.map((file) => file["storage_key"]));
  const fresh = now.files.filter((file) => !known.has(file["storage_key"]));
  const sums = files.map((bytes) => createHash("sha256").update(bytes).digest("hex"));
  expect(fresh.map((file) => file["checksum_sha256"]).toSorted()).toEqual(sums.toSorted());
  expect(fresh.every(({ status }) => status === "stored")).toBe(true);
  expect(now.rows).toHaveLength(before.rows.length + files.length);
  expect(now.objects).toHaveLength(before.objects.length + files.length);
}

const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => "done",
    (error: unknown) => (error instanceof SluiceError ? error.code : error),
  );

/** Aborts when so many bytes are acknowledged or sent. */
async function pauseAt(bytes: number, send: (options: ResumableCallOptions) => Promise<unknown>): Promise<unknown> {
  const controller = new AbortController();
  const onProgress = ({ loaded }: { readonly loaded: number }) => {
    if (loaded >= bytes) controller.abort();
  };
  return codeOf(send({ signal: controller.signal, onProgress }));
}

test("a line that breaks at every third request, and a server that is killed twice: the file, once", async () => {
  const bytes = randomBytes(16 * MIB + 5);
  const proxy = await startCuttingProxy(
    () => server.origin(),
    (count) => (count % 3 === 0 ? (moments[(count / 3) % moments.length] ?? null) : null),
  );
  const seen: number[] = [];
  const kills: Promise<void>[] = [];
  const onProgress = ({ loaded }: { readonly loaded: number }) => {
    seen.push(loaded);
    if (loaded > (kills.length + 1) * 5 * MIB && kills.length < 2) kills.push(server.kill());
  };
  try {
    const uploads = uploadsOf({}, { origin: proxy.origin });
    const row = await uploads.call("video-01", { files: [filmOf(bytes)] }, { onProgress, retries: 12, timeout: 3000 });
    await Promise.all(kills);
    await expectStored(bytes);
    expect((await dumpOf(server)).rows).toContainEqual(row);
    expect(seen.at(-1)).toBe(bytes.length);
    expect(answers.filter((answer) => answer.startsWith("POST 201"))).toHaveLength(1);
    for (const moment of moments) expect(proxy.cuts[moment]).toBeGreaterThan(0);
  } finally {
    await proxy.close();
  }
});

test("paused, and gone on with where it stopped", async () => {
  const bytes = randomBytes(7 * MIB);
  const uploads = uploadsOf();
  const file = filmOf(bytes);
  expect(await pauseAt(5 * MIB, (options) => uploads.call("video-01", { files: [file] }, options))).toBe("aborted");
  const first = answers.length;
  await uploads.call("video-01", { files: [file] });
  expect(answers.slice(first)).not.toContain("POST 201");
  expect(answers[first]).toMatch(/^GET 20[02]$/);
  await expectStored(bytes);
});

test("after a reload: another client with the same storage; and then nothing is kept", async () => {
  const bytes = randomBytes(7 * MIB);
  const storage = memoryStorage();
  const one = uploadsOf({ storage });
  await pauseAt(3 * MIB, (options) => one.call("video-01", { files: [filmOf(bytes)] }, options));
  expect(storage.kept.get("sluice-uploads")).toContain("/v1/uploads/video-01/");
  const first = answers.length;
  await uploadsOf({ storage }).call("video-01", { files: [filmOf(bytes)] });
  expect(answers.slice(first).filter((answer) => answer === "POST 201")).toEqual([]);
  expect(storage.kept.get("sluice-uploads")).toBe("{}");
  await expectStored(bytes);
});

test("two tabs with one file: the second waits, and has the first one's answer", async () => {
  const bytes = randomBytes(7 * MIB);
  const storage = memoryStorage();
  let second: Promise<{ readonly id: string }> | undefined;
  const onProgress = () => {
    second ??= uploadsOf({ storage }).call("video-01", { files: [filmOf(bytes)] });
  };
  const first = await uploadsOf({ storage }).call("video-01", { files: [filmOf(bytes)] }, { onProgress });
  expect(await second).toEqual(first);
  await expectStored(bytes);
});

test("the same file by another user: an upload of its own", async () => {
  const bytes = randomBytes(5 * MIB);
  const storage = memoryStorage();
  await pauseAt(3 * MIB, (options) => uploadsOf({ storage }).call("video-01", { files: [filmOf(bytes)] }, options));
  const other = await signToken({ secret: secrets.JWT_SECRET_KEY, claims: { id: "ben" }, expiresSeconds: 3600 });
  await uploadsOf({ storage, token: other }).call("video-01", { files: [filmOf(bytes)] });
  expect(answers).toContain("GET 404");
  const stored = (await dumpOf(server)).files.filter(({ status }) => status === "stored");
  expect(stored).toHaveLength(before.files.filter(({ status }) => status === "stored").length + 1);
});

test("discarded: nothing is left, and the same file begins anew", async () => {
  const bytes = randomBytes(7 * MIB);
  const uploads = uploadsOf();
  const file = filmOf(bytes);
  let isDiscarded: Promise<void> | undefined;
  const onProgress = ({ loaded }: { readonly loaded: number }) => {
    if (loaded > 3 * MIB) isDiscarded ??= uploads.discard("video-01", { files: [file] });
  };
  expect(await codeOf(uploads.call("video-01", { files: [file] }, { onProgress }))).toBe("aborted");
  await isDiscarded;
  expect(answers.at(-1)).toBe("DELETE 204");
  await expectStored();
  await uploads.discard("video-01", { files: [file] });
  await uploads.call("video-01", { files: [file] });
  await expectStored(bytes);
});

test("a token that is no longer taken in the midst", async () => {
  const bytes = randomBytes(160 * 1024);
  const asked: boolean[] = [];
  const renewed = (isRefused: boolean) => {
    asked.push(isRefused);
    return asked.length === 4 ? "stale" : token;
  };
  // Of larger pieces workerd may end the connection before its refusal is read, as it is answered before they have come.
  await uploadsOf({ token: renewed }, { chunkBytes: 32 * 1024 }).call("video-01", { files: [filmOf(bytes)] });
  expect(answers.filter((answer) => answer === "PATCH 401")).toHaveLength(1);
  expect(asked.filter(Boolean)).toHaveLength(1);
  await expectStored(bytes);
});

test("an upload that has gone meanwhile begins again, once", async () => {
  const bytes = randomBytes(7 * MIB);
  const storage = memoryStorage();
  await pauseAt(3 * MIB, (options) => uploadsOf({ storage }).call("video-01", { files: [filmOf(bytes)] }, options));
  const [path] = /\/v1\/uploads\/[^"]+/.exec(storage.kept.get("sluice-uploads") ?? "") ?? [];
  const headers = { "tus-resumable": "1.0.0", "x-access-token": token };
  await fetch(`${server.origin() ?? ""}${path ?? ""}`, { method: "DELETE", headers });
  answers = [];
  await uploadsOf({ storage }).call("video-01", { files: [filmOf(bytes)] });
  expect(answers.slice(0, 2)).toEqual(["GET 404", "POST 201"]);
  await expectStored(bytes);
});

test("what is small goes as a form, and what is too large nowhere", async () => {
  const small = randomBytes(10_000);
  await uploadsOf().call("video-01", { files: [filmOf(small)] });
  expect(answers).toEqual(["POST 200"]);
  await expectStored(small);
  const large = filmOf(Buffer.alloc(MOST_BYTES + 1));
  expect(await codeOf(uploadsOf().call("video-01", { files: [large] }))).toBe("file_too_large");
  expect(answers).toHaveLength(1);
});
