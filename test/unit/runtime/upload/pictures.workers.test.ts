/** What an ABI can ask of pictures: fields that are only computed when read, removal of metadata, whole structure. */
import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { as, concat, createCaller, dataOf, expectProblem, upload, type FormPart } from "../../../support/app.ts";
import { readStored, useFreshStorage } from "../../../support/database.ts";
import { bmp, box, fileType } from "../../../support/header-files.ts";
import { JPEG_START, png } from "../../../support/pictures.ts";
import { planOf, uploadStep } from "../../../support/plans.ts";
import { pngChunk } from "../../../support/png-encoder.ts";

useFreshStorage();

const NOTHING = { objects: [], files: [], gallery: [] };
const text = (value: string) => new TextEncoder().encode(value);
const bare = png([200, 30, 30]);
const part = (body: Uint8Array, fileName = "a.png", type = "image/png"): FormPart => ({ fileName, type, body });
const callerOf = (change: Parameters<typeof uploadStep>[0]) => createCaller([planOf([uploadStep(change)])]);

/** The same PNG with a chunk before its end. */
function withChunk(name: string, body: Uint8Array): Uint8Array {
  return concat([bare.subarray(0, -12), pngChunk(name, body), bare.subarray(-12)]);
}

test("every field of a picture, when all are read", async () => {
  const call = callerOf({
    imageFields: ["width", "height", "dominant_color", "palette", "thumbhash", "has_alpha", "animated"],
  });
  const [row] = await dataOf<Record<string, unknown>[]>(await upload(call, "/test", await as("u"), [part(bare)]));
  expect(row).toMatchObject({
    width: 4,
    height: 3,
    dominant_color: "#c81e1e",
    palette: [{ color: "#c81e1e", share: 1 }],
    thumbhash: expect.stringMatching(/^[\w+/]+=*$/) as string,
    has_alpha: false,
    animated: false,
  });
});

describe("formats that are not decoded here", () => {
  const decode = (base64: string) => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const webp = part(decode("UklGRiIAAABXRUJQVlA4TBYAAAAvB0ABAAdQjyLXo/8BgCD8b5uI6H8I"), "a.webp", "image/webp");
  const steps = [
    uploadStep({ types: ["image/webp"], imageFields: ["width", "height", "dominant_color", "thumbhash"] }),
  ];

  test("have a size, and no colour without the Images binding", async () => {
    const call = createCaller([planOf(steps)]);
    const [row] = await dataOf<Record<string, unknown>[]>(await upload(call, "/test", await as("u"), [webp]));
    expect(row).toMatchObject({ width: 8, height: 6, dominant_color: null, thumbhash: null });
  });

  test("have colours with it", async () => {
    const call = createCaller([planOf(steps)], { IMAGES: env.RENDERER });
    const [row] = await dataOf<Record<string, unknown>[]>(await upload(call, "/test", await as("u"), [webp]));
    expect(row).toMatchObject({ width: 8, height: 6, dominant_color: "#c81e1e" });
    expect(row?.["thumbhash"]).not.toBeNull();
  });

  test("a binding that fails costs the colour, not the upload", async () => {
    const failing = { input: () => ({ transform: () => ({ output: () => Promise.reject(new Error("9422")) }) }) };
    const call = createCaller([planOf(steps)], { IMAGES: failing });
    const [row] = await dataOf<Record<string, unknown>[]>(await upload(call, "/test", await as("u"), [webp]));
    expect(row).toMatchObject({ width: 8, dominant_color: null });
  });
});

test("what nobody reads is not computed", async () => {
  const [row] = await dataOf<Record<string, unknown>[]>(
    await upload(callerOf({ imageFields: ["width"] }), "/test", await as("u"), [part(bare)]),
  );
  expect(row).toMatchObject({ width: 4, dominant_color: null, palette: null, thumbhash: null });
});

describe("strip_metadata", () => {
  const call = callerOf({ stripsMetadata: true, types: ["image/*", "application/pdf"] });

  test("stores the picture without it; size and checksum are those of what is stored", async () => {
    const dirty = withChunk("tEXt", text("GPS\u000052.5,13.4"));
    const [row] = await dataOf<Record<string, string>[]>(await upload(call, "/test", await as("u"), [part(dirty)]));
    const object = await env.BUCKET.get(row?.["storage_key"] ?? "");
    const stored = new Uint8Array((await object?.arrayBuffer()) ?? new ArrayBuffer(0));
    expect(stored).toEqual(bare);
    expect(row?.["file_size"]).toBe(bare.length);
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bare));
    const hex = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
    expect(row).toMatchObject({ checksum_sha256: hex, dominant_color: "#c81e1e", width: 4 });
  });

  test("a picture that cannot be cleaned does not come in by a wildcard", async () => {
    const picture = part(bmp(4, 3), "a.bmp", "image/bmp");
    await expectProblem(await upload(call, "/test", await as("u"), [picture]), 415, "file_type_not_allowed");
    const named = callerOf({ stripsMetadata: true, types: ["image/bmp"] });
    expect((await upload(named, "/test", await as("u"), [picture])).status).toBe(200);
  });

  test("a picture that cannot be cleaned as it passes is 422 and leaves nothing", async () => {
    const backwards = concat([fileType("avif"), box("mdat"), box("meta")]);
    const parts = [part(bare), part(backwards, "a.avif", "image/avif")];
    const problem = await expectProblem(
      await upload(call, "/test", await as("u"), parts),
      422,
      "metadata_not_removable",
    );
    expect(problem["message"]).toContain('The metadata of "a.avif" cannot be removed');
    expect(problem["file"]).toBe("a.avif");
    expect(await readStored()).toEqual(NOTHING);
  });

  test("other files are stored as they come", async () => {
    const pdf = part(text("%PDF-1.7 with metadata"), "a.pdf", "application/pdf");
    const [row] = await dataOf<Record<string, unknown>[]>(await upload(call, "/test", await as("u"), [pdf]));
    expect(row?.["file_size"]).toBe(pdf.body.length);
  });

  test("what begins like a picture and is none leaves nothing", async () => {
    const fake = part(concat([text("\u0000"), bare]).subarray(1, 9), "a.png");
    const response = await upload(call, "/test", await as("u"), [fake]);
    expect([200, 415]).toContain(response.status);
  });
});

describe("strict_images", () => {
  const call = callerOf({ strictImages: true, types: ["image/*"] });

  test("a whole picture comes in", async () => {
    expect((await upload(call, "/test", await as("u"), [part(bare)])).status).toBe(200);
  });

  test.each<[string, Uint8Array, string?, string?]>([
    ["a zip behind it", concat([bare, text("PK\u0003\u0004")])],
    ["one byte behind it", concat([bare, Uint8Array.of(1)])],
    ["its end missing", bare.subarray(0, -1)],
    ["a wrong checksum", concat([bare.subarray(0, 20), Uint8Array.of(9), bare.subarray(21)])],
    ["only the start of a JPEG", JPEG_START, "a.jpg", "image/jpeg"],
  ])("%s is 415 and leaves nothing", async (_, body, name, type) => {
    const problem = await expectProblem(
      await upload(call, "/test", await as("u"), [part(bare), part(body, name, type)]),
      415,
      "file_type_mismatch",
    );
    expect(problem["message"]).toContain("is not one whole picture");
    expect(await readStored()).toEqual(NOTHING);
  });

  test("without it, all of these are stored", async () => {
    const body = concat([bare, text("PK\u0003\u0004")]);
    expect((await upload(callerOf({}), "/test", await as("u"), [part(body)])).status).toBe(200);
  });
});
