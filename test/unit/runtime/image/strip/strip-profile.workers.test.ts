/** Colour profiles lose what tells of a device, of a day and of a person, and mean the same colours as before. */
import { describe, expect, test } from "vitest";
import { readIccProfile } from "../../../../../src/runtime/image/color/icc-profile.ts";
import { cleanProfile, maxHeadBytes } from "../../../../../src/runtime/image/strip/profile.ts";
import { bigEndian, bytesOf, riffChunk, vp8, vp8x, webp } from "../../../../support/header-files.ts";
import { d50, iccProfile, profileSegments, rgbProfile, srgbCurve, xyzTag } from "../../../../support/icc-profile.ts";
import { encodeJpeg } from "../../../../support/jpeg-encoder.ts";
import { concatBytes, encodePng, pngChunk } from "../../../../support/png-encoder.ts";
import { secret, secretText, strip, stripEverywhere, tells } from "./stripping.ts";

const text = (type: string, ...parts: readonly Uint8Array[]): Uint8Array => bytesOf(type, bigEndian(0, 4), ...parts);
const longText = text("text", secret, new Uint8Array(3000), secret);
const [red, green, blue] = d50.displayP3;
const colors = {
  rXYZ: xyzTag(red),
  gXYZ: xyzTag(green),
  bXYZ: xyzTag(blue),
  rTRC: srgbCurve,
  gTRC: srgbCurve,
  bTRC: srgbCurve,
};
/** As macOS writes it into screenshots, with all the others that name a device as well. */
const deviceProfile = iccProfile("RGB ", {
  mmod: text("mmod", bigEndian(0x610, 4), bigEndian(0xa03e, 4), secret),
  ...colors,
  ...Object.fromEntries(
    [
      "ndin",
      "vcgt",
      "targ",
      "calt",
      "meta",
      "DevD",
      "dmnd",
      "dmdd",
      "dscm",
      "pseq",
      "psid",
      "aarg",
      "vued",
      "Sn01",
    ].map((name) => [name, longText]),
  ),
  desc: text("desc", bigEndian(secret.length + 1, 4), secret, new Uint8Array(90)),
  cprt: text("text", bytesOf("Copyright a company")),
});
const headerSecrets = [24, 48, 80, 84, 100, 112];
for (const at of headerSecrets) deviceProfile.set(secret.subarray(0, at === 48 || at === 80 ? 4 : 12), at);

/** The same tags in their order. */
function tagsOf(profile: Uint8Array): string[] {
  const view = new DataView(profile.buffer, profile.byteOffset);
  return Array.from({ length: view.getUint32(128) }, (_, index) =>
    new TextDecoder().decode(profile.subarray(132 + index * 12, 136 + index * 12)),
  );
}

function cleanWhole(profile: Uint8Array): Uint8Array {
  const clean = cleanProfile(profile);
  if (clean === null) throw new Error("no profile");
  return clean.head;
}

const samples = [0, 0.02, 0.2, 0.5, 0.9, 1].flatMap((one) =>
  [0, 0.3, 1].map((other) => [one, other, 1 - one] as const),
);
function meaningOf(profile: Uint8Array): unknown {
  const toSrgb = readIccProfile(profile, true);
  if (toSrgb === null) throw new Error("no profile of primaries");
  return samples.map((color) => {
    const values = Float64Array.from(color, (value) => value * 255);
    toSrgb(values, 0);
    return values;
  });
}

test("what stays of a display's profile", () => {
  const clean = cleanWhole(deviceProfile);
  expect(clean.length).toBe(deviceProfile.length);
  expect(tells(deviceProfile)).toBe(true);
  expect(tells(clean, secretText.slice(0, 4))).toBe(false);
  expect(tagsOf(clean)).toEqual(["desc", "wtpt", ...Object.keys(colors), "cprt"]);
  expect(tells(clean, "Copyright a company")).toBe(true);
  expect(meaningOf(clean)).toEqual(meaningOf(deviceProfile));
  expect(cleanWhole(clean)).toEqual(clean);
});

test("a profile of no device keeps its name", () => {
  const profile = rgbProfile(d50.adobeRgb, srgbCurve);
  expect(cleanWhole(profile)).toEqual(profile);
});

test("what only tags that go have in common with those that stay, stays", () => {
  const shared = iccProfile("RGB ", { ...colors, vcgt: srgbCurve });
  const view = new DataView(shared.buffer);
  const entryOf = (name: string): number => 132 + 12 * tagsOf(shared).indexOf(name);
  view.setUint32(entryOf("vcgt") + 4, view.getUint32(entryOf("rTRC") + 4));
  expect(meaningOf(cleanWhole(shared))).toEqual(meaningOf(shared));
});

describe("in files", () => {
  const clean = cleanWhole(deviceProfile);

  test.each([60_000, 2000, 1500])("a JPEG, in parts of %i bytes", async (partBytes) => {
    const options = { width: 9, height: 9, sampling: [[1, 1]], sample: (_: number, x: number) => x } as const;
    const file = encodeJpeg({ ...options, before: profileSegments(deviceProfile, partBytes) });
    const expected = encodeJpeg({ ...options, before: profileSegments(clean, partBytes) });
    expect(await stripEverywhere("image/jpeg", file)).toEqual(expected);
  });

  test("a JPEG whose parts are not in order: those that follow go", async () => {
    const options = { width: 9, height: 9, sampling: [[1, 1]], sample: (_: number, x: number) => x } as const;
    const [first = secret, second = secret, ...rest] = profileSegments(deviceProfile, 2000);
    for (const before of [
      [second, first],
      [secret, second, ...rest],
      [first, first, ...rest],
    ]) {
      expect(tells(await stripEverywhere("image/jpeg", encodeJpeg({ ...options, before })))).toBe(false);
    }
  });

  test("a PNG", async () => {
    const options = { width: 9, height: 9, colorType: 2, depth: 8, pixel: (x: number) => [x, 0, 9] } as const;
    const chunkOf = async (profile: Uint8Array, name: string): Promise<Uint8Array> =>
      pngChunk("iCCP", bytesOf(name, 0, 0, await streamed(profile, new CompressionStream("deflate"))));
    const file = await encodePng({ ...options, before: [await chunkOf(deviceProfile, secretText)] });
    const expected = await encodePng({ ...options, before: [await chunkOf(clean, "ICC Profile")] });
    expect(await stripEverywhere("image/png", file)).toEqual(expected);
  });

  test("a WebP", async () => {
    const file = webp(vp8x(4, 3, 0x20), riffChunk("ICCP", deviceProfile), vp8(4, 3));
    expect(await stripEverywhere("image/webp", file)).toEqual(
      webp(vp8x(4, 3, 0x20), riffChunk("ICCP", clean), vp8(4, 3)),
    );
  });
});

async function streamed(bytes: Uint8Array, stream: CompressionStream): Promise<Uint8Array> {
  return new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(stream)).arrayBuffer());
}

describe("hostile profiles", () => {
  const patched = (...fields: readonly (readonly [at: number, value: number])[]): Uint8Array => {
    const copy = deviceProfile.slice();
    for (const [at, value] of fields) new DataView(copy.buffer).setUint32(at, value);
    return copy;
  };
  const firstTag = 132;

  test.each([
    ["no signature", patched([36, 0])],
    ["more tags than any profile has", patched([128, 101])],
    ["more tags than bytes", patched([128, 0xffffffff])],
    ["a table that is cut", deviceProfile.subarray(0, 140)],
    ["a header that is cut", deviceProfile.subarray(0, 127)],
    ["nothing", new Uint8Array(0)],
    ["text", concatBytes(Array<Uint8Array>(20).fill(secret))],
  ])("%s: no profile", (_, profile) => {
    expect(cleanProfile(profile)).toBeNull();
  });

  test.each([
    ["a tag in the header", patched([firstTag + 4, 0], [firstTag + 8, 5000])],
    ["a tag that is its own entry", patched([firstTag + 4, firstTag])],
    ["a tag that is longer than everything", patched([firstTag + 4, 0xffffffff], [firstTag + 8, 0xffffffff])],
    ["a tag of no bytes", patched([firstTag + 8, 0])],
  ])("%s: nothing more is told", (_, profile) => {
    const clean = cleanWhole(profile);
    expect(clean.length).toBe(profile.length);
    expect(tells(clean.subarray(0, 600))).toBe(false);
  });

  test("a head is all that is needed of a long one", () => {
    const long = bytesOf(deviceProfile, new Uint8Array(5_000_000));
    const clean = cleanProfile(long.subarray(0, maxHeadBytes));
    expect(clean?.head).toEqual(cleanWhole(long).subarray(0, maxHeadBytes));
  });

  test("a PNG profile that inflates without end is dropped at once", async () => {
    const bomb = await streamed(new Uint8Array(100_000_000), new CompressionStream("deflate"));
    const options = { width: 9, height: 9, colorType: 0, depth: 8, pixel: (x: number) => [x] } as const;
    const before = Array.from({ length: 20 }, () => pngChunk("iCCP", bytesOf("a", 0, 0, bomb)));
    const file = await encodePng({ ...options, before });
    const start = performance.now();
    expect(await strip("image/png", file)).toEqual(await encodePng(options));
    expect(performance.now() - start).toBeLessThan(1000);
  });

  test.each([
    ["is not deflated", bytesOf("a", 0, 0, secret)],
    ["is no profile", "secret"],
    ["has no name", secret],
    ["is empty", new Uint8Array(0)],
  ])("a PNG chunk that %s is dropped", async (_, body) => {
    const deflated = await streamed(secret, new CompressionStream("deflate"));
    const options = { width: 9, height: 9, colorType: 0, depth: 8, pixel: (x: number) => [x] } as const;
    const chunk = pngChunk("iCCP", typeof body === "string" ? bytesOf("a", 0, 0, deflated) : body);
    expect(await stripEverywhere("image/png", await encodePng({ ...options, before: [chunk] }))).toEqual(
      await encodePng(options),
    );
  });

  test("a WebP chunk that is none stays as zeros, because the header announced it", async () => {
    const file = webp(vp8x(4, 3, 0x20), riffChunk("ICCP", secret), vp8(4, 3));
    const expected = webp(vp8x(4, 3, 0x20), riffChunk("ICCP", new Uint8Array(secret.length)), vp8(4, 3));
    expect(await stripEverywhere("image/webp", file)).toEqual(expected);
  });
});
