/** `sluice/client` in Node against the real server: over a proxy that loses connections, stopped at each moment, twice at once. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { openAsBlob } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { build } from "esbuild";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createClient, SluiceError, type CallOptions, type ClientOptions } from "../../../src/client/client.ts";
import { endpoints, type Endpoints } from "../../support/node/client-endpoints.ts";
import { largePhoto, readPhoto } from "../../support/node/form.ts";
import { moments, startCuttingProxy, type CuttingProxy } from "../../support/node/cutting-proxy.ts";
import { memoryStorage } from "../../support/node/memory-storage.ts";
import { startServer, waitFor, type Server, type Traces } from "../../support/node/server.ts";

const name = "upload-gallery-and-store";
let server: Server;
let before: Traces;
const unheard: unknown[] = [];
const hear = (error: unknown) => void unheard.push(error);

beforeAll(async () => {
  server = await startServer();
  process.on("unhandledRejection", hear);
}, 90_000);

afterAll(async () => {
  process.off("unhandledRejection", hear);
  await server.close();
  expect(unheard).toEqual([]);
});

beforeEach(async () => {
  before = await settled();
});

const settled = () =>
  waitFor(
    () => server.traces(),
    ({ pendingFiles, openUploads }) => pendingFiles === 0 && openUploads === 0,
  );

/** What has come since the test began: rows and objects of the same uploads. */
async function expectStored(count: number): Promise<void> {
  const wanted = { ...before, files: before.files + count, galleryRows: before.galleryRows + count };
  const all = { ...wanted, objects: before.objects + count };
  const now = await waitFor(settled, (traces) => JSON.stringify(traces) === JSON.stringify(all));
  expect(now).toEqual(all);
}

const photoNamed = (fileName: string, bytes: Uint8Array<ArrayBuffer> | Buffer = readPhoto("sunset-1600.jpg")) =>
  new File([new Uint8Array(bytes)], fileName, { type: "image/jpeg", lastModified: 1 });

async function clientOf(id: string, origin = server.origin, options: Partial<ClientOptions<Endpoints>> = {}) {
  return createClient<Endpoints>(origin, { endpoints, ...options, token: options.token ?? (await server.token(id)) });
}

const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => "done",
    (error: unknown) => (error instanceof SluiceError ? error.code : error),
  );

test("two hundred uploads over a proxy that cuts every fifth connection: each stored once, each promise fulfilled", async () => {
  const proxy = await startCuttingProxy(server.origin, (count) =>
    count % 5 === 0 ? (moments[(count / 5) % moments.length] ?? null) : null,
  );
  try {
    const client = await clientOf("persistent", proxy.origin);
    const photo = readPhoto("sunset-1600.jpg");
    const waiting = Array.from({ length: 200 }, (_, index) => index);
    const answers: string[] = [];
    let retries = 0;
    const work = async () => {
      for (let index = waiting.shift(); index !== undefined; index = waiting.shift()) {
        const file = photoNamed(`${index}.jpg`, Buffer.concat([photo, Buffer.alloc(index * 97, index)]));
        const [row] = await client.call(name, { files: [file] }, { retries: 12, onRetry: () => (retries += 1) });
        answers.push(row?.storage_key ?? "");
        expect(row?.file_size).toBe(file.size);
      }
    };
    await Promise.all([work(), work(), work(), work(), work(), work()]);
    expect(new Set(answers).size).toBe(200);
    expect(retries).toBeGreaterThanOrEqual(40);
    for (const moment of moments) expect(proxy.cuts[moment]).toBeGreaterThanOrEqual(10);
    await expectStored(200);
    expect((await client.call("my-gallery")).length).toBe(50);
  } finally {
    await proxy.close();
  }
});

describe("an answer that is lost", () => {
  let proxy: CuttingProxy;

  beforeEach(async () => {
    proxy = await startCuttingProxy(server.origin, (count) => (count === 1 ? "after the server's answer" : null));
  });
  afterEach(() => proxy.close());

  test("comes again after a reload: another client with the same storage", async () => {
    const storage = memoryStorage();
    const file = photoNamed("reloaded.jpg");
    const first = await clientOf("reloading", proxy.origin, { storage });
    expect(await codeOf(first.call(name, { files: [file] }, { retries: 0 }))).toBe("network");
    expect(storage.kept.get("sluice-keys")).toContain("reloaded.jpg");
    const later = await clientOf("reloading", proxy.origin, { storage });
    const sent = await later.send(name, { files: [file] });
    expect(sent.isReplayed).toBe(true);
    expect(storage.kept.get("sluice-keys")).toBe("{}");
    await expectStored(1);
    // From now on the same file is another upload.
    expect((await later.send(name, { files: [file] })).isReplayed).toBe(false);
    await expectStored(2);
  });

  test("is not mistaken for another file's that looks the same", async () => {
    const storage = memoryStorage();
    const photo = readPhoto("sunset-1600.jpg");
    const one = photoNamed("twin.jpg", Buffer.concat([photo, Buffer.of(1)]));
    const other = photoNamed("twin.jpg", Buffer.concat([photo, Buffer.of(2)]));
    const client = await clientOf("twins", proxy.origin, { storage });
    expect(await codeOf(client.call(name, { files: [one] }, { retries: 0 }))).toBe("network");
    expect((await client.send(name, { files: [other] })).isReplayed).toBe(false);
    await expectStored(2);
  });
});

test("two tabs with one key store once, and both are answered", async () => {
  const storage = memoryStorage();
  const file = photoNamed("tabs.jpg", largePhoto(3_000_000));
  const [one, other] = [await clientOf("tabs", undefined, { storage }), await clientOf("tabs", undefined, { storage })];
  const [left, right] = await Promise.all([one.send(name, { files: [file] }), other.send(name, { files: [file] })]);
  expect(left.data).toEqual(right.data);
  expect([left.isReplayed, right.isReplayed].toSorted()).toEqual([false, true]);
  await expectStored(1);
});

test("the same file twice at once in one tab is two uploads", async () => {
  const storage = memoryStorage();
  const client = await clientOf("twice", undefined, { storage });
  const file = photoNamed("same.jpg");
  await Promise.all([client.call(name, { files: [file] }), client.call(name, { files: [file] })]);
  await expectStored(2);
});

test("a token that ends midway is asked for again, once for all that wait", async () => {
  const proxy = await startCuttingProxy(server.origin, (count) => (count <= 3 ? "midway" : null));
  const asked: boolean[] = [];
  const good = await server.token("renewed");
  const token = async (isRefused: boolean) => {
    asked.push(isRefused);
    await sleep(50);
    return isRefused ? good : `${good.slice(0, -4)}aaaa`;
  };
  try {
    const client = await clientOf("renewed", proxy.origin, { token });
    const files = ["a.jpg", "b.jpg", "c.jpg"].map((fileName) => photoNamed(fileName, largePhoto(1_000_000)));
    await Promise.all(files.map((file) => client.call(name, { files: [file] })));
    expect(asked.filter((isRefused) => isRefused).length).toBeLessThanOrEqual(3);
    await expectStored(3);
  } finally {
    await proxy.close();
  }
});

describe("stopped", () => {
  test.each([0, 1, 5, 20, 60, 120, 200])("after %i ms nothing is half there", async (milliseconds) => {
    const client = await clientOf("stopper");
    const controller = new AbortController();
    const file = photoNamed(`stop-${milliseconds}.jpg`, largePhoto(15_000_000));
    const options: CallOptions = { signal: controller.signal };
    if (milliseconds === 0) controller.abort(new Error("never mind"));
    else setTimeout(() => controller.abort(new Error("never mind")), milliseconds);
    const code = await codeOf(client.call(name, { files: [file] }, options));
    expect(["aborted", "done"]).toContain(code);
    await sleep(300);
    const added = (now: Traces) => [
      now.files - before.files,
      now.galleryRows - before.galleryRows,
      now.objects - before.objects,
    ];
    const now = await waitFor(settled, (traces) => new Set(added(traces)).size === 1);
    const [files = 0] = added(now);
    expect(added(now)).toEqual([files, files, files]);
    expect(files).toBeLessThanOrEqual(milliseconds === 0 ? 0 : 1);
  });

  test("while it waits for the next attempt, at once", async () => {
    const proxy = await startCuttingProxy(server.origin, () => "before the body");
    const client = await clientOf("waiter", proxy.origin);
    const controller = new AbortController();
    let order = "";
    const onRetry = () => {
      // The shortest that it could wait.
      setTimeout(() => (order += "waited "), 250);
      controller.abort("enough");
    };
    const call = client.call(name, { files: [photoNamed("wait.jpg")] }, { signal: controller.signal, onRetry });
    const error = await call.catch((thrown: unknown) => thrown);
    order += "told ";
    expect(error).toMatchObject({ code: "aborted", cause: "enough" });
    expect([order, proxy.cuts["before the body"]]).toEqual(["told ", 1]);
    await proxy.close();
    await expectStored(0);
  });
});

describe("what is refused before sending is what the server refuses", () => {
  const text = (size: number, type: string, fileName: string) => new File([new Uint8Array(size)], fileName, { type });
  const open = { "*": { max: 99, bytes: Number.MAX_SAFE_INTEGER, types: ["*/*"] } };

  test.each([
    ["too_many_files", 422, () => [photoNamed("1.jpg"), photoNamed("2.jpg"), photoNamed("3.jpg")]],
    ["file_missing", 422, () => [text(0, "image/jpeg", "empty.jpg")]],
    ["file_too_large", 413, () => [photoNamed("large.jpg", largePhoto(20_971_521))]],
    [
      "file_type_not_allowed",
      415,
      () => [new File([new Uint8Array(readPhoto("sunset-1600.jpg"))], "a.gif", { type: "image/gif" })],
    ],
    ["file_type_not_allowed", 415, () => [new File(["%PDF-1.7\n"], "a.pdf", { type: "application/pdf" })]],
  ] as const)("%s", async (code, status, files) => {
    const strict = await clientOf("careless", "http://127.0.0.1:9");
    await expect(strict.call(name, { files: files() })).rejects.toMatchObject({ code, status, requestId: null });
    const route = { ...endpoints[name], files: code === "file_missing" ? {} : open };
    const lax = createClient<Endpoints>(server.origin, {
      endpoints: { ...endpoints, [name]: route },
      token: await server.token("careless"),
    });
    const theirs = await lax.call(name, { files: files() }).catch((error: unknown) => error as SluiceError);
    // A picture under another picture's name is refused as that.
    const expected = code === "file_type_not_allowed" && files()[0]?.name === "a.gif" ? "file_type_mismatch" : code;
    expect(theirs).toMatchObject({ code: expected, status });
    await expectStored(0);
  });
});

test("a file of the disk is streamed with progress; one that changes meanwhile is told as such", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sluice-client-"));
  try {
    const path = join(folder, "photo.jpg");
    await writeFile(path, largePhoto(8_000_000));
    const client = await clientOf("disk");
    const blob = Object.assign(await openAsBlob(path, { type: "image/jpeg" }), { name: "photo.jpg" });
    const seen: number[] = [];
    await client.call(name, { files: [blob] }, { onProgress: ({ loaded, total }) => seen.push(loaded / total) });
    expect(seen.at(-1)).toBe(1);
    expect(seen.length).toBeGreaterThan(5);
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    await writeFile(path, "changed");
    expect(await codeOf(client.call(name, { files: [blob] }))).toBe("file_changed");
    await expectStored(1);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("a stream goes once, one that can be opened anew as often as needed", async () => {
  const proxy = await startCuttingProxy(server.origin, (count) => (count <= 2 ? "midway" : null));
  const bytes = new Uint8Array(readPhoto("sunset-1600.jpg"));
  const open = () => new Blob([bytes]).stream();
  const file = { name: "stream.jpg", type: "image/jpeg", size: bytes.length };
  const client = await clientOf("streams", proxy.origin);
  expect(await codeOf(client.call(name, { files: [{ ...file, stream: open() }] }))).toBe("network");
  await client.call(name, { files: [{ ...file, stream: open }] });
  await proxy.close();
  await expectStored(1);
});

test("in a Worker: a request's body is a file, streamed through with its progress", async () => {
  const contents = `
    import { createClient } from "./client.ts";
    export default {
      async fetch(request) {
        const { origin, token, name } = Object.fromEntries(new URL(request.url).searchParams);
        const endpoints = { [name]: ${JSON.stringify(endpoints[name])} };
        const client = createClient(origin, { endpoints, token });
        const size = Number(request.headers.get("Content-Length"));
        let sent = 0;
        const file = { stream: request.body, name: "through.jpg", type: "image/jpeg", size };
        const [row] = await client.call(name, { files: [file] }, { onProgress: ({ loaded }) => (sent = loaded) });
        return Response.json({ size: row.file_size, sent, listed: (await client.files.list()).count });
      },
    };`;
  const resolveDir = new URL("../../../src/client", import.meta.url).pathname;
  const { outputFiles } = await build({ stdin: { contents, resolveDir }, bundle: true, format: "esm", write: false });
  const script = outputFiles[0]?.text ?? "";
  const options = { name: "caller", modules: true, script, compatibilityDate: "2026-10-20" };
  const worker = new Miniflare(convertV4MiniflareOptions({ workers: [options] }));
  try {
    const query = new URLSearchParams({ origin: server.origin, token: await server.token("worker"), name });
    const body = new Uint8Array(largePhoto(2_000_000));
    const answer = await worker.dispatchFetch(`http://localhost/?${query}`, { method: "POST", body });
    expect(await answer.json()).toEqual({ size: 2_000_000, sent: 2_000_000, listed: 1 });
    await expectStored(1);
  } finally {
    await worker.dispose();
  }
});

test("the file API: upload, list, get, link, issue, revoke, delete, restore", async () => {
  const { files } = await clientOf("librarian");
  const stored = await files.upload(photoNamed("ünïcode “1”.jpg"), { isPrivate: true });
  expect(stored.meta).toMatchObject({ originalName: "ünïcode “1”.jpg", visibility: "private", width: 1600 });
  const id = stored._id;
  const page = await files.list({ cursor: "", limit: 1, visibility: "private" });
  expect([page.data.length, page.nextCursor]).toEqual([1, null]);
  expect((await files.get(id))._id).toBe(id);
  expect((await fetch(await files.link(id, { expires: 60, disposition: "attachment" }))).status).toBe(200);
  const issued = await files.issue(id, { max_downloads: 1 });
  expect(issued).toMatchObject({ state: "live", max_downloads: 1 });
  expect((await files.links(id)).map((link) => link.id)).toContain(issued.id);
  await files.revoke(id);
  expect((await fetch(issued.url)).status).toBe(410);
  await files.revokeAll();
  expect((await files.delete(id)).status).toBe(false);
  expect(await codeOf(files.get(id))).toBe("file_not_found");
  expect((await files.restore(id)).status).toBe(true);
  await files.delete(id);
  expect(await codeOf(files.get(".."))).toBe("parameter_invalid");
});
