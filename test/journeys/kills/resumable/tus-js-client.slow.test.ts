/** The protocol's own client, unmodified, against the real runtime. */
import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { Upload, type UploadOptions } from "tus-js-client";
import { afterAll, beforeAll, expect, test } from "vitest";
import { signToken } from "../../../../src/cli/local/sign-token.ts";
import { secrets } from "../../../support/secrets.ts";
import type { KillableServer } from "../server.ts";
import { dumpOf, startFilms } from "./films.ts";

const MIB = 1024 * 1024;
let folder: string;
let server: KillableServer;
let headers: Record<string, string>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-tus-"));
  server = await startFilms(folder);
  const claims = { id: "ann" };
  headers = { "x-access-token": await signToken({ secret: secrets.JWT_SECRET_KEY, claims, expiresSeconds: 3600 }) };
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

interface Sent {
  readonly url: string;
  /** `METHOD status` of each answer. */
  readonly answers: readonly string[];
}

/** Sends to the end, as the client does it by itself. */
function send(input: Buffer | Readable, options: UploadOptions, started: (upload: Upload) => void = () => undefined) {
  const answers: string[] = [];
  return new Promise<Sent>((resolve, reject) => {
    const upload = new Upload(input, {
      endpoint: `${server.origin() ?? ""}/video`,
      headers,
      chunkSize: 5 * MIB,
      retryDelays: [],
      metadata: { filename: "größe.bin" },
      onAfterResponse: (request, response) =>
        void answers.push(`${request.getMethod()} ${String(response.getStatus())}`),
      onError: reject,
      onSuccess: () => resolve({ url: upload.url ?? "", answers }),
      ...options,
    });
    started(upload);
    upload.start();
  });
}

const shaOf = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

async function expectStored(bytes: Uint8Array): Promise<void> {
  const { files, objects } = await dumpOf(server);
  const found = files.filter((file) => file["checksum_sha256"] === shaOf(bytes));
  expect(found).toMatchObject([{ status: "stored", file_size: bytes.length }]);
  expect(objects.filter(({ key }) => key === found[0]?.["storage_key"])).toMatchObject([{ size: bytes.length }]);
}

test("a buffer in chunks, and what the endpoint has answered", async () => {
  const bytes = randomBytes(12 * MIB + 5);
  const { url, answers } = await send(bytes, {});
  expect(answers).toEqual(["POST 201", "PATCH 204", "PATCH 204", "PATCH 204"]);
  await expectStored(bytes);
  const answer = (await (await fetch(url, { headers })).json()) as { readonly data: unknown };
  expect(answer.data).toMatchObject({ storage_key: expect.any(String) as string });
});

test("its first chunk with the creation", async () => {
  const bytes = randomBytes(6 * MIB);
  expect((await send(bytes, { uploadDataDuringCreation: true })).answers).toEqual(["POST 201", "PATCH 204"]);
  await expectStored(bytes);
});

test("a stream whose length is told at its end", async () => {
  const bytes = randomBytes(7 * MIB + 1);
  const options = { uploadLengthDeferred: true };
  await send(Readable.from([bytes.subarray(0, 3 * MIB), bytes.subarray(3 * MIB)]), options);
  await expectStored(bytes);
});

test("stopped, and resumed by another client where the first has stopped", async () => {
  const bytes = randomBytes(12 * MIB);
  const url = await new Promise<string>((resolve, reject) => {
    const options: UploadOptions = {
      onChunkComplete(_, accepted) {
        if (accepted < 5 * MIB) return;
        void upload?.abort().then(() => resolve(upload?.url ?? ""), reject);
      },
    };
    let upload: Upload | undefined;
    send(bytes, options, (one) => (upload = one)).catch(reject);
  });
  const { answers } = await send(bytes, { uploadUrl: url });
  expect(answers[0]).toBe("HEAD 200");
  expect(new Set(answers.slice(1))).toEqual(new Set(["PATCH 204"]));
  await expectStored(bytes);
});

test("given up: nothing is left", async () => {
  const bytes = randomBytes(12 * MIB);
  const url = await new Promise<string>((resolve, reject) => {
    let upload: Upload | undefined;
    const onChunkComplete = () => {
      const at = upload?.url ?? "";
      void upload?.abort(true).then(() => resolve(at), reject);
    };
    send(bytes, { onChunkComplete }, (one) => (upload = one)).catch(reject);
  });
  expect((await fetch(url, { method: "HEAD", headers: { ...headers, "tus-resumable": "1.0.0" } })).status).toBe(404);
  const { files, objects } = await dumpOf(server);
  expect(files.every(({ status }) => status === "stored")).toBe(true);
  expect(objects).toHaveLength(files.length);
});

test("by an upload link as its endpoint, without a token, once", async () => {
  const issued = await fetch(`${server.origin() ?? ""}/video/links`, { method: "POST", headers });
  const { data } = (await issued.json()) as { readonly data: { readonly url: string } };
  const bytes = randomBytes(6 * MIB);
  const byLink = { endpoint: data.url, headers: {} };
  const { url, answers } = await send(bytes, byLink);
  expect(answers).toEqual(["POST 201", "PATCH 204", "PATCH 204"]);
  await expectStored(bytes);
  expect((await fetch(url)).status).toBe(200);
  await expect(send(randomBytes(1000), byLink)).rejects.toThrow("link_used_up");
});

test("what the endpoint refuses is an error of the client", async () => {
  await expect(send(randomBytes(1000), { uploadSize: 65 * MIB })).rejects.toThrow("file_too_large");
  await expect(send(randomBytes(1000), { headers: {} })).rejects.toThrow("unauthorized");
});
