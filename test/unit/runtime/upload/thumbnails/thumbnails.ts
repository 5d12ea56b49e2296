/** A file's thumbnails live as the file does: they come with it, and whatever ends it ends them. */
import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, inject, test } from "vitest";
import type { Engine } from "../../../../../src/runtime/database/engine.ts";
import { WANTED, type KeptThumbnail } from "../../../../../src/runtime/thumbnails/kept-thumbnails.ts";
import { createSluice } from "../../../../../src/index.ts";
import { callerOf, dataOf, expectProblem, ORIGIN, token, upload, type FormPart } from "../../../../support/app.ts";
import { buildOf } from "../../../../support/build.ts";
import { png } from "../../../../support/pictures.ts";
import { secrets } from "../../../../support/secrets.ts";
import { watchBucket } from "../../../../support/watched-bindings.ts";
import { photo } from "./photo.ts";
import { describeWanted } from "./wanted.ts";

export interface ThumbnailsHarness {
  readonly engine: Engine;
  readonly bindings: Readonly<Record<string, unknown>>;
  readonly run: (sql: string) => Promise<readonly Readonly<Record<string, unknown>>[]>;
  readonly table: string;
}

interface Shown {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly url: string;
}

interface Row {
  readonly storage_key: string;
  readonly url: string;
  readonly thumbnail_url: string | null;
  readonly thumbnails: readonly Shown[];
}

const nothing: Row = { storage_key: "", url: "", thumbnail_url: null, thumbnails: [] };

export function describeThumbnails({ engine, bindings, run, table }: ThumbnailsHarness): void {
  const build = buildOf(inject("compiled").thumbnails, engine);
  const all = { ...bindings, ...secrets, RETENTION_SECONDS: "0", FILE_API: "on" };
  const call = callerOf(build, all);
  const headersOf = async (id = "ann", more: Record<string, string> = {}) => {
    const jwt = await token({ id, email: "a@example.com" }, { secret: secrets.JWT_SECRET_KEY });
    return { "x-access-token": jwt, authorization: `Bearer ${jwt}`, ...more };
  };
  const send = async (path: string, parts: readonly FormPart[], using = call, more: Record<string, string> = {}) =>
    upload(using, path, await headersOf("ann", more), parts);
  const store = async (path: string, ...parts: readonly FormPart[]) =>
    dataOf<readonly Row[]>(await send(path, parts.length === 0 ? [photo()] : parts));
  const objects = async () => (await env.BUCKET.list()).objects.map(({ key }) => key).toSorted();
  const withThumbnails = (rows: readonly Pick<Row, "storage_key">[]) =>
    rows.flatMap(({ storage_key: key }) => [key, `${key}~1`, `${key}~2`]).toSorted();
  const kept = async (key: string) => {
    const [row] = await run(`SELECT thumbnails FROM sluice_files WHERE storage_key = '${key}'`);
    return row?.["thumbnails"] as string | null;
  };
  const rowsLeft = async () => (await run("SELECT id FROM sluice_files")).length;
  const sweep = async (more: Readonly<Record<string, unknown>> = {}) => {
    const context = createExecutionContext();
    const controller = { cron: "*/10 * * * *", scheduledTime: Date.now(), noRetry: () => undefined };
    await createSluice(build, { log: () => undefined }).scheduled(
      controller,
      { ...env, ...all, ...more } as Env,
      context,
    );
    await waitOnExecutionContext(context);
  };

  beforeEach(async () => {
    await run("DELETE FROM sluice_files");
    await run("DROP TABLE IF EXISTS shown_things");
    await run(table);
  });

  test("come with their file, and are answered", async () => {
    const [row] = await store("/photo");
    const { storage_key: key, url, thumbnails, thumbnail_url: first } = row ?? nothing;
    expect(thumbnails).toEqual([
      { name: "small", width: 32, height: 24, url: `${url}?thumbnail=small` },
      { name: "large", width: 64, height: 48, url: `${url}?thumbnail=large` },
    ]);
    expect(first).toBe(`${url}?thumbnail=small`);
    expect(await objects()).toEqual(withThumbnails([{ storage_key: key }]));
    const listed = JSON.parse((await kept(key)) ?? "[]") as readonly KeptThumbnail[];
    expect(listed.map(({ name, width, height }) => [name, width, height])).toEqual([
      ["small", 32, 24],
      ["large", 64, 48],
    ]);
    for (const [index, { size }] of listed.entries()) {
      const object = await env.BUCKET.get(`${key}~${String(index + 1)}`);
      expect(object?.httpMetadata?.contentType).toBe("image/jpeg");
      const bytes = new Uint8Array((await object?.arrayBuffer()) ?? new ArrayBuffer(0));
      expect([bytes.length, ...bytes.subarray(0, 3)]).toEqual([size, 0xff, 0xd8, 0xff]);
    }
  });

  test("what is small enough stands for itself", async () => {
    const [row] = await store("/photo", { fileName: "a.png", body: png([1, 2, 3], 48, 36) });
    const { storage_key: key, thumbnails } = row ?? nothing;
    expect(thumbnails.map(({ name, width, height }) => [name, width, height])).toEqual([
      ["small", 32, 24],
      ["large", 48, 36],
    ]);
    expect(await objects()).toEqual([key, `${key}~1`]);
    const listed = JSON.parse((await kept(key)) ?? "[]") as readonly KeptThumbnail[];
    expect(listed.map(({ size }) => size === null)).toEqual([false, true]);
  });

  test("are made though nobody reads them", async () => {
    const rows = await store("/photo-quiet");
    expect(rows).toEqual([{ storage_key: expect.any(String), url: expect.any(String), dominant_color: "#c81e1e" }]);
    expect(await objects()).toEqual(withThumbnails(rows));
  });

  test.each<[string, FormPart]>([
    ["a document", { fileName: "a.pdf", body: "%PDF-1.7\n" }],
    [
      "a picture that is broken from its first pixel",
      { fileName: "a.png", body: png([1, 2, 3], 128, 96).slice(0, 60) },
    ],
    ["a picture that is not decoded", { fileName: "a.bmp", body: bmpOf(128, 96) }],
  ])("%s has none", async (_, part) => {
    const [row] = await store("/photo", part);
    expect(row).toMatchObject({ thumbnail_url: null, thumbnails: [] });
    expect(await kept(row?.storage_key ?? "")).toBeNull();
    expect(await objects()).toEqual([row?.storage_key]);
  });

  test("an endpoint without any answers none", async () => {
    const [row] = await store("/photo-without");
    expect(row).toMatchObject({ thumbnail_url: null, thumbnails: [] });
    expect(await objects()).toEqual([row?.storage_key]);
  });

  test("of fields only those that ask for them", async () => {
    const sent = [
      { ...photo(), name: "paper" },
      { ...photo(), name: "photo" },
    ];
    const countsOf = async (path: string) => (await store(path, ...sent)).map(({ thumbnails }) => thumbnails.length);
    expect(await countsOf("/photo-in-field")).toEqual([2, 2]);
    expect(await countsOf("/photo-in-one-field")).toEqual([0, 2]);
  });

  test("a row can hold the address of one", async () => {
    const data = await dataOf<{ thumbnail: string }>(
      await send("/photo-with-row", [{ name: "id", body: "1" }, photo()]),
    );
    const [key] = await objects();
    expect(data.thumbnail).toMatch(new RegExp(`/files/${key ?? ""}\\?thumbnail=small$`));
  });

  test("of several files each has its own", async () => {
    const rows = await store("/photo", photo(1), photo(2), photo(3));
    expect(rows.map((row) => row.thumbnails.length)).toEqual([2, 2, 2]);
    expect(await objects()).toEqual(withThumbnails(rows));
  });

  describe("end with their file", () => {
    test("that a call takes back", async () => {
      await dataOf(await send("/photo-with-row", [{ name: "id", body: "1" }, photo(1)]));
      const before = await objects();
      await expectProblem(
        await send("/photo-with-row", [{ name: "id", body: "1" }, photo(2)]),
        409,
        "unique_violation",
      );
      const broken: FormPart = { fileName: "x.png", type: "image/png", body: "no picture" };
      await expectProblem(await send("/photo", [photo(3), broken]), 415, "file_type_mismatch");
      expect(await objects()).toEqual(before);
      expect(await rowsLeft()).toBe(1);
    });

    test("that is deleted", async () => {
      const rows = [...(await store("/photo", photo(1), photo(2))), ...(await store("/photo-private"))];
      const headers = await headersOf("ann", { "content-type": "application/json" });
      const body = JSON.stringify(rows.map((row) => row.storage_key));
      await dataOf(await call("/forget", { method: "POST", headers, body }));
      expect([await objects(), await rowsLeft()]).toEqual([[], 0]);
    });

    test("that another takes the place of", async () => {
      await store("/photo-of-mine", photo(1), photo(2));
      const rows = await store("/photo-of-mine", photo(3));
      expect(await objects()).toEqual(withThumbnails(rows));
    });

    test("that has expired", async () => {
      const rows = await store("/photo-for-an-hour");
      const staying = await store("/photo");
      expect(await objects()).toEqual(withThumbnails([...rows, ...staying]));
      await run("UPDATE sluice_files SET expires_at = '2020-01-01T00:00:00.000Z' WHERE endpoint = 'photo-for-an-hour'");
      await sweep();
      expect(await objects()).toEqual(withThumbnails(staying));
      expect(await rowsLeft()).toBe(1);
    });

    test("that a call left pending when it was cut off", async () => {
      const rows = await store("/photo");
      await run("UPDATE sluice_files SET status = 'pending', updated_at = '2020-01-01T00:00:00.000Z'");
      expect(await objects()).toEqual(withThumbnails(rows));
      await sweep();
      expect([await objects(), await rowsLeft()]).toEqual([[], 0]);
    });

    test("that is taken for abandoned while the put of one still runs", async () => {
      const reached = Promise.withResolvers<undefined>();
      const release = Promise.withResolvers<undefined>();
      const slow = watchBucket(env.BUCKET, async ({ name, parameters }, make) => {
        const isHeld = name === "put" && String(parameters[0]).endsWith("~1");
        if (isHeld) reached.resolve(undefined);
        if (isHeld) await release.promise;
        return make();
      });
      // No call lasts so long, so that no endpoint's description names the problem.
      const app = createSluice(build, { log: () => undefined });
      const sending = send("/photo", [photo()], async (path, init) =>
        app.fetch(new Request(new URL(path, ORIGIN), init), { ...env, ...all, BUCKET: slow }, createExecutionContext()),
      );
      await reached.promise;
      await run("UPDATE sluice_files SET updated_at = '2020-01-01T00:00:00.000Z'");
      await sweep();
      release.resolve(undefined);
      expect((await sending).status).toBeGreaterThanOrEqual(400);
      expect([await objects(), await rowsLeft()]).toEqual([[], 0]);
    });

    test("that the file API deletes: restorable until then", async () => {
      const rows = await store("/photo-managed");
      const [{ id } = { id: "" }] = (await run("SELECT id FROM sluice_files")) as readonly { readonly id: string }[];
      const deletion = { method: "DELETE", headers: await headersOf() };
      expect((await call(`/v1/upload/${id}`, deletion)).status).toBe(200);
      expect(await objects()).toEqual(withThumbnails(rows));
      await sweep();
      expect([await objects(), await rowsLeft()]).toEqual([[], 0]);
    });
  });

  describe("are no fault of the upload", () => {
    /** A bucket that refuses the puts whose keys end so. */
    const refusing = (end: string) =>
      watchBucket(env.BUCKET, (binding, make) => {
        const [key] = binding.parameters;
        const isRefused = binding.name === "put" && String(key).endsWith(end);
        return isRefused ? Promise.reject(new Error("injected")) : make();
      });

    test("where the put of one fails there are none yet, and the log says so", async () => {
      const lines: unknown[] = [];
      const log = (level: string, event: string) => void lines.push([level, event]);
      const failing = callerOf(build, { ...all, BUCKET: refusing("~2") }, { log });
      const [row] = await dataOf<readonly Row[]>(await send("/photo", [photo()], failing));
      expect(row).toMatchObject({ thumbnail_url: null, thumbnails: [] });
      expect(await kept(row?.storage_key ?? "")).toBe(WANTED);
      expect(await objects()).toEqual([row?.storage_key]);
      expect(lines).toEqual([["warn", "thumbnails_not_stored"]]);
      await sweep();
      expect(await objects()).toEqual(withThumbnails([{ storage_key: row?.storage_key ?? "" }]));
    });

    test("where the file's own put fails nothing is left", async () => {
      const failing = callerOf(build, { ...all, BUCKET: refusing(".png") });
      await expectProblem(await send("/photo", [photo()], failing), 503, "storage_unavailable");
      expect([await objects(), await rowsLeft()]).toEqual([[], 0]);
    });
  });

  describe("a key with a tilde", () => {
    test("is no file's, whatever the file was called", async () => {
      const [row] = await store("/photo", photo(1, "a~1.png"));
      const { storage_key: key } = row ?? nothing;
      expect(key).not.toContain("~");
      for (const path of [`/files/${key}~1`, `/files/${key}%7E1`, `/files/${key}~1?thumbnail=small`]) {
        await expectProblem(await call(path), 404, "file_not_found");
      }
    });

    test("deletes nothing", async () => {
      const rows = await store("/photo");
      const [key] = rows.map((row) => row.storage_key);
      const headers = await headersOf("ann", { "content-type": "application/json" });
      const body = JSON.stringify([`${key ?? ""}~1`, `${key ?? ""}~2`]);
      const data = await dataOf<readonly { status: string }[]>(
        await call("/forget", { method: "POST", headers, body }),
      );
      expect(data.map(({ status }) => status)).toEqual(["not_found", "not_found"]);
      expect(await objects()).toEqual(withThumbnails(rows));
    });
  });

  test("a repeated call answers the same", async () => {
    const keyed = { "idempotency-key": crypto.randomUUID() };
    const first = await dataOf<readonly Row[]>(await send("/photo", [photo()], call, keyed));
    const again = await dataOf<readonly Row[]>(await send("/photo", [photo()], call, keyed));
    expect(again.map((row) => row.thumbnails)).toEqual(first.map((row) => row.thumbnails));
    expect(await objects()).toEqual(withThumbnails(first));
  });

  test("a repeated call answers links that open, and none of them is kept", async () => {
    const keyed = { "idempotency-key": crypto.randomUUID() };
    await send("/photo-private", [photo()], call, keyed);
    const [row] = await dataOf<readonly Row[]>(await send("/photo-private", [photo()], call, keyed));
    for (const { url } of row?.thumbnails ?? []) {
      expect(url).toContain("X-Amz-Signature=");
      const { pathname, search } = new URL(url);
      const answer = await call(pathname + search);
      expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "image/jpeg"]);
      await answer.body?.cancel();
    }
    const [kept = {}] = await run("SELECT answer FROM sluice_idempotency_keys");
    expect(String(kept["answer"])).toContain("thumbnails");
    expect(String(kept["answer"])).not.toContain("X-Amz-Signature");
  });

  describeWanted({ run, store, objects, kept, sweep, build, all });

  describe("FILE_API_THUMBNAILS", () => {
    const told = { ...all, FILE_API_THUMBNAILS: "tiny:16, small:48" };

    test("are made of the file API's own uploads", async () => {
      const response = await send("/v1/upload", [photo()], callerOf(build, told));
      const { name: key } = await fileOf(response);
      expect(await objects()).toEqual(withThumbnails([{ storage_key: key }]));
      const listed = JSON.parse((await kept(key)) ?? "[]") as readonly KeptThumbnail[];
      expect(listed.map(({ name, width, height }) => [name, width, height])).toEqual([
        ["tiny", 16, 12],
        ["small", 48, 36],
      ]);
    });

    test("are none where nobody sets it", async () => {
      const { name: key } = await fileOf(await send("/v1/upload", [photo()]));
      expect(await objects()).toEqual([key]);
    });

    test.each([
      ["a fault", told.FILE_API_THUMBNAILS.replace("48", "4800"), build],
      ["a Worker that was built without", told.FILE_API_THUMBNAILS, without(build)],
    ])("refuses %s", async (_, value, own) => {
      const lines: unknown[] = [];
      const log = (_level: string, _event: string, details?: { readonly reason?: unknown }) =>
        void lines.push(details?.reason);
      const using = callerOf(own, { ...all, FILE_API_THUMBNAILS: value }, { log });
      const response = await send("/v1/upload", [photo()], using);
      expect([response.status, (await response.json<{ code: string }>()).code]).toEqual([500, "misconfigured"]);
      expect(lines).toEqual([expect.stringContaining("FILE_API_THUMBNAILS")]);
      expect(await objects()).toEqual([]);
    });
  });
}

/** What the file API says of it. */
async function fileOf(response: Response): Promise<{ readonly name: string }> {
  expect(response.status).toBe(200);
  return (await response.json<{ data: { name: string } }>()).data;
}

/** The plans of a file API alone, and nothing for thumbnails. */
function without(build: ReturnType<typeof buildOf>): ReturnType<typeof buildOf> {
  const { thumbnails: _, ...features } = build.features;
  return { ...build, plans: [], features };
}

/** A bitmap's header. */
function bmpOf(width: number, height: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(54 + width * height * 3);
  const view = new DataView(bytes.buffer);
  bytes.set([0x42, 0x4d]);
  view.setUint32(2, bytes.length, true);
  view.setUint32(10, 54, true);
  view.setUint32(14, 40, true);
  view.setInt32(18, width, true);
  view.setInt32(22, height, true);
  view.setUint16(26, 1, true);
  view.setUint16(28, 24, true);
  return bytes;
}
