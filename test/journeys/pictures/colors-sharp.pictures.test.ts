/** Colours as people see them, against sharp (libvips, LittleCMS) and against the pictures' own pixels. */
import { constants, deflateSync } from "node:zlib";
import sharp, { type Sharp } from "sharp";
import { rgbaToThumbHash, thumbHashToRGBA } from "thumbhash";
import { beforeAll, describe, expect, test } from "vitest";
import { bytesOf } from "../../support/header-files.ts";
import {
  d50,
  gammaCurve,
  grayProfile,
  identityCurve,
  profileSegments,
  rgbProfile,
  srgbCurve,
} from "../../support/icc-profile.ts";
import { nearShare, okDistance } from "../../support/node/color-share.ts";
import { paintGallery, paintPhotographs, paintUndecided, type Painting } from "../../support/node/gallery.ts";
import { concatBytes, pngChunk, pngHeader, pngSignature } from "../../support/png-encoder.ts";
import { inspect, sampleGrid } from "../../unit/runtime/image/sampling.ts";

type Levels = readonly number[];

const encode = async (picture: Sharp): Promise<Uint8Array> => new Uint8Array(await picture.toBuffer());
const pixelsOf = (file: Uint8Array): Promise<Uint8Array> =>
  encode(sharp(file).toColourspace("srgb").ensureAlpha().raw());

/** Red, green and blue of all that can be seen. */
function meanOf(rgba: Uint8Array | Uint8ClampedArray): Levels {
  const sums = [0, 0, 0];
  let opacity = 0;
  for (let at = 0; at < rgba.length; at += 4) {
    const alpha = (rgba[at + 3] ?? 0) / 255;
    opacity += alpha;
    for (let channel = 0; channel < 3; channel++)
      sums[channel] = (sums[channel] ?? 0) + (rgba[at + channel] ?? 0) * alpha;
  }
  return sums.map((sum) => sum / opacity);
}

/** The most that a channel differs. */
const differenceOf = (one: Levels, other: Levels): number =>
  Math.max(...one.map((level, channel) => Math.abs(level - (other[channel] ?? Number.NaN))));

const colorOf = async (file: Uint8Array): Promise<string> => {
  const { dominantColor, fault } = await inspect(file);
  if (dominantColor === null) throw new Error(`no colour: ${fault}`);
  return dominantColor;
};

describe("the mean colour of photographs is sharp's", () => {
  const withProfile = {
    jpeg: (file: Uint8Array, profile: Uint8Array) =>
      concatBytes([file.subarray(0, 2), ...profileSegments(profile), file.subarray(2)]),
    png: (file: Uint8Array, profile: Uint8Array) => {
      const body = bytesOf("a name", 0, 0, new Uint8Array(deflateSync(profile)));
      return concatBytes([file.subarray(0, 33), pngChunk("iCCP", body), file.subarray(33)]);
    },
  };
  const kinds: readonly { name: string; profile: Uint8Array | null; gray?: true }[] = [
    { name: "without a profile", profile: null },
    { name: "Display P3", profile: rgbProfile(d50.displayP3, srgbCurve) },
    { name: "Adobe RGB", profile: rgbProfile(d50.adobeRgb, gammaCurve(2.19921875)) },
    { name: "ProPhoto", profile: rgbProfile(d50.proPhoto, gammaCurve(1.8)) },
    { name: "light as it is", profile: rgbProfile(d50.srgb, identityCurve) },
    { name: "gray", profile: null, gray: true },
    { name: "gray, gamma 2.2", profile: grayProfile(gammaCurve(2.2)), gray: true },
    { name: "gray, gamma 1.8", profile: grayProfile(gammaCurve(1.8)), gray: true },
    { name: "gray, light as it is", profile: grayProfile(identityCurve), gray: true },
  ];
  let photographs: readonly Painting[] = [];
  beforeAll(async () => {
    photographs = (await paintPhotographs()).filter((_, index) => index % 2 === 0);
  }, 60_000);

  test.each(kinds)("$name", async ({ profile, gray }) => {
    for (const format of ["jpeg", "png"] as const) {
      const differences: number[] = [];
      for (const { png } of photographs) {
        const picture = sharp(png).toColourspace(gray === true ? "b-w" : "srgb");
        const plain = await encode(
          format === "jpeg" ? picture.jpeg({ quality: 85 }) : picture.png({ compressionLevel: 1 }),
        );
        const file = profile === null ? plain : withProfile[format](plain, profile);
        differences.push(differenceOf(meanOf((await sampleGrid(file)).rgba), meanOf(await pixelsOf(file))));
      }
      expect(differences.reduce((sum, one) => sum + one, 0) / differences.length).toBeLessThanOrEqual(3);
      expect(Math.max(...differences)).toBeLessThanOrEqual(6);
    }
  });

  /** Adobe's segment, which tells decoders that ink is stored as light; libvips writes so in any case. */
  function withoutAdobe(file: Uint8Array): Uint8Array {
    const at = Buffer.from(file).indexOf(Buffer.of(0xff, 0xee));
    expect(at).toBeGreaterThan(0);
    return concatBytes([
      file.subarray(0, at),
      file.subarray(at + 2 + ((file[at + 2] ?? 0) << 8) + (file[at + 3] ?? 0)),
    ]);
  }

  test("CMYK by the plain formula, with and without Adobe's word", async () => {
    for (const { png } of photographs) {
      const opaque = sharp(png).flatten({ background: "#fff" });
      const ink = opaque.pipelineColourspace("srgb").toColourspace("cmyk");
      const data = await encode(ink.clone().raw());
      const light = new Uint8Array(data.length).fill(255);
      for (let at = 0; at < data.length; at += 4) {
        const black = 255 - (data[at + 3] ?? 0);
        for (let channel = at; channel < at + 3; channel++)
          light[channel] = ((255 - (data[channel] ?? 0)) * black) / 255;
      }
      const file = await encode(ink.clone().jpeg({ quality: 92 }));
      for (const one of [file, withoutAdobe(file)]) {
        expect(differenceOf(meanOf((await sampleGrid(one)).rgba), meanOf(light))).toBeLessThanOrEqual(3);
      }
    }
  });
});

test("placeholders look like those of all pixels", async () => {
  const differences: number[] = [];
  for (const { png } of await paintPhotographs()) {
    for (const format of ["jpeg", "png"] as const) {
      const file = await encode(sharp(png).flatten().toFormat(format));
      const small = sharp(file).resize(100, 100, { fit: "inside" }).ensureAlpha().raw();
      const { data, info } = await small.toBuffer({ resolveWithObject: true });
      const whole = thumbHashToRGBA(rgbaToThumbHash(info.width, info.height, data));
      const ours = thumbHashToRGBA(Buffer.from((await inspect(file)).thumbhash ?? "", "base64"));
      expect([ours.w, ours.h]).toEqual([whole.w, whole.h]);
      const sum = ours.rgba.reduce((total, level, at) => total + Math.abs(level - (whole.rgba[at] ?? 0)), 0);
      differences.push(sum / (ours.w * ours.h * 3));
    }
  }
  expect(differences.reduce((sum, one) => sum + one, 0) / differences.length).toBeLessThanOrEqual(3);
  expect(Math.max(...differences)).toBeLessThanOrEqual(12);
});

describe("the dominant colour", () => {
  /** Farther apart, an eye calls them different colours. */
  const alike = 0.08;
  const least = 0.1;
  let gallery: readonly Painting[] = [];
  beforeAll(async () => {
    gallery = await paintGallery();
  }, 60_000);

  test("looks like a tenth of the pixels at least", async () => {
    for (const { name, png } of [...gallery, ...(await paintUndecided())]) {
      const share = nearShare(await colorOf(new Uint8Array(png)), await pixelsOf(png), alike);
      expect(share, name).toBeGreaterThanOrEqual(least);
    }
  });

  test("and so it does in JPEGs, whose own pixels count", async () => {
    for (const { name, png } of gallery) {
      const file = await encode(sharp(png).flatten({ background: "#fff" }).jpeg({ quality: 80 }));
      expect(nearShare(await colorOf(file), await pixelsOf(file), alike), name).toBeGreaterThanOrEqual(least);
    }
  });

  const encoders: Readonly<Record<string, (picture: Sharp) => Sharp>> = {
    "JPEG 70": (picture) => picture.jpeg({ quality: 70 }),
    "JPEG 90": (picture) => picture.jpeg({ quality: 90 }),
    "JPEG 70, progressive": (picture) => picture.jpeg({ quality: 70, progressive: true }),
    "WebP 80": (picture) => picture.webp({ quality: 80 }),
    PNG: (picture) => picture.png({ compressionLevel: 1 }),
    "PNG, interlaced": (picture) => picture.png({ progressive: true }),
    "PNG of 256 colours": (picture) => picture.png({ palette: true, effort: 1, compressionLevel: 1 }),
  };

  // Of an interlaced picture a sixty-fourth of the pixels is read: what is nearly a tie may fall out otherwise.
  const mostOf = (name: string): number => (name === "PNG, interlaced" ? 2 : 1);

  test.each(Object.entries(encoders).map(([name, encoder]) => [mostOf(name), name, encoder] as const))(
    "is another in %i of 49 at most once encoded again as %s",
    async (most, name, encoder) => {
      expect(gallery).toHaveLength(49);
      const flipped: string[] = [];
      for (const painting of gallery) {
        // JPEG has no alpha.
        const picture = name.startsWith("JPEG")
          ? sharp(painting.png).flatten({ background: "#fff" })
          : sharp(painting.png);
        const before = await colorOf(await encode(picture.clone().png({ compressionLevel: 1 })));
        const encoded = await encode(encoder(picture));
        // No sampler reads the pixels of WebP.
        const after = await colorOf(name.startsWith("WebP") ? await encode(sharp(encoded).png()) : encoded);
        if (okDistance(before, after) > alike) flipped.push(`${painting.name}: ${before} ${after}`);
      }
      expect(flipped.length, flipped.join(", ")).toBeLessThanOrEqual(most);
    },
  );
});

describe("JPEG as cameras and phones write it", () => {
  let photographs: readonly Painting[] = [];
  beforeAll(async () => {
    photographs = (await paintPhotographs()).slice(0, 4);
  }, 60_000);

  test("without Huffman tables, where these are the standard's", async () => {
    for (const { png } of photographs) {
      for (const chromaSubsampling of ["4:2:0", "4:4:4"]) {
        for (const width of [200, 640]) {
          for (const space of ["srgb", "b-w"]) {
            const picture = sharp(png).flatten().resize(width).toColourspace(space);
            const file = await encode(picture.jpeg({ chromaSubsampling, optimiseCoding: false }));
            const bare = withoutTables(file);
            expect(bare.length).toBeLessThan(file.length);
            expect(await inspect(bare)).toEqual(await inspect(file));
          }
        }
      }
    }
  });

  function withoutTables(file: Uint8Array): Uint8Array {
    const parts = [file.subarray(0, 2)];
    let at = 2;
    while (file[at + 1] !== 0xda) {
      const end = at + 2 + ((file[at + 2] ?? 0) << 8) + (file[at + 3] ?? 0);
      if (file[at + 1] !== 0xc4) parts.push(file.subarray(at, end));
      at = end;
    }
    return concatBytes([...parts, file.subarray(at)]);
  }

  test.each([5, 10, 30, 75])("progressive files of quality %i are as bright as their pixels", async (quality) => {
    for (const { png } of photographs) {
      for (const options of [{ progressive: true }, { mozjpeg: true }]) {
        for (const space of ["srgb", "b-w"]) {
          const picture = sharp(png).flatten().resize(640).toColourspace(space);
          const file = await encode(picture.jpeg({ quality, ...options }));
          expect(differenceOf(meanOf((await sampleGrid(file)).rgba), meanOf(await pixelsOf(file)))).toBeLessThan(2);
        }
      }
    }
  });
});

describe("noisy PNGs, honest but larger than their pixels", () => {
  const [width, height] = [500, 400];
  const kinds = [
    { type: 0, depth: 8, channels: 1 },
    { type: 2, depth: 8, channels: 3 },
    { type: 3, depth: 8, channels: 1 },
    { type: 4, depth: 16, channels: 2 },
    { type: 6, depth: 16, channels: 4 },
  ];
  const strategies = {
    "fixed codes": { strategy: constants.Z_FIXED },
    "codes without repetitions": { strategy: constants.Z_HUFFMAN_ONLY },
    "runs only": { strategy: constants.Z_RLE },
    "stored blocks": { level: 0 },
    "the fastest level": { level: 1 },
    "the least memory": { level: 1, memLevel: 1 },
  } as const;

  /** Bytes of more than 143 take nine bits in fixed codes. */
  function noisyRows(rowBytes: number, least: number): Uint8Array {
    let state = 1;
    return Uint8Array.from({ length: (rowBytes + 1) * height }, (_, at) => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return at % (rowBytes + 1) === 0 ? 0 : least + ((state >>> 24) * (256 - least)) / 256;
    });
  }

  test.each(Object.entries(strategies))("%s", async (_, options) => {
    for (const { type, depth, channels } of kinds) {
      for (const least of [0, 144]) {
        const packed = new Uint8Array(deflateSync(noisyRows((width * channels * depth) / 8, least), options));
        const file = concatBytes([
          pngSignature,
          pngHeader(width, height, depth, type),
          ...(type === 3
            ? [
                pngChunk(
                  "PLTE",
                  new Uint8Array(768).map((_byte, at) => at),
                ),
              ]
            : []),
          pngChunk("IDAT", packed),
          pngChunk("IEND", new Uint8Array(0)),
        ]);
        expect(await inspect(file)).toMatchObject({ width, height, fault: null, dominantColor: expect.any(String) });
      }
    }
  });

  test("flushed after each row, as by a camera that writes while it reads", async () => {
    for (const across of [64, 500]) {
      const rows = noisyRows(across * 3, 0);
      const parts = Array.from({ length: height }, (_, row) => {
        const bytes = rows.subarray(row * (across * 3 + 1), (row + 1) * (across * 3 + 1));
        return new Uint8Array(
          // A stream of its own up to its flush, without zlib's header but for the first.
          deflateSync(bytes, { finishFlush: constants.Z_FULL_FLUSH, level: 1 }).subarray(row === 0 ? 0 : 2),
        );
      });
      const file = concatBytes([
        pngSignature,
        pngHeader(across, height, 8, 2),
        pngChunk("IDAT", concatBytes([...parts, Uint8Array.of(3, 0)])),
        pngChunk("IEND", new Uint8Array(0)),
      ]);
      expect(await inspect(file)).toMatchObject({ fault: null, dominantColor: expect.any(String) });
    }
  });

  test("as sharp writes them, interlaced and not", async () => {
    for (const compressionLevel of [0, 1, 9]) {
      for (const progressive of [false, true]) {
        for (const adaptiveFiltering of [false, true]) {
          const noise = {
            create: {
              width,
              height,
              channels: 3,
              background: "#888",
              noise: { type: "gaussian", mean: 128, sigma: 60 },
            },
          } as const;
          const file = await encode(sharp(noise).png({ compressionLevel, progressive, adaptiveFiltering }));
          expect(await inspect(file)).toMatchObject({ width, height, fault: null, dominantColor: expect.any(String) });
        }
      }
    }
  });
});
