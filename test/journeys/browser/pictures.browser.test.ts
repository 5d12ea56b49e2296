/** What is told of pictures against what Chromium shows of them: their colours, their frames, their transparency. */
import { deflateSync } from "node:zlib";
import sharp, { type Sharp } from "sharp";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import type { Browser } from "playwright-core";
import { createImageTap } from "../../../src/runtime/image/image-tap.ts";
import type { ImageField } from "../../../src/contract/plan/files.ts";
import { encodeGif, gifLoop, grayPalette } from "../../support/gif-encoder.ts";
import { bigEndian, bytesOf, riffChunk, vp8x, webp } from "../../support/header-files.ts";
import { d50, gammaCurve, grayProfile, profileSegments, rgbProfile, srgbCurve } from "../../support/icc-profile.ts";
import { adobeSegment, encodeJpeg, type JpegOptions } from "../../support/jpeg-encoder.ts";
import { knowServer } from "../../support/node/server.ts";
import { encodePng, pngChunk, type PngOptions } from "../../support/png-encoder.ts";
import { launchBrowser, openTab, type Tab } from "./browser.ts";

const server = knowServer(inject("serverPlace"));
let browser: Browser;
let tab: Tab;

beforeAll(async () => {
  browser = await launchBrowser();
  tab = await openTab(browser);
  await tab.page.goto(`${server.origin}/healthz`);
});

afterAll(() => browser.close());

async function tell(type: string, file: Uint8Array, ...wanted: readonly ImageField[]) {
  const tap = createImageTap(type, new Set(wanted));
  await tap?.push(file);
  const result = await tap?.finish();
  if (result === undefined) throw new Error(`no tap for ${type}`);
  return result;
}

const base64 = (file: Uint8Array): string => Buffer.from(file).toString("base64");

/** Of a pixel in the middle, on a plain screen. */
const shownColor = (type: string, file: Uint8Array): Promise<number[]> =>
  tab.page.evaluate(
    async (source) => {
      const picture = new Image();
      picture.src = source;
      await picture.decode();
      const canvas = new OffscreenCanvas(picture.width, picture.height);
      const context = canvas.getContext("2d", { colorSpace: "srgb" });
      context?.drawImage(picture, 0, 0);
      return [...(context?.getImageData(picture.width / 2, picture.height / 2, 1, 1).data.subarray(0, 3) ?? [])];
    },
    `data:${type};base64,${base64(file)}`,
  );

const colors = [
  [92, 189, 82],
  [64, 64, 64],
  [20, 24, 30],
  [240, 130, 20],
] as const;

async function expectAsShown(type: string, file: Uint8Array): Promise<void> {
  const { dominantColor, fault } = await tell(type, file, "dominant_color");
  if (dominantColor === null) throw new Error(`no colour: ${fault}`);
  const shown = await shownColor(type, file);
  for (const [channel, level] of shown.entries()) {
    const told = Number.parseInt(dominantColor.slice(1 + channel * 2, 3 + channel * 2), 16);
    expect(Math.abs(told - level), `${dominantColor}, shown ${shown.join()}`).toBeLessThanOrEqual(2);
  }
}

const hundredThousandths = (...values: readonly number[]): Uint8Array =>
  bytesOf(...values.map((value) => bigEndian(Math.round(value * 100_000), 4)));
const gamma = (value: number): Uint8Array => pngChunk("gAMA", hundredThousandths(value));
const chroma = (...points: readonly number[]): Uint8Array => pngChunk("cHRM", hundredThousandths(...points));
const codes = (...values: readonly number[]): Uint8Array => pngChunk("cICP", bytesOf(...values));
const profile = (body: Uint8Array): Uint8Array =>
  pngChunk("iCCP", bytesOf("a name", 0, 0, new Uint8Array(deflateSync(body))));
const srgb = pngChunk("sRGB", Uint8Array.of(0));
const d65 = [0.3127, 0.329] as const;
const srgbChroma = chroma(...d65, 0.64, 0.33, 0.3, 0.6, 0.15, 0.06);
const p3Chroma = chroma(...d65, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06);
const adobeChroma = chroma(...d65, 0.64, 0.33, 0.21, 0.71, 0.15, 0.06);
const proPhotoChroma = chroma(0.34567, 0.3585, 0.7347, 0.2653, 0.1596, 0.8404, 0.0366, 0.0001);
const p3 = rgbProfile(d50.displayP3, srgbCurve);

const small = { width: 8, height: 6, colorType: 2, depth: 8 } as const;

test.each<readonly [name: string, before: readonly Uint8Array[]]>([
  ["nothing", []],
  ["sRGB", [srgb]],
  ["gAMA like sRGB's", [gamma(0.45455)]],
  ["gAMA of 1", [gamma(1)]],
  ["gAMA of old Macs", [gamma(0.5555)]],
  ["cHRM without gAMA", [p3Chroma]],
  ["gAMA and sRGB's own cHRM", [gamma(0.45455), srgbChroma]],
  ["gAMA and Display P3's cHRM", [gamma(0.45455), p3Chroma]],
  ["cHRM before gAMA", [adobeChroma, gamma(0.45455)]],
  ["gAMA of 1 and cHRM", [gamma(1), p3Chroma]],
  ["a white of its own", [gamma(0.55556), proPhotoChroma]],
  ["sRGB before gAMA and cHRM", [srgb, gamma(1), p3Chroma]],
  ["cHRM of zeros", [gamma(0.45455), chroma(0, 0, 0, 0, 0, 0, 0, 0)]],
  ["cHRM on a line", [gamma(0.45455), chroma(...d65, 0.3, 0.3, 0.4, 0.4, 0.5, 0.5)]],
  ["a profile before gAMA and cHRM", [profile(p3), gamma(1), adobeChroma]],
  ["cICP of Display P3", [codes(12, 13, 0, 1)]],
  ["cICP of BT.2020 and sRGB's curve", [codes(9, 13, 0, 1)]],
  ["cICP of light itself", [codes(1, 8, 0, 1)]],
  ["cICP of television", [codes(1, 1, 0, 1)]],
  ["cICP before a profile and gAMA", [codes(1, 13, 0, 1), profile(p3), gamma(1)]],
  ["two of gAMA", [gamma(1), gamma(0.45455)]],
  ["two of cHRM", [gamma(0.45455), p3Chroma, adobeChroma]],
  ["two of cICP", [codes(12, 13, 0, 1), codes(1, 8, 0, 1)]],
])("colours of a PNG with %s", async (_, before) => {
  for (const color of colors) {
    await expectAsShown("image/png", await encodePng({ ...small, pixel: () => color, before }));
    const chunks = [...before, pngChunk("PLTE", Uint8Array.from([...color, ...color]))];
    await expectAsShown("image/png", await encodePng({ ...small, colorType: 0, pixel: () => [color[1]], before }));
    await expectAsShown("image/png", await encodePng({ ...small, colorType: 3, pixel: () => [1], before: chunks }));
  }
});

test("chunks behind a PNG's pixels say nothing of its colours", async () => {
  for (const after of [gamma(1), srgb, codes(12, 13, 0, 1), profile(p3)]) {
    const options = { ...small, pixel: () => colors[0], before: [gamma(0.7)], after: [after] };
    await expectAsShown("image/png", await encodePng(options));
  }
});

const plain = [1, 1] as const;
test.each<readonly [name: string, sampling: JpegOptions["sampling"], before: readonly Uint8Array[]]>([
  ["nothing", [plain, plain, plain], []],
  ["Display P3", [plain, plain, plain], profileSegments(p3)],
  ["Adobe RGB", [plain, plain, plain], profileSegments(rgbProfile(d50.adobeRgb, gammaCurve(2.19921875)))],
  ["gray", [plain], []],
  ["a profile of gray", [plain], profileSegments(grayProfile(gammaCurve(1.8)))],
  ["gray and a profile of colours", [plain], profileSegments(rgbProfile(d50.proPhoto, gammaCurve(1.8)))],
  ["colours and a profile of gray", [plain, plain, plain], profileSegments(grayProfile(gammaCurve(1.8)))],
  ["ink and a profile of colours", [plain, plain, plain, plain], profileSegments(p3)],
  ["ink", [plain, plain, plain, plain], []],
  ["ink by Adobe", [plain, plain, plain, plain], [adobeSegment(0)]],
])("colours of a JPEG with %s", async (_, sampling, before) => {
  for (const color of colors) {
    const sample = (component: number): number => color[component] ?? 200;
    for (const progressive of [false, true]) {
      const file = encodeJpeg({ width: 16, height: 16, sampling, before, sample, step: 1, progressive });
      await expectAsShown("image/jpeg", file);
    }
  }
});

describe("frames and transparency", () => {
  interface Shown {
    readonly frames: number;
    readonly isSeenThrough: boolean;
  }

  const show = (type: string, file: Uint8Array): Promise<Shown> =>
    tab.page.evaluate(
      async ({ type, text }) => {
        const decoder = new ImageDecoder({ type, data: Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0)) });
        await decoder.tracks.ready;
        await decoder.completed;
        const frames = decoder.tracks.selectedTrack?.frameCount ?? 0;
        let isSeenThrough = false;
        for (let frameIndex = 0; frameIndex < frames; frameIndex++) {
          const { image } = await decoder.decode({ frameIndex });
          const context = new OffscreenCanvas(image.displayWidth, image.displayHeight).getContext("2d");
          context?.drawImage(image, 0, 0);
          const { data } = context?.getImageData(0, 0, image.displayWidth, image.displayHeight) ?? { data: [] };
          isSeenThrough ||= data.some((value, at) => at % 4 === 3 && value < 255);
        }
        return { frames, isSeenThrough };
      },
      { type, text: base64(file) },
    );

  const rgb: PngOptions = { ...small, pixel: (x, y) => [x * 30, y * 40, 9], idatBytes: 10_000 };
  const counts = (frames: number): Uint8Array => pngChunk("acTL", bytesOf(bigEndian(frames, 4), bigEndian(0, 4)));
  const control = (sequence: number): Uint8Array =>
    pngChunk("fcTL", bytesOf(...[sequence, 8, 6, 0, 0].map((value) => bigEndian(value, 4)), 0, 10, 0, 100, 0, 0));
  const frame = (sequence: number): Uint8Array =>
    pngChunk("fdAT", bytesOf(bigEndian(sequence, 4), new Uint8Array(deflateSync(new Uint8Array(6 * 25)))));
  const screen = { width: 8, height: 6, palette: grayPalette(16) };
  const still = { width: 8, height: 6, pixel: (x: number, y: number) => (x * y) & 15 };

  /** By sharp: of one colour, or of three frames. */
  const solid = (alpha: number) =>
    sharp({ create: { width: 8, height: 6, channels: 4, background: { r: 200, g: 90, b: 20, alpha } } });
  const made = async (picture: Sharp): Promise<Uint8Array> => new Uint8Array(await picture.toBuffer());
  const film = async () =>
    sharp(
      await Promise.all(
        [40, 140, 240].map((level) =>
          solid(1)
            .linear(1, level - 200)
            .png()
            .toBuffer(),
        ),
      ),
      {
        join: { animated: true },
      },
    );
  const withinRiff = async (alpha: number): Promise<Uint8Array> => (await made(solid(alpha).webp())).subarray(12);
  const anmf = (body: Uint8Array): Uint8Array =>
    riffChunk("ANMF", bytesOf(new Uint8Array(6), 7, 0, 0, 5, 0, 0, 50, 0, 0, 0, body));
  const anim = riffChunk("ANIM", new Uint8Array(6));
  const opaque = async (): Promise<Uint8Array> => (await made(solid(1).flatten().webp())).subarray(12);

  test.each<readonly [name: string, type: string, file: () => Uint8Array | Promise<Uint8Array>]>([
    ["PNG", "png", () => encodePng(rgb)],
    ["PNG with alpha", "png", () => made(solid(0.5).png())],
    [
      "PNG with a transparent colour",
      "png",
      () => encodePng({ ...rgb, pixel: () => [1, 2, 3], transparency: Uint8Array.of(0, 1, 0, 2, 0, 3) }),
    ],
    ["APNG", "png", () => encodePng({ ...rgb, before: [counts(2), control(0)], after: [control(1), frame(2)] })],
    ["APNG of one frame", "png", () => encodePng({ ...rgb, before: [counts(1), control(0)] })],
    [
      "APNG of one frame behind",
      "png",
      () => encodePng({ ...rgb, before: [counts(1)], after: [control(0), frame(1)] }),
    ],
    [
      "APNG of two frames behind",
      "png",
      () => encodePng({ ...rgb, before: [counts(2)], after: [control(0), frame(1), control(2), frame(3)] }),
    ],
    ["acTL behind the pixels", "png", () => encodePng({ ...rgb, after: [counts(2), control(0)] })],
    ["GIF", "gif", () => encodeGif({ ...screen, frames: [still] })],
    ["GIF with a transparent colour", "gif", () => encodeGif({ ...screen, frames: [{ ...still, transparent: 0 }] })],
    ["GIF that fills a part", "gif", () => encodeGif({ ...screen, width: 10, frames: [still] })],
    ["GIF of two frames", "gif", () => encodeGif({ ...screen, frames: [still, still], before: [gifLoop()] })],
    [
      "GIF whose second frame shows the first through",
      "gif",
      () => encodeGif({ ...screen, frames: [still, { ...still, transparent: 0 }] }),
    ],
    [
      "GIF whose first frame makes way",
      "gif",
      () =>
        encodeGif({
          ...screen,
          frames: [
            { ...still, disposal: 2 },
            { ...still, transparent: 0 },
          ],
        }),
    ],
    ["GIF by sharp", "gif", async () => made((await film()).gif())],
    ["WebP", "webp", () => made(solid(1).flatten().webp())],
    ["WebP with alpha", "webp", () => made(solid(0.5).webp())],
    ["WebP, lossless", "webp", () => made(solid(1).webp({ lossless: true }))],
    ["WebP, lossless, with alpha", "webp", () => made(solid(0.5).webp({ lossless: true }))],
    ["WebP of three frames", "webp", async () => made((await film()).webp())],
    ["WebP of two frames", "webp", async () => webp(vp8x(8, 6, 2), anim, anmf(await opaque()), anmf(await opaque()))],
    ["WebP announced for one frame", "webp", async () => webp(vp8x(8, 6, 2), anim, anmf(await opaque()))],
    ["WebP with alpha by its header", "webp", async () => webp(vp8x(8, 6, 16), (await withinRiff(0.5)).subarray(18))],
    ["AVIF", "avif", () => made(solid(1).flatten().avif({ effort: 0 }))],
    ["AVIF with alpha", "avif", () => made(solid(0.5).avif({ effort: 0 }))],
    ["JPEG", "jpeg", () => made(solid(1).jpeg())],
  ])("%s", async (name, format, make) => {
    const [type, file] = [`image/${format}`, await make()];
    const { animated, hasAlpha } = await tell(type, file, "animated", "has_alpha");
    const { frames, isSeenThrough } = await show(type, file);
    expect(frames).toBeGreaterThan(0);
    expect(animated).toBe(frames > 1);
    // A GIF of sharp's has a transparent colour that no pixel has.
    expect(hasAlpha).toBe(isSeenThrough || name === "GIF by sharp");
  });
});
