/** The shipped ABIs as two users call them: upload, store, list, read, delete. */
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { plans } from "../../.sluice/plans.ts";
import { as, createCaller, dataOf, expectProblem, upload, type FormPart } from "../support/app.ts";
import { readStored, useFreshStorage } from "../support/database.ts";
import { png } from "../support/pictures.ts";

useFreshStorage();

const call = createCaller(plans);
const red: FormPart = { fileName: "red.png", type: "image/png", body: png([200, 30, 30]) };
const blue: FormPart = { fileName: "blue.png", type: "image/png", body: png([30, 30, 200]) };

interface GalleryRow {
  readonly id: string;
  readonly storage_key: string;
  readonly url: string;
}

test("upload-gallery answers the four fields of its returnables", async () => {
  const rows = await dataOf<object[]>(await upload(call, "/upload-gallery", await as("ann"), [red]));
  expect(rows.map((row) => Object.keys(row))).toEqual([["storage_key", "url", "dominant_color", "file_size"]]);
});

test("upload-gallery-and-store writes one row per file, in order", async () => {
  const rows = await dataOf<GalleryRow[]>(
    await upload(call, "/upload-gallery-and-store", await as("ann"), [red, blue]),
  );
  expect(rows).toEqual([
    expect.objectContaining({ user_id: "ann", dominant_color: "#c81e1e", file_size: (red.body as Uint8Array).length }),
    expect.objectContaining({ user_id: "ann", dominant_color: "#1e1ec8", file_size: (blue.body as Uint8Array).length }),
  ]);
  expect(rows.map((row) => row.id)).toEqual(rows.map(() => expect.stringMatching(/^[0-9A-Za-z]{27}$/) as string));
  const { gallery, objects, files } = await readStored();
  expect(gallery).toHaveLength(2);
  expect(gallery.map((row) => row["storage_key"]).toSorted()).toEqual(objects);
  expect(gallery[0]?.["created_at"]).toBe(files[0]?.["created_at"]);
});

test("my-gallery lists the caller's rows and nobody else's, newest first", async () => {
  await upload(call, "/upload-gallery-and-store", await as("ann"), [red]);
  await scheduler.wait(5);
  await upload(call, "/upload-gallery-and-store", await as("ann"), [blue]);
  await upload(call, "/upload-gallery-and-store", await as("ben"), [red]);
  const list = async (id: string) =>
    dataOf<{ dominant_color: string }[]>(await call("/my-gallery", { method: "POST", headers: await as(id) }));
  expect((await list("ann")).map((row) => row.dominant_color)).toEqual(["#1e1ec8", "#c81e1e"]);
  expect(await list("ben")).toHaveLength(1);
  expect(await list("eve")).toEqual([]);
});

test("a deleted picture leaves the list, whatever its row says", async () => {
  const [row] = await dataOf<GalleryRow[]>(await upload(call, "/upload-gallery-and-store", await as("ann"), [red]));
  const headers = await as("ann", { "content-type": "application/json" });
  const body = JSON.stringify([row?.storage_key]);
  await dataOf(await call("/delete-gallery-files", { method: "POST", headers, body }));
  expect(await dataOf(await call("/my-gallery", { method: "POST", headers: await as("ann") }))).toEqual([]);
});

test("a public file opens for anybody, until its owner deletes it", async () => {
  const [row] = await dataOf<GalleryRow[]>(await upload(call, "/upload-gallery", await as("ann"), [red]));
  const key = row?.storage_key ?? "";
  const opened = await call(row?.url ?? "");
  expect(new Uint8Array(await opened.arrayBuffer())).toEqual(red.body);
  const remove = async (id: string) =>
    dataOf(
      await call("/delete-gallery-files", {
        method: "POST",
        headers: await as(id, { "content-type": "application/json" }),
        body: JSON.stringify([key]),
      }),
    );
  expect(await remove("ben")).toEqual([{ storage_key: key, status: "not_found" }]);
  expect((await call(row?.url ?? "", { method: "HEAD" })).status).toBe(200);
  expect(await remove("ann")).toEqual([{ storage_key: key, status: "deleted" }]);
  await expectProblem(await call(row?.url ?? ""), 404, "file_not_found");
  expect(await env.BUCKET.head(key)).toBeNull();
});

test("an avatar is private: only its signed link opens it", async () => {
  const rows = await dataOf<Record<string, string>[]>(await upload(call, "/upload-avatar", await as("ann"), [red]));
  const [avatar = {}] = rows;
  expect(avatar["storage_key"]).toMatch(/^users\/ann\/avatar\/[\w-]{21}\/[\w-]{21}\.png$/);
  await expectProblem(await call(avatar["url"] ?? ""), 404, "file_not_found");
  const opened = await call(avatar["download_url"] ?? "");
  expect(new Uint8Array(await opened.arrayBuffer())).toEqual(red.body);
  expect(opened.headers.get("cache-control")).toBe("private, no-store, no-transform");
  await expectProblem(
    await call((avatar["download_url"] ?? "").replace(/.$/, "0").replace(/.{2}$/, "00")),
    403,
    "link_invalid",
  );
});

test("ids are addresses too", async () => {
  expect((await upload(call, "/upload-gallery-01", await as("ann"), [red])).status).toBe(200);
});
