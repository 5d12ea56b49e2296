/** What an upload goes through when something else fails, or counts, or continues after the answer. */
import { env } from "cloudflare:workers";
import { runInDurableObject } from "cloudflare:test";
import { beforeEach, describe, expect, inject, test } from "vitest";
import { callerOf } from "../../../support/app.ts";
import { buildOf } from "../../../support/build.ts";
import { secrets } from "../../../support/secrets.ts";
import type { Asker } from "../../../../src/runtime/resumable/actor.ts";
import { MAX_ANSWER_LENGTH } from "../../../../src/runtime/idempotency/idempotent-call.ts";
import { useFreshStorage } from "../../../support/database.ts";
import { refusingStatements } from "../../../support/faults.ts";
import { addressOf, CHUNK } from "../../../support/tus.ts";
import { deliver, readJobs, recordingQueues } from "../jobs/support.ts";
import { tableOf } from "./endpoints.ts";
import { bytesOf, createUploads, MIB, objectOf, refused, ring, rowOf, storedIn } from "./harness.ts";

useFreshStorage();
beforeEach(async () => {
  await env.DB.prepare(tableOf("d1")).run();
});

const { callWith, clientOf, files, things, objects, expectNothing, sweep } = createUploads();

test("under maintenance pieces are refused, and come in afterwards", async () => {
  const client = await clientOf("/any");
  const address = await client.begin(1000);
  const closed = inject("compiled").resumable.map((plan) => ({ ...plan, maintenance: true as const }));
  const patched = await callerOf(buildOf(closed), secrets)(new URL(address).pathname, {
    method: "PATCH",
    headers: { ...client.headers, ...CHUNK, "upload-offset": "0" },
    body: bytesOf(1000),
  });
  await refused(patched, 503, "maintenance");
  expect((await client.patch(address, 0, bytesOf(1000))).status).toBe(204);
});

describe("a failure of the server's", () => {
  test("keeps the upload, and an empty PATCH, HEAD or GET runs the end again", async () => {
    const broken = await clientOf("/with-row", "ann", { DB: refusingStatements(env.DB, /INSERT INTO taken_things/i) });
    const client = await clientOf("/with-row");
    const ways = {
      patch: (address: string) => client.patch(address, 1000, null),
      head: (address: string) => client.head(address),
      get: (address: string) => client.get(address),
    };
    for (const [name, again] of Object.entries(ways)) {
      const address = await client.begin(1000, { id: name });
      for (const ask of [() => broken.patch(address, 0, bytesOf(1000)), () => broken.patch(address, 1000, null)]) {
        expect((await ask()).status).toBeGreaterThanOrEqual(500);
      }
      // After which clients ask again, where any other failure would make them send all bytes anew.
      expect((await broken.head(address)).status).toBe(423);
      await sweep();
      expect((await again(address)).status).toBeLessThan(300);
      expect(await rowOf(await client.get(address))).toMatchObject({ id: name, size: 1000 });
    }
    expect(await things()).toHaveLength(3);
    expect(await files()).toHaveLength(3);
  });

  test("at the end of a creation leaves nothing: nobody knows the address", async () => {
    const { headers } = await clientOf("/with-row");
    const call = callWith({ DB: refusingStatements(env.DB, /INSERT INTO taken_things/i) });
    const response = await call("/with-row", {
      method: "POST",
      headers: { ...headers, ...CHUNK, "upload-length": "5", "upload-metadata": `id ${btoa("one")}` },
      body: bytesOf(5),
    });
    expect(response.status).toBeGreaterThanOrEqual(500);
    await expectNothing();
  });

  test("at the creation leaves nothing", async () => {
    const broken = await clientOf("/any", "ann", { DB: refusingStatements(env.DB, /resumable_until/i) });
    expect((await broken.create(5)).status).toBeGreaterThanOrEqual(500);
    const namespace = {
      newUniqueId: () => env.RESUMABLE_UPLOADS.newUniqueId(),
      get: () => ({ create: () => Promise.reject(new Error("injected")) }),
    };
    const unborn = await clientOf("/any", "ann", { RESUMABLE_UPLOADS: namespace });
    expect((await unborn.create(5)).status).toBeGreaterThanOrEqual(500);
    await expectNothing();
  });

  test.each([
    ["it can be ended", false, 0],
    ["it cannot, so its row stays for whoever comes again", true, 1],
  ])("under a key, where only the answer of its object is lost: %s", async (_, isUnreachable, rows) => {
    const key = { "idempotency-key": "k" };
    const objects = env.RESUMABLE_UPLOADS;
    const lossy = (id: DurableObjectId) => {
      const object = objects.get(id);
      return {
        show: (asker: Asker) => object.show(asker),
        create: async (...made: Parameters<typeof object.create>) => {
          await object.create(...made);
          throw new Error("injected");
        },
        end: (asker: Asker) => (isUnreachable ? Promise.reject(new Error("injected")) : object.end(asker)),
      };
    };
    const namespace = {
      newUniqueId: () => objects.newUniqueId(),
      idFromName: (name: string) => objects.idFromName(name),
      get: lossy,
    };
    const unlucky = await clientOf("/any", "ann", { RESUMABLE_UPLOADS: namespace });
    expect((await unlucky.create(5, {}, key)).status).toBeGreaterThanOrEqual(500);
    expect(await files()).toHaveLength(rows);

    const client = await clientOf("/any");
    const address = await client.begin(5, {}, key);
    expect((await client.patch(address, 0, bytesOf(5))).status).toBe(204);
    expect(await files()).toMatchObject([{ status: "stored", file_size: 5 }]);
  });

  test("a Worker without its objects says so in its log, and nothing else", async () => {
    const unbound = await clientOf("/any", "ann", { RESUMABLE_UPLOADS: undefined });
    await refused(await unbound.create(5), 500, "misconfigured");
    await expectNothing();
  });
});

describe("a part that R2 does not take", () => {
  /** The object's bucket, whose parts fail from now on. */
  const breakBucket = async (address: string, isBroken: () => boolean) =>
    runInDurableObject(objectOf(address), (instance) => {
      const bound = instance as unknown as { env: Env };
      const fail = (upload: R2MultipartUpload): R2MultipartUpload => ({
        key: upload.key,
        uploadId: upload.uploadId,
        abort: () => upload.abort(),
        complete: (parts) => upload.complete(parts),
        uploadPart: (...part) => (isBroken() ? Promise.reject(new Error("injected")) : upload.uploadPart(...part)),
      });
      const bucket = new Proxy(env.BUCKET, {
        get(target, name: keyof R2Bucket) {
          if (name === "createMultipartUpload")
            return async (...all: Parameters<R2Bucket["createMultipartUpload"]>) => fail(await target[name](...all));
          if (name === "resumeMultipartUpload")
            return (...all: Parameters<R2Bucket["resumeMultipartUpload"]>) => fail(target[name](...all));
          const member: unknown = target[name];
          return typeof member === "function" ? (member.bind(target) as unknown) : member;
        },
      });
      bound.env = { ...bound.env, BUCKET: bucket };
    });

  test("is no part: the offset is where it was, and the upload goes on", async () => {
    const client = await clientOf("/any");
    const bytes = bytesOf(8 * MIB + 5);
    const address = await client.begin(bytes.length);
    await client.patch(address, 0, bytes.subarray(0, 100));
    let isBroken = true;
    await breakBucket(address, () => isBroken);
    await refused(await client.patch(address, 100, bytes.subarray(100)), 503, "storage_unavailable");
    expect(await client.offset(address)).toBe(100);
    isBroken = false;
    expect((await client.patch(address, 100, bytes.subarray(100))).status).toBe(204);
    expect(await rowOf(await client.get(address))).toMatchObject({ file_size: bytes.length });
  });

  test("the last one: the upload is whole, and its end is tried again", async () => {
    const client = await clientOf("/any");
    const bytes = bytesOf(8 * MIB + 5);
    const address = await client.begin(bytes.length);
    await client.patch(address, 0, bytes.subarray(0, 8 * MIB + 1));
    let isBroken = true;
    await breakBucket(address, () => isBroken);
    await refused(await client.patch(address, 8 * MIB + 1, bytes.subarray(8 * MIB + 1)), 503, "storage_unavailable");
    isBroken = false;
    expect((await client.patch(address, bytes.length, null)).status).toBe(204);
    expect(await rowOf(await client.get(address))).toMatchObject({ file_size: bytes.length });
  });
});

test("silence for as long as MAX_IDLE_SECONDS says ends a PATCH, and what has come stays", async () => {
  const client = await clientOf("/any", "ann", { MAX_IDLE_SECONDS: "1" });
  const address = await client.begin(1000);
  const silent = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(bytesOf(400)),
  });
  const patched = await client.patch(address, 0, silent);
  expect([patched.status, patched.headers.get("upload-offset")]).toEqual([204, "400"]);
});

test("the longest answer that is kept is given again; of a longer one only that it was given", async () => {
  const client = await clientOf("/any");
  const address = await client.begin(1000);
  expect((await client.patch(address, 0, bytesOf(1000))).status).toBe(204);
  const text = JSON.stringify({ data: [], more: "\u03a9".repeat(MAX_ANSWER_LENGTH - 21) });
  expect(text).toHaveLength(MAX_ANSWER_LENGTH);
  await objectOf(address).keepAnswer({ status: 200, text });
  expect(await (await client.get(address)).text()).toBe(text);
  await objectOf(address).keepAnswer({ status: 200, text: null });
  await refused(await client.get(address), 409, "idempotency_answer_lost");
  expect((await client.head(address)).status).toBe(200);
});

/** An upload with one part in R2, and bytes behind it. */
async function beginInParts() {
  const client = await clientOf("/any");
  const address = await client.begin(8 * MIB + 1000);
  await client.patch(address, 0, bytesOf(8 * MIB + 10));
  const [file] = await files();
  const uploadId = await runInDurableObject(objectOf(address), async (_, { storage }) =>
    storage.get<string>("uploadId"),
  );
  expect(uploadId).toBeTypeOf("string");
  const expectGone = async () => {
    const late = env.BUCKET.resumeMultipartUpload(String(file?.["storage_key"]), uploadId ?? "");
    await expect(late.uploadPart(2, bytesOf(10))).rejects.toThrow(/10024|does not exist/);
    expect(await storedIn(address)).toEqual([]);
  };
  return { client, address, expectGone };
}

test("DELETE ends an open upload in parts, and nothing of it stays", async () => {
  const { client, address, expectGone } = await beginInParts();
  expect((await client.end(address)).status).toBe(204);
  await expectGone();
  expect([(await client.end(address)).status, (await client.head(address)).status]).toEqual([404, 404]);
  expect(await ring(address)).toBe(false);
  await expectNothing();
});

test("the alarm ends an open upload in parts, and its row is the sweep's", async () => {
  const { address, expectGone } = await beginInParts();
  expect(await ring(address)).toBe(true);
  await expectGone();
  expect(await files()).toMatchObject([{ status: "pending" }]);
});

test("the alarm of an upload that has ended forgets its answer, and leaves the file", async () => {
  const client = await clientOf("/any");
  const address = await client.begin(1000);
  await client.patch(address, 0, bytesOf(1000));
  expect(await ring(address)).toBe(true);
  expect((await client.get(address)).status).toBe(404);
  await sweep();
  expect([await files(), await objects()]).toMatchObject([[{ status: "stored" }], [expect.any(String)]]);
});

test("a rate limit counts creations, and nothing that comes after them", async () => {
  const client = await clientOf("/limited", `limited-${crypto.randomUUID()}`);
  const address = await client.begin(1000);
  await client.begin(1000);
  await refused(await client.create(1000), 429, "rate_limited");
  for (let at = 0; at < 1000; at += 200) {
    expect((await client.patch(address, at, bytesOf(200))).status).toBe(204);
  }
  expect((await client.get(address)).status).toBe(200);
  expect(await files()).toHaveLength(2);
});

test("what runs in the background begins at the end, once", async () => {
  const { sent, bindings } = recordingQueues();
  const client = await clientOf("/later", "ann", bindings);
  const created = await client.create(1000, { id: "later" });
  const address = addressOf(created);
  await client.patch(address, 0, bytesOf(500));
  expect(sent).toEqual([]);
  expect((await client.patch(address, 500, bytesOf(500))).status).toBe(204);
  const answers = [await client.get(address), await client.get(address)];
  expect(answers.map(({ status }) => status)).toEqual([202, 202]);
  const [job, ...more] = await readJobs();
  expect(more).toEqual([]);
  expect(await things()).toEqual([]);
  const outcome = await deliver(inject("compiled").resumable, [job?.["id"] as string], bindings);
  expect(outcome).toEqual(["ack"]);
  expect(await things()).toMatchObject([{ id: "later" }]);
});
