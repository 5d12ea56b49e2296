/** What honest cameras and editors leave behind a picture passes, and nothing that only looks like it. */
import { describe, expect, test } from "vitest";
import { bigEndian, box, bytesOf, littleEndian } from "../../../../support/header-files.ts";
import { encodeJpeg, exifSegment } from "../../../../support/jpeg-encoder.ts";
import { container, film, multiPicture, samsungTrailer, xmpSegment } from "../../../../support/photo-parts.ts";
import { encodePng } from "../../../../support/png-encoder.ts";
import { check, expectVerdict } from "./checking.ts";

const options = {
  width: 9,
  height: 9,
  sampling: [[1, 1]],
  sample: (_: number, x: number, y: number) => x * y,
} as const;
const second = encodeJpeg({ ...options, width: 17 });
const photo = (...before: readonly Uint8Array[]): Uint8Array => encodeJpeg({ ...options, before });
const png = await encodePng({ width: 3, height: 3, colorType: 0, depth: 8, pixel: (x) => [x] });

const alien = "bytes behind the picture's end";
const wrong = "a part behind the picture that it does not announce";
const cut = "the file ends within a part behind the picture";
/** Texts are taken as bytes, one a character. */
const jpegWith = (...parts: readonly (Uint8Array | string)[]): Uint8Array =>
  bytesOf(
    ...parts.map((part) => (typeof part === "string" ? Uint8Array.from(part, (letter) => letter.charCodeAt(0)) : part)),
  );
const html = "<html><script>alert(1)</script>";

const mpo = photo(multiPicture([second.length]));
const twoParts = container(
  { semantic: "GainMap", length: second.length },
  { semantic: "MotionPhoto", length: film.length },
);
const motion = photo(container({ semantic: "MotionPhoto", length: film.length }));

describe("parts that a JPEG announces pass", () => {
  test.each([
    { name: "a second picture, by MPF", file: jpegWith(mpo, second) },
    {
      name: "a second picture, by MPF in the other byte order",
      file: jpegWith(photo(multiPicture([second.length], true)), second),
    },
    { name: "two of them", file: jpegWith(photo(multiPicture([second.length, 777, second.length])), second, second) },
    { name: "padding before and behind it", file: jpegWith(mpo, "\0\0\0", second, "\0\0\r\n") },
    {
      name: "padding that the length counts",
      file: jpegWith(photo(multiPicture([second.length + 5])), second, "\0\0\0\0\0"),
    },
    { name: "a gain map and a film, by XMP", file: jpegWith(photo(twoParts), second, film) },
    { name: "a film behind padding, by XMP", file: jpegWith(motion, "\0\0\0\0\0", film) },
    {
      name: "a film, by its distance from the end",
      file: jpegWith(photo(xmpSegment(`<a GCamera:MicroVideoOffset="${String(film.length)}"/>`)), film),
    },
    {
      name: "a film, in elements",
      file: jpegWith(photo(xmpSegment(`<Item:Length>${String(film.length)}</Item:Length>`)), film),
    },
    {
      name: "a preview, by its length in EXIF",
      file: jpegWith(
        photo(exifSegment(bytesOf("II*\0", new Uint8Array(9), littleEndian(second.length, 4), 0))),
        second,
      ),
    },
    { name: "a part that an app has cut off", file: motion },
    { name: "a trailer behind a second picture", file: jpegWith(mpo, second, samsungTrailer(film)) },
  ])("$name", ({ file }) => expectVerdict("image/jpeg", file, null));
});

describe("parts that are not as announced are refused", () => {
  test.each([
    { name: "a second picture that nothing announces", file: jpegWith(photo(), second), verdict: wrong },
    {
      name: "a second picture of another length",
      file: jpegWith(photo(multiPicture([second.length - 1])), second, "\0"),
      verdict: wrong,
    },
    {
      name: "a second picture that is shorter, without padding",
      file: jpegWith(photo(multiPicture([second.length + 5])), second, "<?php"),
      verdict: wrong,
    },
    { name: "a second picture that is cut", file: jpegWith(mpo, second.subarray(0, -1)), verdict: cut },
    {
      name: "a second picture that is none",
      file: jpegWith(mpo, "\xff\xd8", html, new Uint8Array(second.length)),
      verdict: "bytes between segments",
    },
    {
      name: "a third picture that only the second announces",
      file: jpegWith(photo(multiPicture([mpo.length])), mpo, second),
      verdict: wrong,
    },
    {
      name: "more parts than any phone writes",
      file: jpegWith(mpo, ...Array<Uint8Array>(17).fill(second)),
      verdict: "too many parts behind the picture",
    },
    { name: "bytes before a second picture", file: jpegWith(mpo, "<?php", second), verdict: alien },
    { name: "bytes behind a second picture", file: jpegWith(mpo, second, "<html>"), verdict: alien },
    { name: "a film that nothing announces", file: jpegWith(photo(), film), verdict: alien },
    { name: "a film that is cut", file: jpegWith(motion, film.subarray(0, -1)), verdict: cut },
    {
      name: "a film that is longer",
      file: jpegWith(motion, film, box("free")),
      verdict: alien,
    },
    {
      name: "a film of something else",
      file: jpegWith(motion, film.subarray(0, 28), box("HTML", new Uint8Array(70))),
      verdict: "a film that does not end where it should",
    },
    { name: "a film behind a PNG", type: "image/png", file: bytesOf(png, film), verdict: alien },
    { name: "a picture behind a PNG", type: "image/png", file: bytesOf(png, second), verdict: wrong },
  ])("$name", ({ type = "image/jpeg", file, verdict }) => expectVerdict(type, file, verdict));
});

describe("trailers", () => {
  const block = new Uint8Array(5000).fill(7);
  const canonName = bytesOf("CANON OPTIONAL DATA\0");
  const canonLength = bigEndian(block.length, 4);
  const canon = bytesOf(canonName, bigEndian(0, 4), canonLength, block, canonName, canonLength, new Uint8Array(40));
  const fotoStation = (data: Uint8Array): Uint8Array =>
    bytesOf(data, 0, 1, bigEndian(data.length + 10, 4), bigEndian(0xa1b2c3d4, 4));
  const photoMechanic = bytesOf(block, bigEndian(block.length, 4), "cbipcbbl");
  const axs = (mark: string, start: Uint8Array): Uint8Array => bytesOf(mark, block, mark, start, bigEndian(0, 4));
  const list = bytesOf('[{"length":9,"name":"a","offset":4000},{"length":9,"name":"b","offset":5000}]', 0);
  const onePlus = bytesOf(block, list, "jxrs", littleEndian(list.length + 8, 4));
  const at = photo().length;
  const trailers: readonly (readonly [name: string, trailer: Uint8Array])[] = [
    ["Samsung's", samsungTrailer(film, block)],
    ["Canon's", canon],
    ["FotoStation's, of two records", bytesOf(fotoStation(block), fotoStation(new Uint8Array(40).fill(9)))],
    ["Photo Mechanic's", photoMechanic],
    ["AFCP", axs("AXS!", bigEndian(at, 4))],
    ["AFCP in the other byte order", axs("AXS*", littleEndian(at, 4))],
    ["OnePlus'", onePlus],
    [
      "vivo's",
      bytesOf('vivo{"a":1}', Uint8Array.of(255, 255, 255, 255, 0x1b), "*9HWfu", Uint8Array.of(0x84, 0x93, 0xa2, 0xb1)),
    ],
    [
      "Insta360's",
      bytesOf(block, littleEndian(block.length + 40, 4), new Uint8Array(4), "8db42d694ccc418790edff439fe026bf"),
    ],
  ];

  test.each(trailers)("%s passes", async (_, trailer) => {
    await expectVerdict("image/jpeg", bytesOf(photo(), trailer), null);
  });

  test.each(trailers)("%s is refused when it is cut", async (_, trailer) => {
    for (const length of [trailer.length - 1, trailer.length - 9, trailer.length >> 1]) {
      expect(await check("image/jpeg", bytesOf(photo(), trailer.subarray(0, length)))).toBe(alien);
    }
  });

  // AFCP tells a place, and vivo nothing: what they take in is theirs.
  test.each(trailers.filter(([name]) => !/AFCP|vivo/u.test(name)))(
    "%s is refused behind something else",
    async (_, trailer) => {
      await expectVerdict("image/jpeg", bytesOf(photo(), html, trailer), alien);
    },
  );

  test("one behind another", () => expectVerdict("image/jpeg", bytesOf(photo(), canon, fotoStation(film)), null));

  test.each([
    ["that claims more than there is", bytesOf(block, bigEndian(9_999_999, 4), "cbipcbbl")],
    ["that claims less", bytesOf(block, bigEndian(4000, 4), "cbipcbbl")],
    ["of nothing", bytesOf(html, bigEndian(0, 4), bigEndian(0xa1b2c3d4, 4))],
    ["whose directory is beyond the tail", bytesOf(block, littleEndian(99_999, 4), "SEFT")],
    [
      "whose directory never ends",
      bytesOf(block, "SEFH", littleEndian(0, 4), littleEndian(0xffffffff, 4), littleEndian(12, 4), "SEFT"),
    ],
    ["whose list is beyond the tail", bytesOf(block, "jxrs", littleEndian(99_999, 4))],
  ])("a footer %s is refused", (_, trailer) => expectVerdict("image/jpeg", bytesOf(photo(), trailer), alien));
});

test("what a picture announces costs nothing, however much it claims", async () => {
  const lies = [
    multiPicture(Array<number>(3000).fill(0xffffffff)),
    multiPicture([]).fill(0xff, 20, 30),
    xmpSegment(':Length="9'.repeat(6000)),
    xmpSegment(`:Length="${"9".repeat(50_000)}"`),
  ];
  const start = performance.now();
  for (const lie of lies) await expectVerdict("image/jpeg", bytesOf(photo(lie), second), wrong);
  expect(performance.now() - start).toBeLessThan(2000);
});
