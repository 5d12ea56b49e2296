/** Makes what phones and editors put behind a JPEG, and what announces it. */
import { bigEndian, box, bytesOf, fileType, littleEndian } from "./header-files.ts";
import { segment } from "./jpeg-encoder.ts";

/** The Multi-Picture Format segment (CIPA DC-007) of a first picture, which lists the lengths of those behind it. */
export function multiPicture(lengths: readonly number[], little = false): Uint8Array {
  const number = little ? littleEndian : bigEndian;
  const entry = (size: number): Uint8Array => bytesOf(number(0, 4), number(size, 4), number(0, 4), new Uint8Array(4));
  const list = bytesOf(...[1, ...lengths].map(entry));
  return segment(
    0xe2,
    bytesOf(
      "MPF\0",
      little ? "II*\0" : "MM\0*",
      number(8, 4),
      number(2, 2),
      bytesOf(number(0xb001, 2), number(4, 2), number(1, 4), number(1 + lengths.length, 4)),
      bytesOf(number(0xb002, 2), number(7, 2), number(list.length, 4), number(38, 4)),
      number(0, 4),
      list,
    ),
  );
}

/** An XMP segment that says these things. */
export const xmpSegment = (text: string): Uint8Array =>
  segment(0xe1, bytesOf("http://ns.adobe.com/xap/1.0/\0", "<x:xmpmeta>", text, "</x:xmpmeta>"));

/** The directory of Ultra HDR and Motion Photo 1.0. */
export const container = (...items: readonly { semantic: string; length: number }[]): Uint8Array =>
  xmpSegment(
    items
      .map(({ semantic, length }) => `<Container:Item Item:Semantic="${semantic}" Item:Length="${String(length)}"/>`)
      .join(""),
  );

/** A film's file, as a phone appends it; nothing in it plays. */
export const film = bytesOf(
  fileType("mp42", "isom"),
  box("moov", new Uint8Array(20)),
  box("mdat", new Uint8Array(50).fill(7)),
);

/** Samsung's trailer: blocks, a directory of them, and a footer. */
export function samsungTrailer(...blocks: readonly Uint8Array[]): Uint8Array {
  const data = bytesOf(...blocks.map((block) => bytesOf(Uint8Array.of(0, 0, 1, 10), littleEndian(0, 4), block)));
  let before = data.length;
  const entries = blocks.map((block) => {
    const entry = bytesOf(Uint8Array.of(0, 0, 1, 10), littleEndian(before, 4), littleEndian(block.length + 8, 4));
    before -= block.length + 8;
    return entry;
  });
  const directory = bytesOf("SEFH", littleEndian(106, 4), littleEndian(blocks.length, 4), ...entries);
  return bytesOf(data, directory, littleEndian(directory.length, 4), "SEFT");
}
