/** The server as a process, over real connections: the paths that no call from inside workerd can take. */
import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { uploadFiles } from "../../../tools/demo/upload-files.ts";
import { formHeaders, formOf, largePhoto, readPhoto } from "../../support/node/form.ts";
import { chunkOf, openCall, postHead } from "../../support/node/raw-call.ts";
import { startServer, waitFor, type Server, type Traces } from "../../support/node/server.ts";

const MEBIBYTE = 1024 * 1024;
let server: Server;
let token: string;

beforeAll(async () => {
  server = await startServer();
  token = await server.token("user_01");
}, 90_000);

afterAll(async () => {
  await server.close();
});

/** What lies there once nothing is under way. */
const settledTraces = () =>
  waitFor(
    () => server.traces(),
    ({ pendingFiles }) => pendingFiles === 0,
  );

/** Also no open multipart upload, which would cost money until a life-cycle rule finds it. */
async function expectNoNewTraces(before: Traces): Promise<void> {
  // Two looks: the first may come before the call's own row.
  for (const pauseMs of [0, 300]) {
    await sleep(pauseMs);
    const after = await waitFor(
      () => server.traces(),
      (now) => isDeepStrictEqual(now, before),
    );
    expect(after).toEqual(before);
  }
}

describe("well-behaved clients", () => {
  test("health is one word", async () => {
    const answer = await fetch(`${server.origin}/healthz`);
    expect([answer.status, await answer.json()]).toEqual([200, { status: "ok" }]);
  });

  test("the page comes with its policy, its rules do not come at all", async () => {
    const page = await fetch(server.origin);
    expect(page.headers.get("content-type")).toContain("text/html");
    expect(page.headers.get("content-security-policy")).toContain("default-src 'none'");
    expect((await fetch(`${server.origin}/_headers`)).status).toBe(404);
  });

  test("a deployment that does not say GALLERY has no page; the rest is there", async () => {
    const bare = await startServer({ GALLERY: "off" });
    try {
      for (const path of ["/", "/index.html", "/gallery.js", "/gallery-page/styles/base.css", "/_headers"]) {
        const answer = await fetch(bare.origin + path);
        expect([path, answer.status, await answer.json()]).toMatchObject([path, 404, { code: "resource_not_found" }]);
      }
      expect((await fetch(`${bare.origin}/healthz`)).status).toBe(200);
      const headers = { Authorization: `Bearer ${await bare.token("ann")}` };
      expect((await fetch(`${bare.origin}/v1/upload`, { headers })).status).toBe(200);
    } finally {
      await bare.close();
    }
  }, 180_000);

  test("a private picture opens by its signed link alone", async () => {
    const name = "picos-1200-exif-gps-rotated.jpg";
    const path = new URL(`../../support/photos/${name}`, import.meta.url).pathname;
    const url = `${server.origin}/upload-avatar`;
    const answer = await uploadFiles({ url, token, paths: [path], onProgress: () => undefined });
    expect(answer).toMatchObject({ status: 200, body: { success: true } });
    const [avatar] = (answer.body as { data: { url: string; download_url: string }[] }).data;
    if (avatar === undefined) throw new Error("no avatar");
    expect(avatar).toMatchObject({ width: 1200, height: 900 });

    expect((await fetch(avatar.url)).status).toBe(404);
    expect((await fetch(`${avatar.download_url}0`)).status).toBe(403);
    const whole = await fetch(avatar.download_url);
    const sha256 = createHash("sha256").update(new Uint8Array(await whole.arrayBuffer()));
    expect(sha256.digest("hex")).toBe(createHash("sha256").update(readPhoto(name)).digest("hex"));
    const range = await fetch(avatar.download_url, { headers: { Range: "bytes=0-1" } });
    expect([range.status, ...new Uint8Array(await range.arrayBuffer())]).toEqual([206, 0xff, 0xd8]);
  });
});

describe("unusual clients that are right", () => {
  const photo = formOf("a.jpg", readPhoto("sunset-1600.jpg"));

  test("chunked, without Content-Length", async () => {
    const call = openCall(server.port);
    await call.write(postHead("/upload-gallery", formHeaders(token), null));
    for (let at = 0; at < photo.length; at += 50_000) await call.write(chunkOf(photo.subarray(at, at + 50_000)));
    await call.write(chunkOf(new Uint8Array()));
    expect(await call.answer).toMatchObject({ status: 200 });
    call.socket.destroy();
  });

  test("slow, a few bytes at a time", async () => {
    const call = openCall(server.port);
    await call.write(postHead("/upload-gallery", formHeaders(token), photo.length));
    // The delimiter and the part's header arrive in pieces, so does the end.
    const cuts = [1, 3, 17, 40, 70, 110, 5000, photo.length - 20, photo.length - 3, photo.length];
    let from = 0;
    for (const to of cuts) {
      await call.write(photo.subarray(from, to));
      from = to;
      await sleep(60);
    }
    expect(await call.answer).toMatchObject({ status: 200 });
    call.socket.destroy();
  });

  test("Expect: 100-continue, as curl does, which sends after a second without an answer", async () => {
    const call = openCall(server.port);
    await call.write(postHead("/upload-gallery", { ...formHeaders(token), Expect: "100-continue" }, photo.length));
    await Promise.race([new Promise((resolve) => call.socket.once("data", resolve)), sleep(1000)]);
    await call.write(photo);
    expect(await call.answer).toMatchObject({ status: 200 });
    call.socket.destroy();
  });
});

describe("calls that break off leave nothing", () => {
  test.each([
    { name: "in the first part", sentBytes: 2 * MEBIBYTE },
    { name: "after the first part was stored", sentBytes: 14 * MEBIBYTE },
  ])("the client vanishes $name", async ({ sentBytes }) => {
    const before = await settledTraces();
    const form = formOf("large.jpg", largePhoto(18 * MEBIBYTE));
    const call = openCall(server.port);
    await call.write(postHead("/upload-gallery-and-store", formHeaders(token), form.length));
    await call.write(form.subarray(0, sentBytes));
    const during = await waitFor(
      () => server.traces(),
      ({ pendingFiles }) => pendingFiles > 0,
    );
    expect(during.pendingFiles).toBe(1);
    call.socket.destroy();
    await expectNoNewTraces(before);
  });

  test("Content-Length says more than comes", async () => {
    const before = await settledTraces();
    const form = formOf("a.jpg", readPhoto("sunset-1600.jpg"));
    const call = openCall(server.port);
    await call.write(postHead("/upload-gallery-and-store", formHeaders(token), form.length + 1000));
    await call.write(form.subarray(0, -50));
    call.socket.end();
    // Nobody is left to answer; wrangler's own proxy says 500 on the half-closed connection.
    expect((await call.answer)?.status).not.toBe(200);
    await expectNoNewTraces(before);
  });

  test("Content-Length says less than comes", async () => {
    const before = await settledTraces();
    const form = formOf("a.jpg", readPhoto("sunset-1600.jpg"));
    const call = openCall(server.port);
    await call.write(postHead("/upload-gallery-and-store", formHeaders(token), form.length - 50));
    await call.write(form);
    expect(await call.answer).toMatchObject({ status: 400 });
    call.socket.destroy();
    await expectNoNewTraces(before);
  });

  test("one byte over the limit, chunked", async () => {
    const before = await settledTraces();
    const form = formOf("large.jpg", largePhoto(20 * MEBIBYTE + 1));
    const call = openCall(server.port);
    await call.write(postHead("/upload-gallery-and-store", formHeaders(token), null));
    await call.write(chunkOf(form));
    await call.write(chunkOf(new Uint8Array()));
    expect(await call.answer).toMatchObject({ status: 413 });
    call.socket.destroy();
    await expectNoNewTraces(before);
  });
});
