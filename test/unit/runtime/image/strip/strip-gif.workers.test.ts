import { describe, expect, test } from "vitest";
import { encodeGif, gifExtension, gifLoop, grayPalette } from "../../../../support/gif-encoder.ts";
import { concatBytes } from "../../../../support/png-encoder.ts";
import { pattern } from "../../../../support/source.ts";
import { bytesOf, flipped, secret, strip, stripEverywhere, tells } from "./stripping.ts";

const type = "image/gif";
const palette = grayPalette(8);
const frame = { width: 9, height: 5, pixel: (x: number, y: number) => (x * y) & 7, pixelBits: 3 };
const film = {
  width: 9,
  height: 5,
  palette,
  frames: [
    { ...frame, transparent: 3, disposal: 2, blockBytes: 3 },
    { ...frame, palette: grayPalette(16), interlaced: true },
  ],
};
const application = (name: string, ...blocks: readonly Uint8Array[]): Uint8Array =>
  concatBytes([
    Uint8Array.of(0x21, 0xff, name.length),
    bytesOf(name),
    ...blocks.flatMap((block) => [Uint8Array.of(block.length), block]),
    Uint8Array.of(0),
  ]);
const loopOf = (name: string, ...more: readonly Uint8Array[]): Uint8Array =>
  application(name, Uint8Array.of(1, 7, 0), ...more);

/** Every block that is not picture, with the secret in it. */
const metadata: Readonly<Record<string, Uint8Array>> = {
  "a comment": gifExtension(0xfe, secret),
  "a comment in crumbs": gifExtension(0xfe, secret, 1),
  "a long comment": gifExtension(0xfe, concatBytes(Array<Uint8Array>(400).fill(secret))),
  "an empty comment": gifExtension(0xfe, new Uint8Array(0)),
  XMP: application("XMP DataXMP", secret, secret),
  "an ICC profile": application("ICCRGBG1012", secret),
  "an unknown application": application("GPSDATA1.00", secret),
  "an application with a longer name": application("NETSCAPE2.0 and", secret),
  "an application with a shorter name": application("NETSCAPE", secret),
  "an application without a name": gifExtension(0xff, new Uint8Array(0)),
  "a loop of another code": application("NETSCAPE2.0", Uint8Array.of(2, 0, 0, 0, 9), secret),
  "a loop that is too long": application("NETSCAPE2.0", secret),
  "a loop without a count": application("NETSCAPE2.0"),
  "a text over the picture": gifExtension(0x01, concatBytes([pattern(12), secret]), 12),
  "an unknown extension": gifExtension(0x47, secret),
  "a control that is too long": gifExtension(0xf9, secret),
  "a control that is too short": gifExtension(0xf9, secret.subarray(0, 3)),
};

describe("metadata is dropped", () => {
  test.each(Object.entries(metadata))("%s", async (_, bytes) => {
    const clean = encodeGif(film);
    const [before, after] = [{ before: [bytes] }, { after: [bytes] }];
    for (const place of [before, after])
      expect(await stripEverywhere(type, encodeGif({ ...film, ...place }))).toEqual(clean);
  });

  test("all at once, and what follows the trailer", async () => {
    const blocks = Object.values(metadata);
    const file = concatBytes([
      encodeGif({ ...film, before: blocks, after: blocks }),
      secret,
      gifExtension(0xfe, secret),
    ]);
    expect(tells(file)).toBe(true);
    expect(await stripEverywhere(type, file)).toEqual(encodeGif(film));
  });

  test("what stands between blocks, and all that follows it", async () => {
    const file = encodeGif(film);
    const broken = concatBytes([file.subarray(0, -1), secret, file.subarray(-1)]);
    expect(await stripEverywhere(type, broken)).toEqual(file.subarray(0, -1));
  });
});

describe("what is picture stays", () => {
  test.each([
    { name: "of one frame", file: encodeGif({ ...film, frames: [frame] }) },
    { name: "with local colours only", file: encodeGif({ width: 9, height: 5, frames: [{ ...frame, palette }] }) },
    { name: "of the first version", file: encodeGif({ ...film, version: "87a" }) },
    { name: "that is played for ever", file: encodeGif({ ...film, before: [gifLoop()] }) },
    { name: "that is played seven times", file: encodeGif({ ...film, before: [loopOf("NETSCAPE2.0")] }) },
    { name: "that another program made", file: encodeGif({ ...film, before: [loopOf("ANIMEXTS1.0")] }) },
    {
      name: "of many bytes",
      file: encodeGif({ ...film, width: 600, height: 400, frames: [{ ...frame, width: 600, height: 400 }] }),
    },
  ])("a film $name", async ({ file }) => {
    expect(await stripEverywhere(type, file)).toEqual(file);
  });

  test("a count of loops without what follows it", async () => {
    const file = encodeGif({ ...film, before: [loopOf("NETSCAPE2.0", secret, Uint8Array.of(2, 0, 0, 0, 9))] });
    expect(await stripEverywhere(type, file)).toEqual(encodeGif({ ...film, before: [loopOf("NETSCAPE2.0")] }));
  });

  test("a control without what follows it", async () => {
    const control = Uint8Array.of(0x21, 0xf9, 4, 0, 9, 0, 0);
    const longer = concatBytes([control, Uint8Array.of(secret.length), secret, Uint8Array.of(0)]);
    const clean = encodeGif({ ...film, before: [concatBytes([control, Uint8Array.of(0)])] });
    expect(await stripEverywhere(type, encodeGif({ ...film, before: [longer] }))).toEqual(clean);
  });
});

describe("broken files", () => {
  const file = encodeGif({
    ...film,
    before: [gifLoop(), ...Object.values(metadata)],
    after: [gifExtension(0xfe, secret)],
  });

  test("cut after any byte: what passes is the beginning of what would have", async () => {
    const full = await stripEverywhere(type, file);
    for (let length = 0; length < file.length; length += length < 300 ? 1 : 17) {
      const stripped = await strip(type, file.subarray(0, length));
      expect(full.subarray(0, stripped.length)).toEqual(stripped);
    }
  });

  test("any bit turned over outside of the picture's own bytes", async () => {
    const small = encodeGif({
      ...film,
      frames: [frame],
      after: [gifExtension(0xfe, secret), gifExtension(0xfe, secret)],
    });
    for (const broken of flipped(small)) {
      const stripped = await strip(type, broken);
      expect(stripped.length).toBeLessThanOrEqual(small.length);
    }
  });

  test.each([
    { name: "nothing", bytes: new Uint8Array(0) },
    { name: "text", bytes: secret },
    { name: "another version", bytes: bytesOf("GIF88a" + "x".repeat(30)) },
    { name: "a head that is cut", bytes: file.subarray(0, 12) },
  ])("not a GIF, $name: nothing passes", async ({ bytes }) => {
    expect(await stripEverywhere(type, bytes)).toEqual(new Uint8Array(0));
  });

  test("a file of nothing but the smallest blocks takes no time", async () => {
    const crumbs = concatBytes(Array<Uint8Array>(300_000).fill(gifExtension(0xfe, new Uint8Array(1))));
    const start = performance.now();
    expect(await strip(type, encodeGif({ ...film, before: [crumbs] }))).toEqual(encodeGif(film));
    expect(performance.now() - start).toBeLessThan(3000);
  });
});
