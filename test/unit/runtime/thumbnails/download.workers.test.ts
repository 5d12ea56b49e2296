/** A thumbnail at the address of its file: the file's rules, its own bytes and headers, one wait. */
import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { createSluice } from "../../../../src/index.ts";
import { signLink, type LinkRequest } from "../../../../src/runtime/links/signed-link.ts";
import { thumbnailKey } from "../../../../src/runtime/thumbnails/thumbnail-key.ts";
import { createCaller } from "../../../support/app.ts";
import { buildOf } from "../../../support/build.ts";
import { useFreshStorage } from "../../../support/database.ts";
import { planOf, uploadStep } from "../../../support/plans.ts";
import { createWaves } from "../../../support/round-trips/waves.ts";
import { linkKey } from "../../../support/secrets.ts";
import { watchBucket, watchDatabase } from "../../../support/watched-bindings.ts";
import { bytes, issue, open, origin, registry, storeFile } from "../links/support.ts";
import { bytesOf, permanent, storePicture } from "./support.ts";

useFreshStorage();

const call = createCaller([]);
const read = async (url: string, init: RequestInit = {}) => {
  const response = await call(url, init);
  return { response, body: new Uint8Array(await response.arrayBuffer()) };
};
const signed = (key: LinkRequest["key"], change: Partial<LinkRequest> = {}) =>
  signLink(linkKey, { base: origin, key, method: "GET", expiresSeconds: 600, now: new Date(), ...change });

describe("of a public file", () => {
  test.each<[string, number]>([
    ["small", 1],
    ["large", 2],
  ])("%s: its own bytes, headers and validators", async (name, place) => {
    const file = await storePicture({ visibility: "public" });
    const { response, body } = await read(permanent(file, name));
    expect(response.status).toBe(200);
    expect(body).toEqual(bytesOf(place));
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "content-type": "image/jpeg",
      "content-length": String(place * 100),
      "content-disposition": expect.stringMatching(/^inline; filename=.*filename\*=UTF-8''%C3%89t%C3%A9-\w+\.jpg$/),
      "cache-control": "public, max-age=31536000, immutable, no-transform",
      "accept-ranges": "bytes",
      "x-content-type-options": "nosniff",
      "content-security-policy": expect.stringContaining("sandbox"),
      "last-modified": expect.any(String),
    });
    const etag = response.headers.get("etag") ?? "";
    expect(etag).toMatch(/^"(?:ab){32}~/);
    expect(etag).not.toBe(
      (await read(permanent(file, name === "small" ? "large" : "small"))).response.headers.get("etag"),
    );
    const unchanged = await read(permanent(file, name), { headers: { "if-none-match": etag } });
    expect([unchanged.response.status, unchanged.body.length]).toEqual([304, 0]);
    const changed = await read(permanent(file, name), { headers: { "if-match": '"other"' } });
    expect(changed.response.status).toBe(412);
    const head = await read(permanent(file, name), { method: "HEAD" });
    expect(head.response.headers.get("content-length")).toBe(String(place * 100));
    expect(head.body.length).toBe(0);
    const part = await read(permanent(file, name), { headers: { range: "bytes=10-19" } });
    expect(part.response.status).toBe(206);
    expect(part.response.headers.get("content-range")).toBe(`bytes 10-19/${place * 100}`);
    expect(part.body).toEqual(bytesOf(place).subarray(10, 20));
    expect((await read(permanent(file, name), { headers: { range: "bytes=900-" } })).response.status).toBe(416);
  });

  test("where the file stands for it, the file", async () => {
    const file = await storePicture({ visibility: "public" });
    const { response, body } = await read(permanent(file, "whole"));
    expect(body).toEqual(bytes);
    expect(response.headers.get("content-type")).toBe("image/png");
    expect(response.headers.get("etag")).toBe(`"${"ab".repeat(32)}"`);
  });

  test.each(["tiny", "", "Small", "small~1", "../small", "%00", "__proto__", "1", "small&thumbnail=small"])(
    "404 for a name that it has none of: %s",
    async (name) => {
      const file = await storePicture({ visibility: "public" });
      const { response, body } = await read(permanent(file, name));
      expect(response.status).toBe(404);
      expect(JSON.parse(new TextDecoder().decode(body))).toMatchObject({
        code: "file_not_found",
        detail: "The file has no thumbnail of this name.",
      });
      expect(response.headers.get("cache-control")).toBe("no-store");
    },
  );

  test("404 for a file without thumbnails, and for one whose object is gone", async () => {
    expect((await open(permanent(await storeFile({ visibility: "public" })))).status).toBe(404);
    const file = await storePicture({ visibility: "public" });
    await env.BUCKET.delete(thumbnailKey(file.storageKey, 1));
    expect(await open(permanent(file))).toMatchObject({ status: 404, code: "file_not_found" });
  });

  test("other parameters mean as little as without it", async () => {
    const file = await storePicture({ visibility: "public" });
    expect((await read(`${permanent(file)}&x=1`)).body).toEqual(bytesOf(1));
  });
});

describe("who may read", () => {
  test("a private file's only with a link, and nobody is told that there is one", async () => {
    const file = await storePicture();
    const none = await open(`https://uploads.example/files/users/42/none.png?thumbnail=small`);
    const hidden = await open(permanent(file));
    expect(hidden).toMatchObject({ status: 404, code: "file_not_found", length: none.length });
    expect(await open(permanent(file, "nothing"))).toMatchObject({ status: 404, length: none.length });
    expect((await read(await signed(file.storageKey, { thumbnail: "small" }))).body).toEqual(bytesOf(1));
  });

  test("410 and 404 as the file, whatever the name", async () => {
    const expired = await storePicture({ visibility: "public", expiresAt: "2020-01-01T00:00:00.000Z" });
    for (const name of ["small", "whole", "nothing"]) {
      expect(await open(permanent(expired, name))).toMatchObject({ status: 410, code: "file_expired" });
      const url = await signed(expired.storageKey, { thumbnail: name });
      expect(await open(url)).toMatchObject({ status: 410, code: "file_expired" });
    }
    const deleted = await storePicture({ visibility: "public" });
    await env.DB.prepare("UPDATE sluice_files SET status = 'deleted' WHERE id = ?").bind(deleted.id).run();
    expect(await open(permanent(deleted))).toMatchObject({ status: 404 });
    expect(await open(await signed(deleted.storageKey, { thumbnail: "small" }))).toMatchObject({ status: 404 });
  });

  test("a link opens its thumbnail and nothing else", async () => {
    const file = await storePicture();
    const small = await signed(file.storageKey, { thumbnail: "small" });
    const whole = await signed(file.storageKey);
    expect((await read(whole)).body).toEqual(bytes);
    const forged = [
      small.replace("thumbnail=small", "thumbnail=large"),
      small.replace("thumbnail=small", "thumbnail=whole"),
      small.replace("thumbnail=small", "thumbnail=SMALL"),
      small.replace("&thumbnail=small", ""),
      small.replace("thumbnail=small", "thumbnail="),
      small.replace("thumbnail=small", "thumbnail=../small"),
      `${small}&thumbnail=large`,
      `${small}&thumbnail=small`,
      `${whole}&thumbnail=small`,
      whole.replace("?", "?thumbnail=small&"),
      `${permanent(file)}&${small.split("?")[1]?.replace("&thumbnail=small", "")}`.replace(
        /[\da-f]{64}$/,
        "0".repeat(64),
      ),
      small.replace(file.storageKey, `${file.storageKey}~1`),
    ];
    for (const url of forged) {
      expect(await open(url), url).toMatchObject({ status: 403, code: "link_invalid" });
    }
    // The signed values are the same, wherever they stand.
    const moved = `${permanent(file)}&${small.split("?")[1]?.replace("&thumbnail=small", "")}`;
    expect((await read(moved)).body).toEqual(bytesOf(1));
  });

  test("a link to a thumbnail ends with the epochs of file and owner", async () => {
    const file = await storePicture();
    const url = await signed(file.storageKey, { thumbnail: "small", epoch: 0 });
    expect((await open(url)).status).toBe(200);
    await registry.revokeFile("42", file.id, new Date().toISOString());
    expect(await open(url)).toMatchObject({ status: 410, code: "link_revoked" });
    const next = await signed(file.storageKey, { thumbnail: "small", epoch: 1 });
    expect((await open(next)).status).toBe(200);
    await registry.revokeOwner("42");
    expect(await open(next)).toMatchObject({ status: 410, code: "link_revoked" });
  });

  test("a thumbnail is never counted", async () => {
    const file = await storePicture();
    const id = "V1StGXR8_Z5jdHi6B-myT";
    const url = await signed(file.storageKey, { thumbnail: "small", maxDownloads: 1, id });
    expect(await open(url)).toMatchObject({ status: 403, code: "link_invalid" });
  });

  test("a link keeps what it has opened for as long as it lives, and no longer than five minutes", async () => {
    const file = await storePicture();
    const ageOf = async (change: Partial<LinkRequest>, name = "small") => {
      const { headers } = await open(await signed(file.storageKey, { thumbnail: name, ...change }));
      return headers.get("cache-control");
    };
    expect(await ageOf({})).toBe("private, max-age=300, no-transform");
    expect(await ageOf({}, "whole")).toBe("private, max-age=300, no-transform");
    expect(await ageOf({ expiresSeconds: 60 })).toMatch(/^private, max-age=(?:59|60), no-transform$/);
    const ending = await storePicture({ expiresAt: new Date(Date.now() + 30_000).toISOString() });
    const { headers } = await open(await signed(ending.storageKey, { thumbnail: "small" }));
    expect(headers.get("cache-control")).toMatch(/^private, max-age=(?:29|30), no-transform$/);
    expect((await open(await signed(file.storageKey))).headers.get("cache-control")).toBe(
      "private, no-store, no-transform",
    );
  });

  test("a disposition is told of the thumbnail", async () => {
    const file = await storePicture();
    const url = await issue(file, { thumbnail: "small", disposition: "attachment" });
    const { headers } = await open(url);
    expect(headers.get("content-type")).toBe("image/jpeg");
    expect(headers.get("content-disposition")).toMatch(/^attachment;/);
  });
});

describe("a Worker without thumbnails", () => {
  const { thumbnails: _, ...features } = buildOf([]).features;
  const without = createSluice({ ...buildOf([]), features });
  const ask = async (url: string) => {
    const context = createExecutionContext();
    const response = await without.fetch(new Request(url), env, context);
    return { status: response.status, body: new Uint8Array(await response.arrayBuffer()) };
  };

  test("ignores the parameter like any other, and opens no link to a thumbnail", async () => {
    const file = await storePicture({ visibility: "public" });
    expect((await ask(permanent(file))).body).toEqual(bytes);
    expect((await ask(await signed(file.storageKey, { thumbnail: "small" }))).status).toBe(403);
    expect((await ask(await signed(file.storageKey))).body).toEqual(bytes);
  });
});

describe("round trips", () => {
  const rule = { maxEdge: 320, quality: 80, background: [255, 255, 255] } as const;
  const rules = ["small", "large", "whole"].map((name) => ({ ...rule, name }));
  const plans = [planOf([uploadStep({ thumbnails: rules })])];
  const ask = async (url: string) => {
    const waves = createWaves();
    const bindings = { BUCKET: watchBucket(env.BUCKET, waves.watch), DB: watchDatabase(env.DB, waves.watch) };
    const working = createCaller(plans, bindings)(url).then((response) => response.arrayBuffer());
    while (await waves.settle()) waves.release();
    return { length: (await working).byteLength, waves: waves.count, calls: waves.calls.length };
  };

  test("a thumbnail is one wait: its object is opened while the row is looked up", async () => {
    const file = await storePicture({ visibility: "public" });
    expect(await ask(permanent(file, "large"))).toEqual({ length: 200, waves: 1, calls: 2 });
    expect(await ask(permanent(file, "small"))).toEqual({ length: 100, waves: 1, calls: 2 });
    const secret = await storePicture();
    const url = await signed(secret.storageKey, { thumbnail: "large" });
    expect(await ask(url)).toEqual({ length: 200, waves: 1, calls: 2 });
    // Where the file stands for it, nothing is in that place.
    expect(await ask(permanent(file, "whole"))).toEqual({ length: 1000, waves: 2, calls: 3 });
  });

  test("where a plan says another place than the row, the second time", async () => {
    const turned = JSON.stringify([
      { name: "other", width: 1, height: 1, size: 100 },
      { name: "turned", width: 1, height: 1, size: 200 },
    ]);
    const file = await storePicture({ visibility: "public", thumbnails: turned });
    expect(await ask(permanent(file, "turned"))).toEqual({ length: 200, waves: 2, calls: 3 });
    expect(await ask(permanent(file, "turned"))).toEqual({ length: 200, waves: 1, calls: 2 });
  });
});
