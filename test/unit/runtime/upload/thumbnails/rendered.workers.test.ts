/** Thumbnails of pictures that are not decoded here, and of calls that lack the memory for them. */
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import type { ImageField, ThumbnailRule } from "../../../../../src/contract/plan/files.ts";
import { as, callerOf, createCaller, dataOf, upload, type FormPart } from "../../../../support/app.ts";
import { buildOf } from "../../../../support/build.ts";
import { useFreshStorage } from "../../../../support/database.ts";
import { png } from "../../../../support/pictures.ts";
import { planOf, uploadStep } from "../../../../support/plans.ts";
import { watchBucket } from "../../../../support/watched-bindings.ts";

useFreshStorage();

/** 8 × 6 pixels. */
const encoded = "UklGRiIAAABXRUJQVlA4TBYAAAAvB0ABAAdQjyLXo/8BgCD8b5uI6H8I";
const webp: FormPart = {
  fileName: "a.webp",
  type: "image/webp",
  body: Uint8Array.from(atob(encoded), (character) => character.charCodeAt(0)),
};
const rule = (name: string, maxEdge: number): ThumbnailRule => {
  return { name, maxEdge, quality: 80, background: [255, 255, 255] };
};
const planWith = (imageFields: readonly ImageField[], ...thumbnails: readonly ThumbnailRule[]) =>
  planOf([uploadStep({ types: ["image/*"], imageFields, thumbnails, linksThumbnails: true })]);
const objects = async () => (await env.BUCKET.list()).objects.map(({ key }) => key).toSorted();

interface Row {
  readonly storage_key: string;
  readonly dominant_color: string | null;
  readonly thumbnails: readonly { readonly name: string; readonly width: number; readonly height: number }[];
}

/** @returns the answer's row, and the names of the calls of the bucket */
async function send(imageFields: readonly ImageField[], bindings: object) {
  const calls: string[] = [];
  const bucket = watchBucket(env.BUCKET, (call, make) => {
    calls.push(call.name);
    return make();
  });
  const plan = planWith(imageFields, rule("tiny", 4), rule("whole", 8));
  const call = createCaller([plan], { ...bindings, BUCKET: bucket });
  const [row] = await dataOf<readonly Row[]>(await upload(call, "/test", await as("u"), [webp]));
  return { row, calls };
}

test("the Images binding renders a picture once, for its colour and its thumbnails", async () => {
  const { row, calls } = await send(["dominant_color"], { IMAGES: env.RENDERER });
  expect(row?.dominant_color).toBe("#c81e1e");
  expect(row?.thumbnails.map(({ name, width, height }) => [name, width, height])).toEqual([
    ["tiny", 4, 3],
    ["whole", 8, 6],
  ]);
  expect(await objects()).toEqual([row?.storage_key, `${row?.storage_key ?? ""}~1`]);
  expect(calls.toSorted()).toEqual(["get", "put", "put"]);
});

test("… and for thumbnails alone", async () => {
  const { row, calls } = await send([], { IMAGES: env.RENDERER });
  expect(row?.thumbnails.length).toBe(2);
  expect(calls.toSorted()).toEqual(["get", "put", "put"]);
});

test.each([
  ["without the binding", {}],
  [
    "where it fails",
    { IMAGES: { input: () => ({ transform: () => ({ output: () => Promise.reject(new Error("9422")) }) }) } },
  ],
])("there are none %s", async (_, bindings) => {
  const { row } = await send(["dominant_color"], bindings);
  expect(row).toMatchObject({ dominant_color: null, thumbnails: [] });
  expect(await objects()).toEqual([row?.storage_key]);
});

test("where too little memory is free the file is stored without any, and the log says so", async () => {
  const events: string[] = [];
  const build = buildOf([planWith([], rule("small", 32), rule("huge", 1280))]);
  const call = callerOf(build, { MAX_MEMORY_BYTES: "25165824" }, { log: (_, event) => void events.push(event) });
  const part: FormPart = { fileName: "a.png", body: png([1, 2, 3], 128, 96) };
  const [row] = await dataOf<readonly Row[]>(await upload(call, "/test", await as("u"), [part]));
  expect(row?.thumbnails).toEqual([]);
  expect(events).toEqual(["thumbnails_left_out"]);
  expect(await objects()).toEqual([row?.storage_key]);
});

test("one after the other has the memory that was lent", async () => {
  const rules = [rule("small", 512)];
  const call = createCaller([planWith([], ...rules)], { MAX_MEMORY_BYTES: "25165824" });
  const part: FormPart = { fileName: "a.png", body: png([1, 2, 3], 600, 8) };
  for (let time = 0; time < 5; time++) {
    const [row] = await dataOf<readonly Row[]>(await upload(call, "/test", await as("u"), [part]));
    expect(row?.thumbnails.length).toBe(1);
  }
});
