/** Thumbnails that are made after the answer: for files from before, and for calls that had too little of something. */
import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import type { Build } from "../../../../../src/runtime/build.ts";
import { install } from "../../../../../src/runtime/build.ts";
import { openDeployment } from "../../../../../src/runtime/deployment.ts";
import { WANTED } from "../../../../../src/runtime/thumbnails/kept-thumbnails.ts";
import { createThumbnailRequests } from "../../../../../src/runtime/thumbnails/requests.ts";
import { callerOf, token, upload, type FormPart } from "../../../../support/app.ts";
import { secrets } from "../../../../support/secrets.ts";
import { watchBucket } from "../../../../support/watched-bindings.ts";
import { photo } from "./photo.ts";

export interface WantedHarness {
  readonly run: (sql: string) => Promise<readonly Readonly<Record<string, unknown>>[]>;
  readonly store: (path: string, ...parts: readonly FormPart[]) => Promise<readonly { readonly storage_key: string }[]>;
  readonly objects: () => Promise<readonly string[]>;
  readonly kept: (key: string) => Promise<string | null>;
  readonly sweep: (more?: Readonly<Record<string, unknown>>) => Promise<void>;
  readonly build: Build;
  readonly all: Readonly<Record<string, unknown>>;
}

export function describeWanted({ run, store, objects, kept, sweep, build, all }: WantedHarness): void {
  const open = () => {
    const { database, dialect } = openDeployment({ ...env, ...all } as Env, install(build, {}), {
      waitUntil: () => undefined,
    });
    return createThumbnailRequests(database, dialect);
  };
  /** As it is where the endpoint had no thumbnails yet. */
  const storeBefore = async (endpoint: string, ...parts: readonly FormPart[]) => {
    const rows = await store("/photo-without", ...parts);
    await run(`UPDATE sluice_files SET endpoint = '${endpoint}' WHERE endpoint = 'photo-without'`);
    return rows.map(({ storage_key: key }) => key);
  };

  describe("are made by a sweep", () => {
    test("for files that were stored before, as their endpoint has them now", async () => {
      const keys = await storeBefore("photo", photo(1), photo(2));
      const [other = ""] = await storeBefore("photo-in-field", photo(3));
      const [without] = await storeBefore("photo-without-any", photo(4));
      expect(await open().request(["photo", "photo-in-field"])).toBe(3);
      expect([await open().count(), await kept(other)]).toEqual([3, WANTED]);
      await sweep();
      expect(await open().count()).toBe(0);
      const made = [...keys, other].flatMap((key) => [key, `${key}~1`, `${key}~2`]);
      expect(await objects()).toEqual([...made, without].toSorted());
      expect(JSON.parse((await kept(other)) ?? "[]")).toMatchObject([{ name: "small" }, { name: "large" }]);
      expect(await open().request(["photo", "photo-in-field"])).toBe(0);
    });

    test("of fields only for those that ask for them, where the row tells the field", async () => {
      const sent = ["paper", "photo"].map((name) => ({ ...photo(), name }));
      const stored = await store("/photo-in-one-field", ...sent);
      const [paper = "", picture = ""] = stored.map(({ storage_key: key }) => key);
      await env.BUCKET.delete([`${picture}~1`, `${picture}~2`]);
      await run("UPDATE sluice_files SET thumbnails = NULL");
      expect(await open().request(["photo-in-one-field"])).toBe(2);
      await sweep();
      expect(await objects()).toEqual([paper, picture, `${picture}~1`, `${picture}~2`].toSorted());
      expect([await open().count(), await kept(paper)]).toEqual([0, null]);
      const [before = ""] = await storeBefore("photo-in-one-field", photo(1));
      await open().request(["photo-in-one-field"]);
      await sweep();
      expect(await kept(before)).not.toBeNull();
    });

    test("not where none can be made, or the endpoint has none any more", async () => {
      const [broken = ""] = await storeBefore("photo", photo(1));
      await env.BUCKET.put(broken, "no picture");
      const [gone = ""] = await storeBefore("photo", photo(2));
      await env.BUCKET.delete(gone);
      const [other = ""] = await storeBefore("another", photo(3));
      expect(await open().request(["photo", "another"])).toBe(3);
      await sweep();
      expect([await open().count(), await kept(broken), await kept(gone), await kept(other)]).toEqual([
        0,
        null,
        null,
        null,
      ]);
      expect(await objects()).toEqual([broken, other].toSorted());
    });

    test("not for what is no picture, is deleted, or has them", async () => {
      const [paper] = await storeBefore("photo", { fileName: "a.pdf", body: "%PDF-1.7\n" });
      await store("/photo");
      const [deleted] = await storeBefore("photo", photo(3));
      await run(`UPDATE sluice_files SET status = 'deleted' WHERE storage_key = '${deleted ?? ""}'`);
      expect(await open().request(["photo"])).toBe(0);
      expect(await kept(paper ?? "")).toBeNull();
    });

    test("again, where an attempt was cut off", async () => {
      const [key = ""] = await storeBefore("photo", photo(1));
      await open().request(["photo"]);
      const bucket = watchBucket(env.BUCKET, (binding, make) =>
        binding.name === "put" && String(binding.parameters[0]).endsWith("~2")
          ? Promise.reject(new Error("injected"))
          : make(),
      );
      await expect(sweep({ BUCKET: bucket })).rejects.toThrow("thumbnails");
      expect(await kept(key)).toMatch(new RegExp(`^${WANTED} 2\\d{3}-`));
      expect(await objects()).toEqual([key, `${key}~1`]);
      // Others come first.
      await sweep();
      expect(await objects()).toEqual([key, `${key}~1`]);
      await run(`UPDATE sluice_files SET thumbnails = '${WANTED} 2020-01-01T00:00:00.000Z'`);
      await sweep();
      expect(await objects()).toEqual([key, `${key}~1`, `${key}~2`]);
      expect(await open().count()).toBe(0);
    });

    test("once, where two sweeps are at it", async () => {
      const [key = "", other = ""] = await storeBefore("photo", photo(1), photo(2));
      await open().request(["photo"]);
      const puts: string[] = [];
      const bucket = watchBucket(env.BUCKET, (binding, make) => {
        if (binding.name === "put") puts.push(String(binding.parameters[0]));
        return make();
      });
      await Promise.all([sweep({ BUCKET: bucket }), sweep({ BUCKET: bucket })]);
      const made = [`${key}~1`, `${key}~2`, `${other}~1`, `${other}~2`].toSorted();
      expect(puts.toSorted()).toEqual(made);
      expect(await objects()).toEqual([key, other, ...made].toSorted());
    });

    test("and are taken back where the file is deleted meanwhile", async () => {
      const [key = ""] = await storeBefore("photo", photo(1));
      await open().request(["photo"]);
      const bucket = watchBucket(env.BUCKET, async (binding, make) => {
        if (binding.name === "put" && String(binding.parameters[0]).endsWith("~2")) {
          await run(`DELETE FROM sluice_files WHERE storage_key = '${key}'`);
          await env.BUCKET.delete([key, `${key}~1`, `${key}~2`]);
        }
        return make();
      });
      await sweep({ BUCKET: bucket });
      expect(await objects()).toEqual([]);
    });

    test("for a call that had too little memory for them", async () => {
      const told = {
        ...all,
        MAX_MEMORY_BYTES: String(24 * 1024 * 1024),
        FILE_API_THUMBNAILS: "a:1280, b:1279, c:1278",
      };
      const jwt = await token({ id: "ann" }, { secret: secrets.JWT_SECRET_KEY });
      const answer = await upload(callerOf(build, told), "/v1/upload", { authorization: `Bearer ${jwt}` }, [photo()]);
      expect(answer.status).toBe(200);
      const [key = ""] = await objects();
      expect(await kept(key)).toBe(WANTED);
      await sweep(told);
      expect(JSON.parse((await kept(key)) ?? "[]")).toMatchObject([{ name: "a", size: null }, {}, {}]);
    });
  });
}
