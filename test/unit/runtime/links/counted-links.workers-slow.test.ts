import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { useFreshStorage } from "../../../support/database.ts";
import { linkKey } from "../../../support/secrets.ts";
import { bytes, issue, open, origin, registry, storeFile } from "./support.ts";
import { signLink } from "../../../../src/runtime/links/signed-link.ts";

useFreshStorage();

const whole = bytes.length;
const used = { status: 410, code: "link_used_up" };

async function countOf(url: string): Promise<number> {
  const id = new URL(url).searchParams.get("X-Sluice-Link");
  const row = await env.DB.prepare("SELECT downloads FROM sluice_links WHERE id = ?")
    .bind(id)
    .first<{ downloads: number }>();
  return row!.downloads;
}

describe("under 200 parallel requests", () => {
  test.each([1, 7])("a link for %d opens exactly so often", async (maxDownloads) => {
    const url = await issue(await storeFile(), { maxDownloads });
    const answers = await Promise.all(Array.from({ length: 200 }, () => open(url)));
    const opened = answers.filter(({ status }) => status === 200);
    expect(opened).toHaveLength(maxDownloads);
    expect(opened.every(({ length }) => length === whole)).toBe(true);
    expect(new Set(answers.filter(({ status }) => status !== 200).map(({ code }) => code))).toEqual(
      new Set(["link_used_up"]),
    );
    expect(await countOf(url)).toBe(maxDownloads);
  });

  test("pieces of it are not more than the file so often", async () => {
    const url = await issue(await storeFile(), { maxDownloads: 2 });
    const requests = Array.from({ length: 200 }, (_, at) => {
      const first = (at * 37) % 900;
      return open(url, { Range: `bytes=${first}-${first + 99}` });
    });
    const answers = await Promise.all(requests);
    const sent = answers.filter(({ status }) => status === 206).reduce((total, { length }) => total + length, 0);
    expect(sent).toBe(2 * whole);
    expect(await countOf(url)).toBe(2);
  });
});

describe("a single-use link", () => {
  test("opens once", async () => {
    const url = await issue(await storeFile(), { maxDownloads: 1 });
    expect(await open(url)).toMatchObject({ status: 200, length: whole });
    expect(await open(url)).toMatchObject(used);
    expect(await countOf(url)).toBe(1);
  });

  test("gives the file in pieces, in any order, and no byte more", async () => {
    const url = await issue(await storeFile(), { maxDownloads: 1 });
    for (const range of ["bytes=500-999", "bytes=0-249", "bytes=250-499"]) {
      expect(await open(url, { Range: range })).toMatchObject({ status: 206 });
    }
    expect(await open(url, { Range: "bytes=0-0" })).toMatchObject(used);
    expect(await countOf(url)).toBe(1);
  });

  test.each([
    ["from byte 1", ["bytes=1-", "bytes=1-"]],
    ["in two halves, twice", ["bytes=0-499", "bytes=500-", "bytes=0-499"]],
    ["after its first byte", ["bytes=0-0", "bytes=0-"]],
    ["by its end", ["bytes=-999", "bytes=-2"]],
    ["by ranges that are not kept to", ["bytes=0-0,5-6", "bytes=0-0"]],
  ])("cannot be had again %s", async (_, ranges) => {
    const url = await issue(await storeFile(), { maxDownloads: 1 });
    const answers = [];
    for (const range of ranges) answers.push(await open(url, { Range: range }));
    expect(answers.at(-1)).toMatchObject(used);
    expect(answers.slice(0, -1).every(({ code }) => code === null)).toBe(true);
    expect(answers.slice(0, -1).reduce((total, { length }) => total + length, 0)).toBeLessThanOrEqual(whole);
  });

  test("is not used up by what sends no byte of the file", async () => {
    const file = await storeFile();
    const url = await issue(file, { maxDownloads: 1 });
    expect(await open(url, { "If-None-Match": "*" })).toMatchObject({ status: 304 });
    expect(await open(url, { Range: "bytes=1000-" })).toMatchObject({ code: "range_not_satisfiable" });
    expect(await open(url, {}, { method: "HEAD" })).toMatchObject({ status: 200, length: 0 });
    expect(await open(url, {}, { method: "POST" })).toMatchObject({ code: "method_not_allowed" });
    await env.BUCKET.delete(file.storageKey);
    expect(await open(url)).toMatchObject({ code: "file_not_found" });
    await env.BUCKET.put(file.storageKey, bytes);
    expect(await countOf(url)).toBe(0);
    expect(await open(url)).toMatchObject({ status: 200, length: whole });
  });

  test("of an empty file", async () => {
    const file = await storeFile();
    await env.DB.prepare("UPDATE sluice_files SET file_size = 0").run();
    await env.BUCKET.put(file.storageKey, new Uint8Array());
    const url = await issue(file, { maxDownloads: 1 });
    expect(await open(url)).toMatchObject({ status: 200, length: 0 });
    expect(await open(url)).toMatchObject(used);
  });
});

test("a new download discards what the last one left", async () => {
  const url = await issue(await storeFile(), { maxDownloads: 2 });
  expect(await open(url, { Range: "bytes=0-0" })).toMatchObject({ status: 206 });
  expect(await open(url)).toMatchObject({ status: 200 });
  expect(await open(url, { Range: "bytes=0-0" })).toMatchObject(used);
});

test("without its row a counted link opens nothing", async () => {
  const file = await storeFile();
  const request = { base: origin, key: file.storageKey, method: "GET", expiresSeconds: 60, now: new Date() } as const;
  const orphan = await signLink(linkKey, { ...request, id: "a".repeat(21), maxDownloads: 5 });
  expect(await open(orphan)).toMatchObject(used);
  // Nor with the row of another file's link.
  const other = await issue(await storeFile(), { maxDownloads: 5 });
  const id = new URL(other).searchParams.get("X-Sluice-Link")!;
  expect(await open(await signLink(linkKey, { ...request, id, maxDownloads: 5 }))).toMatchObject(used);
  expect(await countOf(other)).toBe(0);
});

test("a link that is not counted writes nothing when it is opened", async () => {
  const url = await issue(await storeFile());
  for (let time = 0; time < 3; time++) expect(await open(url)).toMatchObject({ status: 200 });
  expect(await countOf(url)).toBe(0);
});

test("spending is exact at the border", async () => {
  const file = await storeFile();
  const id = new URL(await issue(file, { maxDownloads: 1 })).searchParams.get("X-Sluice-Link")!;
  const spend = (lengthBytes: number) => registry.spend({ id, fileId: file.id, lengthBytes, fileBytes: whole });
  expect(await spend(600)).toBe(true);
  expect(await spend(401)).toBe(false);
  expect(await spend(400)).toBe(true);
  expect(await spend(1)).toBe(false);
});
