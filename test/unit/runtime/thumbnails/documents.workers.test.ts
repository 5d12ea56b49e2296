/** What the file API says of thumbnails: addresses that open, no query for each file, links on request. */
import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { createCaller } from "../../../support/app.ts";
import { useFreshStorage } from "../../../support/database.ts";
import { createWaves } from "../../../support/round-trips/waves.ts";
import { watchDatabase } from "../../../support/watched-bindings.ts";
import { dataOf, expectRefusal, listOf, user, type FileDocument } from "../file-api/support.ts";
import { open, registry, storeFile } from "../links/support.ts";
import { storePicture } from "./support.ts";

useFreshStorage();

interface Described {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly url: string;
}

const owner = user("42");
const thumbnailsOf = (file: FileDocument | undefined) => (file?.meta["thumbnails"] ?? []) as unknown as Described[];
const show = async (id: string) => dataOf(await owner.send(`/v1/upload/${id}`));

test("a private file's open as they are, with no row in the audit", async () => {
  const { _id } = await show((await storePicture()).id);
  const document = await show(_id);
  const thumbnails = thumbnailsOf(document);
  expect(thumbnails).toMatchObject([
    { name: "small", width: 32, height: 24 },
    { name: "large", width: 128, height: 96 },
    { name: "whole", width: 512, height: 384 },
  ]);
  expect(document.meta["thumbnailUrl"]).toBe(thumbnails[0]?.url);
  expect(await Promise.all(thumbnails.map(async ({ url }) => (await open(url)).length))).toEqual([100, 200, 1000]);
  expect((await env.DB.prepare("SELECT id FROM sluice_links").all()).results).toEqual([]);
  // For a while the same ones: a browser has them in its cache.
  const again = thumbnailsOf(await show(_id)).map(({ url }) => new URL(url).searchParams.get("X-Amz-Date"));
  const date = new Date((again[0] ?? "").replace(/(....)(..)(..T..)(..)/, "$1-$2-$3:$4:"));
  expect(date.getTime() % 450_000).toBe(0);
  expect(Date.now() - date.getTime()).toBeLessThan(450_000 + 5000);
});

test("a public file's are the permanent ones", async () => {
  const { storageKey, id } = await storePicture({ visibility: "public" });
  const urls = thumbnailsOf(await show(id)).map(({ url }) => url);
  expect(urls).toEqual(
    ["small", "large", "whole"].map((name) => `https://uploads.example/files/${storageKey}?thumbnail=${name}`),
  );
});

test("there are none of a file without, of a deleted one, and in a Worker that makes none", async () => {
  const { id } = await storeFile();
  expect(Object.keys((await show(id)).meta)).not.toContain("thumbnails");
  const picture = await storePicture();
  const deleted = await dataOf(
    await owner.send(`/v1/upload/${picture.id}`, { method: "DELETE" }),
    "file Deleted Successfully",
  );
  expect(deleted.meta).not.toHaveProperty("thumbnails");
  const trash = await listOf(owner, "?status=deleted");
  expect(trash.data[0]?.meta).not.toHaveProperty("thumbnails");
  const restored = await dataOf(
    await owner.send(`/v1/upload/${picture.id}/restore`, { method: "POST" }),
    "file Restored Successfully",
  );
  expect((await open(thumbnailsOf(restored)[0]?.url ?? "")).length).toBe(100);
});

test("revocations end them, and new ones are told", async () => {
  const { id } = await storePicture();
  const listed = thumbnailsOf((await listOf(owner)).data[0])[0]?.url ?? "";
  const shown = thumbnailsOf(await show(id))[0]?.url ?? "";
  expect(listed).toBe(shown);
  await registry.revokeFile("42", id, new Date().toISOString());
  expect((await open(shown)).code).toBe("link_revoked");
  await registry.revokeOwner("42");
  await registry.revokeOwner(null);
  for (const file of [(await listOf(owner)).data[0], await show(id)]) {
    expect((await open(thumbnailsOf(file)[1]?.url ?? "")).length).toBe(200);
  }
});

describe("round trips", () => {
  const ask = async (path: string, method = "GET") => {
    const waves = createWaves();
    const watched = user("42", createCaller([], { DB: watchDatabase(env.DB, waves.watch) }));
    const working = watched.send(path, { method });
    while (await waves.settle()) waves.release();
    const body = await (await working).json<{ data: never }>();
    return { data: body.data as unknown, waves: waves.count, calls: waves.calls.length };
  };

  test("a list of 18 private files with thumbnails costs no query more than one without", async () => {
    for (let count = 0; count < 18; count += 1) await storeFile();
    const without = await ask("/v1/upload?limit=18&cursor=");
    expect(without).toMatchObject({ waves: 1, calls: 1 });
    await env.DB.prepare("DELETE FROM sluice_files").run();
    for (let count = 0; count < 18; count += 1) await storePicture();
    await registry.revokeOwner("42");
    const { data, ...cost } = await ask("/v1/upload?limit=18&cursor=");
    expect(cost).toEqual({ waves: 1, calls: 1 });
    const { data: files } = data as { data: FileDocument[] };
    expect(files).toHaveLength(18);
    for (const file of files) expect((await open(thumbnailsOf(file)[0]?.url ?? "")).length).toBe(100);
  });

  test("nor do details and a restoration", async () => {
    const { id } = await storePicture();
    expect(await ask(`/v1/upload/${id}`)).toMatchObject({ waves: 1, calls: 1 });
    await dataOf(await owner.send(`/v1/upload/${id}`, { method: "DELETE" }), "file Deleted Successfully");
    expect(await ask(`/v1/upload/${id}/restore`, "POST")).toMatchObject({ waves: 1, calls: 1 });
  });
});

describe("links on request", () => {
  const issue = (id: string, terms: object, headers = {}) =>
    owner.send(`/v1/upload/${id}/links`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(terms),
    });

  test("for a time of one's own", async () => {
    const { id } = await storePicture();
    const url = await dataOf<string>(await owner.send(`/v1/upload/url/${id}?thumbnail=small&expires=60`));
    expect(new URL(url).searchParams.get("X-Amz-Expires")).toBe("60");
    expect((await open(url)).length).toBe(100);
    const issued = await dataOf<{ url: string }>(await issue(id, { thumbnail: "large" }), "Link Issued Successfully");
    expect((await open(issued.url)).length).toBe(200);
  });

  test("a repeat under a key gives the same one", async () => {
    const { id } = await storePicture();
    const ask = async () =>
      (
        await dataOf<{ url: string }>(
          await issue(id, { thumbnail: "large" }, { "idempotency-key": "k" }),
          "Link Issued Successfully",
        )
      ).url;
    const first = await ask();
    expect(await ask()).toBe(first);
    const { results } = await env.DB.prepare("SELECT answer FROM sluice_idempotency_keys").all<{ answer: string }>();
    expect(JSON.stringify(results)).not.toContain("X-Amz");
  });

  test("what cannot be is refused", async () => {
    const { id } = await storePicture();
    const plain = await storeFile();
    for (const path of [`${id}?thumbnail=tiny`, `${plain.id}?thumbnail=small`]) {
      const body = await expectRefusal(await owner.send(`/v1/upload/url/${path}`), 404, "file_not_found");
      expect(body["detail"]).toBe("The file has no thumbnail of this name.");
    }
    for (const name of ["..%2Fsmall", "", "Small", "small~1", "%00"]) {
      await expectRefusal(await owner.send(`/v1/upload/url/${id}?thumbnail=${name}`), 422, "parameter_invalid");
    }
    const twice = `/v1/upload/url/${id}?thumbnail=small&thumbnail=large`;
    await expectRefusal(await owner.send(twice), 422, "parameter_invalid");
    await expectRefusal(await issue(id, { thumbnail: "tiny" }), 404, "file_not_found");
    await expectRefusal(await issue(id, { thumbnail: 1 }), 422, "payload_invalid");
    const counted = await expectRefusal(
      await issue(id, { thumbnail: "small", max_downloads: 1 }),
      422,
      "payload_invalid",
    );
    expect(counted).toMatchObject({ field: "max_downloads" });
    await expectRefusal(await user("43").send(`/v1/upload/url/${id}?thumbnail=small`), 404, "file_not_found");
    expect((await env.DB.prepare("SELECT id FROM sluice_links").all()).results).toEqual([]);
  });
});
