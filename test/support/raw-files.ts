/** Raw files of cameras, as far as their headers go. */
import { bigEndian, box, bytesOf, film, fileType, fullBox, littleEndian } from "./header-files.ts";
import { exifOrientation } from "./jpeg-encoder.ts";

type Field = readonly [tag: number, value: number, type?: "short"];

/** Twelve bytes a field, two before them and four behind. */
function directory(little: boolean, fields: readonly Field[]): Uint8Array {
  const number = little ? littleEndian : bigEndian;
  const entries = fields.map(([tag, value, type]) =>
    type === "short"
      ? bytesOf(number(tag, 2), number(3, 2), number(1, 4), number(value, 2), 0, 0)
      : bytesOf(number(tag, 2), number(4, 2), number(1, 4), number(value, 4)),
  );
  return bytesOf(number(fields.length, 2), ...entries, number(0, 4));
}

export interface RawOptions {
  readonly width: number;
  readonly height: number;
  readonly orientation?: number;
  readonly little?: boolean;
}

/** Nikon, Sony and Samsung: a small version first, the sensor's elsewhere. */
export function makersRaw(maker: string, { width, height, orientation = 1, little = true }: RawOptions): Uint8Array {
  const first = 8 + 2 + 5 * 12 + 4;
  return bytesOf(
    little ? "II*\0\x08\0\0\0" : "MM\0*\0\0\0\x08",
    directory(little, [
      [254, 1],
      [256, 160],
      [257, 120],
      [274, orientation, "short"],
      [330, first],
    ]),
    directory(little, [
      [254, 0],
      [256, width],
      [257, height],
    ]),
    `${maker}\0`,
  );
}

export function cr2({ width, height, orientation = 1 }: RawOptions): Uint8Array {
  const exif = 16 + 2 + 4 * 12 + 4;
  return bytesOf(
    "II*\0\x10\0\0\0CR\x02\0\0\0\0\0",
    directory(true, [
      [256, 1536],
      [257, 1024],
      [274, orientation, "short"],
      [0x8769, exif],
    ]),
    directory(true, [
      [0xa002, width],
      [0xa003, height],
    ]),
  );
}

export function pef({ width, height, little = false }: RawOptions): Uint8Array {
  const fields = directory(little, [
    [256, width],
    [257, height],
    [259, 65_535, "short"],
  ]);
  return bytesOf(little ? "II*\0\x08\0\0\0" : "MM\0*\0\0\0\x08", fields, "PENTAX Corporation\0");
}

export function orf({ width, height, orientation = 1, little = true }: RawOptions): Uint8Array {
  const fields = directory(little, [
    [256, width],
    [257, height],
    [274, orientation, "short"],
  ]);
  return bytesOf(little ? "IIRO\x08\0\0\0" : "MMOR\0\0\0\x08", fields);
}

/** The picture is a part of the sensor. */
export function rw2({ width, height, orientation = 1 }: RawOptions): Uint8Array {
  const fields = directory(true, [
    [2, width + 80, "short"],
    [3, height + 40, "short"],
    [4, 4, "short"],
    [5, 8, "short"],
    [6, height + 4, "short"],
    [7, width + 8, "short"],
    [274, orientation, "short"],
  ]);
  return bytesOf("IIU\0\x08\0\0\0", fields);
}

/** With a JPEG before its own header; older cameras have no size of the picture within the sensor. */
export function raf({ width, height, orientation = 1 }: RawOptions, isOld = false): Uint8Array {
  const exif = bytesOf("Exif\0\0", exifOrientation(orientation));
  const jpeg = bytesOf(bigEndian(0xffd8ffe1, 4), bigEndian(exif.length + 2, 2), exif, new Uint8Array(5000));
  const sides = (tag: number, more: number): Uint8Array =>
    bytesOf(bigEndian(tag, 2), bigEndian(4, 2), bigEndian(height + more, 2), bigEndian(width + more, 2));
  const records = isOld ? [sides(0x121, 0)] : [sides(0x100, 96), sides(0x110, 0), sides(0x111, 0), sides(0x121, 96)];
  const start = 148;
  return bytesOf(
    "FUJIFILMCCD-RAW 0201",
    new Uint8Array(64),
    ...[start, jpeg.length, start + jpeg.length, 0].map((value) => bigEndian(value, 4)),
    new Uint8Array(start - 100),
    jpeg,
    bigEndian(records.length, 4),
    ...records,
  );
}

const canonUuid = bytesOf(
  bigEndian(0x85c0b687, 4),
  bigEndian(0x820f11e0, 4),
  bigEndian(0x8111f4ce, 4),
  bigEndian(0x462b6a48, 4),
);

/** Its size in Canon's directory, or only in its tracks. */
export function cr3({ width, height, orientation = 1 }: RawOptions, isTold = true): Uint8Array {
  const told: readonly Field[] = isTold
    ? [
        [256, width],
        [257, height],
      ]
    : [];
  const tiff = bytesOf("II*\0\x08\0\0\0", directory(true, [...told, [274, orientation, "short"]]));
  const canon = box("uuid", canonUuid, box("CNCV", bytesOf("CanonCR3_001/00.09.00")), box("CMT1", tiff));
  const head = fullBox("mvhd", 0, 0, new Uint8Array(96));
  return bytesOf(fileType("crx ", "isom"), box("moov", canon, head, film(width, height).subarray(8)), box("mdat"));
}
