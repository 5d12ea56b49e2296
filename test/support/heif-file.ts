/** Makes HEIF files whose items have places: pictures whose pixels are nonsense, and what is told about them. */
import { bigEndian, box, bytesOf, fileType, fullBox } from "./header-files.ts";

export interface HeifItem {
  /** Four letters, such as `av01`. */
  readonly type: string;
  readonly data: Uint8Array;
  readonly name?: string;
  /** In two parts, with bytes of nobody between them. */
  readonly split?: boolean;
}

export interface HeifOptions {
  readonly brands?: readonly string[];
  /** Numbered from 1; the first is the primary one. */
  readonly items: readonly HeifItem[];
  /** Their data are in `idat`, or in `mdat` behind `meta`. */
  readonly inMeta?: boolean;
  /** Boxes of `ipco`. */
  readonly properties?: readonly Uint8Array[];
  /** More boxes in `meta`. */
  readonly more?: readonly Uint8Array[];
  /** Boxes between `meta` and `mdat`, and behind that. */
  readonly between?: readonly Uint8Array[];
  readonly after?: readonly Uint8Array[];
  /** Of `iloc`; its items have long numbers in version 2. */
  readonly version?: 0 | 1 | 2;
}

const gap = new Uint8Array(5).fill(0x77);

/** The data of all items in order, with where each part of each is. */
function layOut(items: readonly HeifItem[]): {
  data: Uint8Array;
  extents: (readonly [from: number, bytes: number])[][];
} {
  let at = 0;
  const parts: Uint8Array[] = [];
  const put = (bytes: Uint8Array): readonly [number, number] => {
    parts.push(bytes);
    at += bytes.length;
    return [at - bytes.length, bytes.length];
  };
  const extents = items.map(({ data, split }) => {
    if (split !== true) return [put(data)];
    const first = put(data.subarray(0, data.length >> 1));
    put(gap);
    return [first, put(data.subarray(data.length >> 1))];
  });
  return { data: bytesOf(...parts), extents };
}

export function heifFile({
  brands = ["avif", "mif1"],
  items,
  inMeta = false,
  properties = [],
  more = [],
  between = [],
  after = [],
  version = 1,
}: HeifOptions): Uint8Array {
  const { data, extents } = layOut(items);
  const idBytes = version === 2 ? 4 : 2;
  const infos = items.map(({ type, name = "" }, index) =>
    fullBox("infe", 2, 0, bytesOf(bigEndian(index + 1, 2), bigEndian(0, 2), type, name, 0)),
  );
  const locations = (base: number): Uint8Array =>
    fullBox(
      "iloc",
      version,
      0,
      bytesOf(0x44, 0x40, bigEndian(items.length, idBytes)),
      ...extents.map((parts, index) =>
        bytesOf(
          bigEndian(index + 1, idBytes),
          version === 0 ? "" : bigEndian(inMeta ? 1 : 0, 2),
          bigEndian(0, 2),
          bigEndian(base, 4),
          bigEndian(parts.length, 2),
          ...parts.flatMap((part) => part.map((number) => bigEndian(number, 4))),
        ),
      ),
    );
  const meta = (base: number): Uint8Array =>
    fullBox(
      "meta",
      0,
      0,
      fullBox("hdlr", 0, 0, bytesOf(bigEndian(0, 4), "pict", new Uint8Array(12), "a handler", 0)),
      fullBox("pitm", 0, 0, bigEndian(1, 2)),
      locations(base),
      fullBox("iinf", 0, 0, bigEndian(items.length, 2), ...infos),
      box("iprp", box("ipco", ...properties), fullBox("ipma", 0, 0, bigEndian(0, 4))),
      ...more,
      ...(inMeta ? [box("idat", data)] : []),
    );
  const before = bytesOf(fileType(...brands));
  const start = before.length + meta(0).length + bytesOf(...between).length + 8;
  return bytesOf(
    before,
    meta(inMeta ? 0 : start),
    ...between,
    box("mdat", inMeta ? new Uint8Array(0) : data),
    ...after,
  );
}

/** The references of one kind from an item to another. */
export const reference = (kind: string, from: number, to: number): Uint8Array =>
  fullBox("iref", 0, 0, box(kind, bytesOf(bigEndian(from, 2), bigEndian(1, 2), bigEndian(to, 2))));

export interface TrackOptions {
  /** `pict`, `soun` or another. */
  readonly handler: string;
  /** The bytes of its chunks, each of one sample. */
  readonly chunks: readonly (readonly [from: number, bytes: number])[];
  /** More boxes in the track. */
  readonly more?: readonly Uint8Array[];
}

/** One track of a film, with the boxes that tell where its samples are. */
export function track({ handler, chunks, more = [] }: TrackOptions): Uint8Array {
  const number = (value: number): Uint8Array => bigEndian(value, 4);
  const table = box(
    "stbl",
    fullBox(
      "stsd",
      0,
      0,
      number(1),
      box("av01", new Uint8Array(42).fill(1), new Uint8Array(32).fill(0x41), new Uint8Array(4)),
    ),
    fullBox("stsc", 0, 0, number(1), number(1), number(1), number(1)),
    fullBox("stsz", 0, 0, number(0), number(chunks.length), ...chunks.map(([, bytes]) => number(bytes))),
    fullBox("stco", 0, 0, number(chunks.length), ...chunks.map(([from]) => number(from))),
  );
  return box(
    "trak",
    fullBox("tkhd", 0, 3, number(0xdada), number(0xdada), new Uint8Array(72).fill(2)),
    ...more,
    box(
      "mdia",
      fullBox("mdhd", 0, 0, number(0xdada), number(0xdada), new Uint8Array(12).fill(2)),
      fullBox("hdlr", 0, 0, bytesOf(number(0), handler, new Uint8Array(12), "a handler", 0)),
      box("minf", fullBox("vmhd", 0, 1, new Uint8Array(8)), table),
    ),
  );
}
