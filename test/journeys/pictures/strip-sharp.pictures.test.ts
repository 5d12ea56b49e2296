/** Stripped photographs and what sharp (libvips) makes of them. In Node, because sharp is native. */
import { readFile } from "node:fs/promises";
import sharp, { type Sharp } from "sharp";
import { describe, expect, test } from "vitest";
import { createJpegSampler } from "../../../src/runtime/image/jpeg/jpeg-sampler.ts";
import { defaultImageLimits } from "../../../src/runtime/image/image-tap.ts";
import { cleanProfile } from "../../../src/runtime/image/strip/profile.ts";
import { inspect } from "../../unit/runtime/image/sampling.ts";
import {
  bytesOf,
  secret,
  secretText,
  strip,
  stripEverywhere,
  tells,
} from "../../unit/runtime/image/strip/stripping.ts";
import { gifExtension } from "../../support/gif-encoder.ts";
import { concatBytes } from "../../support/png-encoder.ts";

const photos = new URL("../../support/photos/", import.meta.url);
const photo = async (name: string): Promise<Uint8Array> => new Uint8Array(await readFile(new URL(name, photos)));

/** The pixels as stored, of all frames, without turning them. */
async function pixelsOf(file: Uint8Array): Promise<Buffer> {
  return sharp(file, { animated: true }).raw().toBuffer();
}

/** The colour profile as it comes out. That it means the same is seen in the pixels, which sharp converts to sRGB by it. */
function cleaned(profile: Uint8Array | undefined): Buffer | undefined {
  const clean = profile === undefined ? undefined : cleanProfile(profile)?.head;
  return clean === undefined ? undefined : Buffer.from(clean);
}

describe("a photograph with a place and an orientation", () => {
  test("loses the one and keeps the other", async () => {
    const file = await photo("picos-1200-exif-gps-rotated.jpg");
    const before = await sharp(file).metadata();
    expect(before.orientation).toBe(6);
    // The tag of the directory that holds the place (EXIF 2.32, 4.6.6).
    const gps = String.fromCharCode(0x88, 0x25);
    const gpsLittleEndian = String.fromCharCode(0x25, 0x88);
    const stripped = await stripEverywhere("image/jpeg", file);
    const after = await sharp(stripped).metadata();
    expect(after).toMatchObject({ orientation: 6, width: before.width, height: before.height });
    expect(after.exif?.length).toBe(32);
    for (const tag of [gps, gpsLittleEndian]) expect(tells(after.exif ?? secret, tag)).toBe(false);
    expect(after.icc).toEqual(cleaned(before.icc));
    expect(after.xmp).toBeUndefined();
    expect(after.iptc).toBeUndefined();
    expect(await pixelsOf(stripped)).toEqual(await pixelsOf(file));
  });

  test("looks the same to the image tap", async () => {
    const file = await photo("picos-1200-exif-gps-rotated.jpg");
    const stripped = await strip("image/jpeg", file, 65_536);
    expect(await inspect(stripped)).toEqual(await inspect(file));
    const sampler = createJpegSampler(defaultImageLimits);
    await sampler.push(stripped);
    expect(sampler.orientation).toBe(6);
  });
});

/** As a camera's: a place, a serial number, a comment; XMP as well. */
function withMetadata(picture: Sharp, orientation: number): Sharp {
  return picture
    .withIccProfile("p3")
    .withMetadata({ orientation })
    .withExifMerge({
      IFD0: { Copyright: secretText, Make: secretText },
      IFD2: { BodySerialNumber: secretText, UserComment: secretText },
      IFD3: { GPSLatitudeRef: "N", GPSLatitude: "51/1 28/1 40/1", GPSAreaInformation: secretText },
    })
    .withXmp(`<x:xmpmeta xmlns:x="adobe:ns:meta/">${secretText}</x:xmpmeta>`);
}

describe("files of other software", () => {
  const variants: readonly { name: string; type: string; encode: (picture: Sharp) => Sharp }[] = [
    { name: "JPEG, baseline", type: "image/jpeg", encode: (picture) => picture.jpeg() },
    { name: "JPEG, progressive", type: "image/jpeg", encode: (picture) => picture.jpeg({ progressive: true }) },
    { name: "JPEG by mozjpeg", type: "image/jpeg", encode: (picture) => picture.jpeg({ mozjpeg: true }) },
    { name: "JPEG, CMYK", type: "image/jpeg", encode: (picture) => picture.toColourspace("cmyk").jpeg() },
    { name: "PNG", type: "image/png", encode: (picture) => picture.png() },
    { name: "PNG, interlaced", type: "image/png", encode: (picture) => picture.png({ progressive: true }) },
    { name: "PNG, palette", type: "image/png", encode: (picture) => picture.png({ palette: true }) },
    { name: "PNG, 16 bits", type: "image/png", encode: (picture) => picture.toColourspace("rgb16").png() },
    { name: "WebP, lossy", type: "image/webp", encode: (picture) => picture.webp() },
    { name: "WebP, lossless", type: "image/webp", encode: (picture) => picture.webp({ lossless: true }) },
    { name: "WebP, alpha", type: "image/webp", encode: (picture) => picture.ensureAlpha(0.5).webp() },
  ];

  test.each(variants)("$name", async ({ type, encode }) => {
    const small = sharp(await photo("sunset-1600.jpg")).resize(333);
    for (const orientation of [1, 6]) {
      const file = new Uint8Array(await withMetadata(encode(small.clone()), orientation).toBuffer());
      expect(tells(file)).toBe(true);
      const stripped = await stripEverywhere(type, concatBytes([file, secret]));
      expect(await pixelsOf(stripped)).toEqual(await pixelsOf(file));
      const [before, after] = [await sharp(file).metadata(), await sharp(stripped).metadata()];
      expect(after.orientation ?? 1).toBe(orientation);
      expect(after.icc).toBeDefined();
      expect(after.icc).toEqual(cleaned(before.icc));
      expect(after.xmp).toBeUndefined();
      expect(after.density).toBe(before.density);
    }
  });

  test("an animated WebP", async () => {
    const base = sharp(await photo("sunset-1600.jpg")).resize(64, 48);
    const frames = await Promise.all([0, 90, 180].map((hue) => base.clone().modulate({ hue }).png().toBuffer()));
    const animated = sharp(frames, { join: { animated: true } });
    const file = new Uint8Array(await withMetadata(animated.webp({ loop: 3, delay: [100, 200, 300] }), 1).toBuffer());
    expect(tells(file)).toBe(true);
    const stripped = await stripEverywhere("image/webp", file);
    expect(await pixelsOf(stripped)).toEqual(await pixelsOf(file));
    expect(await sharp(stripped).metadata()).toMatchObject({ pages: 3, loop: 3, delay: [100, 200, 300] });
  });

  test.each([
    { name: "JPEG", type: "image/jpeg", encode: (picture: Sharp) => picture.jpeg() },
    { name: "PNG", type: "image/png", encode: (picture: Sharp) => picture.png() },
  ])("the resolution of a $name stays", async ({ type, encode }) => {
    const picture = encode(sharp(await photo("sunset-1600.jpg")).resize(60));
    const file = new Uint8Array(await picture.withMetadata({ density: 240 }).toBuffer());
    expect((await sharp(file).metadata()).density).toBe(240);
    expect((await sharp(await stripEverywhere(type, file)).metadata()).density).toBe(240);
  });

  test("an animated GIF", async () => {
    const base = sharp(await photo("sunset-1600.jpg")).resize(64, 48);
    const frames = await Promise.all([0, 90, 180].map((hue) => base.clone().modulate({ hue }).png().toBuffer()));
    const encoded = await sharp(frames, { join: { animated: true } })
      .gif({ loop: 3, delay: [100, 200, 300] })
      .toBuffer();
    const file = concatBytes([encoded.subarray(0, -1), gifExtension(0xfe, secret), encoded.subarray(-1), secret]);
    const stripped = await stripEverywhere("image/gif", file);
    expect(await pixelsOf(stripped)).toEqual(await pixelsOf(new Uint8Array(encoded)));
    expect(await sharp(stripped).metadata()).toMatchObject({ pages: 3, loop: 3, delay: [100, 200, 300] });
  });

  test.each([
    { name: "lossy", options: { quality: 50, effort: 2 } },
    { name: "lossless, with alpha", options: { lossless: true, effort: 2 }, alpha: true },
  ])("AVIF, $name", async ({ options, alpha = false }) => {
    const small = sharp(await photo("sunset-1600.jpg")).resize(120);
    const picture = (alpha ? small.ensureAlpha(0.5) : small).avif(options);
    const file = new Uint8Array(await withMetadata(picture, 1).toBuffer());
    expect(tells(file)).toBe(true);
    const stripped = await stripEverywhere("image/avif", file);
    expect(stripped.length).toBe(file.length);
    expect(await pixelsOf(stripped)).toEqual(await pixelsOf(file));
    const [before, after] = [await sharp(file).metadata(), await sharp(stripped).metadata()];
    expect(before.exif).toBeDefined();
    expect(after.exif).toBeUndefined();
    expect(after.xmp).toBeUndefined();
    expect(after.icc).toEqual(cleaned(before.icc));
  });

  test("a simple WebP with a chunk that nobody knows", async () => {
    const file = new Uint8Array(
      await sharp(await photo("sunset-1600.jpg"))
        .resize(64)
        .webp()
        .toBuffer(),
    );
    const unknown = concatBytes([bytesOf("GPSX"), Uint8Array.of(secret.length, 0, 0, 0), secret]);
    const longer = concatBytes([file, unknown]);
    new DataView(longer.buffer).setUint32(4, longer.length - 8, true);
    const stripped = await stripEverywhere("image/webp", longer);
    expect(stripped.length).toBe(longer.length);
    expect(await pixelsOf(stripped)).toEqual(await pixelsOf(file));
  });

  test.each(["seeding-16mp-progressive.jpg", "umang-8mp-baseline.jpg", "seeding-round-640.png"])(
    "%s decodes to the same pixels",
    async (name) => {
      const file = await photo(name);
      const stripped = await strip(name.endsWith("png") ? "image/png" : "image/jpeg", file, 65_536);
      const small = async (bytes: Uint8Array): Promise<Buffer> => sharp(bytes).resize(400).raw().toBuffer();
      expect(await small(stripped)).toEqual(await small(file));
    },
  );
});
