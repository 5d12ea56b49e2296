/** The five calls of the page, as a client makes them that knows nothing else, and what comes back to the letter. */
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { createCaller, ORIGIN, token } from "../../../support/app.ts";
import { useFreshStorage } from "../../../support/database.ts";
import {
  dataOf,
  listOf,
  red,
  UPLOADED,
  uploadedBy,
  user,
  type FileDocument,
  type Init,
  type ListPage,
} from "./support.ts";

useFreshStorage();

const OWNER = "680b8f5b03127a4fd7110e38";
const ann = user(OWNER);
const UUID = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}";
const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const members = "_id name uploaded_by type size bucket url meta status deletedAt createdAt updatedAt __v"
  .split(" ")
  .toSorted();

function expectDocument(file: FileDocument, visibility: string): void {
  expect(Object.keys(file).toSorted()).toEqual(members);
  expect(file._id).toMatch(/^[0-9a-f]{24}$/);
  expect(file.name).toMatch(new RegExp(`^${visibility}/${OWNER}/${UUID}\\.png$`));
  expect(file).toMatchObject({
    uploaded_by: OWNER,
    type: "image/png",
    size: String((red.body as Uint8Array).length),
    bucket: "sluice-files",
    url: `${ORIGIN}/files/${file.name}`,
    meta: { originalName: "80:20 rule.png" },
    status: true,
    deletedAt: null,
    __v: 0,
  });
  expect(file.createdAt).toMatch(ISO);
  expect(file.updatedAt).toBe(file.createdAt);
}

test("upload a public file", async () => {
  const file = await uploadedBy(ann);
  expectDocument(file, "public");
  expect(new Uint8Array(await (await createCaller([])(file.url)).arrayBuffer())).toEqual(red.body);
});

test("upload a private file", async () => {
  const file = await uploadedBy(ann, [red], "/v1/upload/private");
  expectDocument(file, "private");
  expect((await createCaller([])(file.url)).status).toBe(404);
});

test.each(["/v1/upload", "/v1/upload/"])("list at %s", async (path) => {
  const [first, second] = [await uploadedBy(ann), await uploadedBy(ann, [red], "/v1/upload/private")];
  const page = await dataOf<ListPage>(await ann.send(path), "OK");
  expect(page).toMatchObject({ count: 2, pages: 1 });
  expect(page.data.map((file) => file._id).toSorted()).toEqual([first._id, second._id].toSorted());
  for (const file of page.data) expect(Object.keys(file).toSorted()).toEqual(members);
});

test("list by page and limit, as the page's example asks", async () => {
  await uploadedBy(ann);
  await uploadedBy(ann);
  expect(await listOf(ann, "?page=1&limit=1&coinName=GOGOPOOL")).toMatchObject({ count: 2, pages: 2 });
  const pages = [await listOf(ann, "?page=1&limit=1"), await listOf(ann, "?page=2&limit=1")];
  expect(pages.map((page) => page.data.length)).toEqual([1, 1]);
  expect(pages[0]?.data[0]?._id).not.toBe(pages[1]?.data[0]?._id);
});

test("details are what the upload answered", async () => {
  const file = await uploadedBy(ann);
  expect(await dataOf(await ann.send(`/v1/upload/${file._id}`))).toEqual(file);
});

test.each(["/v1/upload", "/v1/upload/private"])("a download address of a file at %s", async (path) => {
  const file = await uploadedBy(ann, [red], path);
  const url = await dataOf<string>(await ann.send(`/v1/upload/url/${file._id}`));
  const parameters = new URL(url).searchParams;
  expect(url.startsWith(`${ORIGIN}/files/${file.name}?`)).toBe(true);
  expect(parameters.get("X-Amz-Algorithm")).toBe("AWS4-HMAC-SHA256");
  expect(parameters.get("X-Amz-Expires")).toBe("300");
  const opened = await createCaller([])(url);
  expect(new Uint8Array(await opened.arrayBuffer())).toEqual(red.body);
});

test("a token with sub and no id owns files too; id is stronger", async () => {
  const call = createCaller([]);
  const asClaims = (claims: object) => ({
    send: async (path: string, init: Init = {}) =>
      call(path, { ...init, headers: { authorization: `Bearer ${await token({ ...claims })}`, ...init.headers } }),
  });
  const body = new FormData();
  body.append("anything", new File([red.body as Uint8Array<ArrayBuffer>], "a.png", { type: "image/png" }));
  const file = await dataOf(await asClaims({ sub: "s" }).send("/v1/upload", { method: "POST", body }), UPLOADED);
  expect(file.uploaded_by).toBe("s");
  expect((await asClaims({ sub: "s", id: "" }).send(`/v1/upload/${file._id}`)).status).toBe(200);
  expect((await asClaims({ id: "s" }).send(`/v1/upload/${file._id}`)).status).toBe(200);
  expect((await asClaims({ id: "other", sub: "s" }).send(`/v1/upload/${file._id}`)).status).toBe(404);
});

test("a picture tells its size, colours, checksum and thumbnails, also later", async () => {
  const file = await uploadedBy(ann);
  // It is no larger than its thumbnail may be.
  const thumbnailUrl = `${file.url}?thumbnail=small`;
  expect(file.meta).toEqual({
    originalName: "80:20 rule.png",
    visibility: "public",
    width: 4,
    height: 3,
    dominantColor: "#c81e1e",
    thumbhash: expect.stringMatching(/^[A-Za-z0-9+/]{20,}=*$/) as string,
    checksumSha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    expiresAt: null,
    thumbnails: [{ name: "small", width: 4, height: 3, url: thumbnailUrl }],
    thumbnailUrl,
  });
  const row = await env.DB.prepare("SELECT width, thumbhash, endpoint FROM files").first();
  expect(row).toEqual({ width: 4, thumbhash: file.meta["thumbhash"], endpoint: "v1/upload" });
});
