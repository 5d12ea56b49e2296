/**
 * Signatures: which media type the first bytes of a file show. Sources: the formats' own specifications and
 * https://mimesniff.spec.whatwg.org/.
 */
import type { SignedType } from "../../contract/media-types.ts";

type Signature = (head: Uint8Array, type: string) => boolean;

/** Bytes needed to tell all signatures apart; office documents name their kind in the archive's first entries. */
export const HEAD_BYTES = 4096;

/** Bytes as text, one character per byte; the platform's `latin1` decoder is windows-1252 and would not be. */
const textAt = (head: Uint8Array, offset: number, length: number): string =>
  String.fromCharCode(...head.subarray(offset, offset + length));

const startsWith =
  (text: string, offset = 0) =>
  (head: Uint8Array) =>
    textAt(head, offset, text.length) === text;

/** ISO base media (MP4, QuickTime, HEIF) with one of these brands, major or compatible: ISO/IEC 14496-12 §4.3. */
const brand =
  (...names: string[]) =>
  (head: Uint8Array) =>
    textAt(head, 4, 4) === "ftyp" && names.includes(textAt(head, 8, 4));

const isZip = (head: Uint8Array) => ["PK\u0003\u0004", "PK\u0005\u0006"].includes(textAt(head, 0, 4));

/** A ZIP whose first entry is an uncompressed `mimetype` file (EPUB, OpenDocument). */
const isZipOfType = (head: Uint8Array, type: string) => isZip(head) && startsWith(`mimetype${type}`, 30)(head);

/** A ZIP with Office Open XML parts under this folder: ECMA-376-2. */
const officeZip = (folder: string) => (head: Uint8Array) =>
  isZip(head) &&
  textAt(head, 0, HEAD_BYTES).includes("[Content_Types].xml") &&
  textAt(head, 0, HEAD_BYTES).includes(`${folder}/`);

/** MPEG-1/2 audio layer III without ID3: eleven sync bits, a layer, no reserved bit rate or sampling rate. */
function isMp3Frame(head: Uint8Array): boolean {
  const [first = 0, second = 0, third = 0] = head;
  return first === 0xff && (second & 0xe6) === 0xe2 && third >> 4 !== 15 && (third & 0x0c) !== 0x0c;
}

/** An ID3v2 tag: a version below 16 tells it from text. */
const isId3 = (head: Uint8Array) => startsWith("ID3")(head) && (head[3] ?? 255) < 16;

/** The DOS header is 64 bytes with zeros in it; text that starts with the same letters has none. */
const isDosExecutable = (head: Uint8Array) => startsWith("MZ")(head) && head.subarray(2, 64).includes(0);

/** AAC in ADTS framing: twelve sync bits, layer 0. */
const isAdts = (head: Uint8Array) => head[0] === 0xff && ((head[1] ?? 0) & 0xf6) === 0xf0;

/** Matroska's document type stands within the first header element: RFC 8794 §11.2. */
const matroska = (type: string) => (head: Uint8Array) =>
  textAt(head, 0, 4) === "\u001aE\u00df\u00a3" && textAt(head, 4, 60).includes(type);

/** In order: the first that matches decides. */
const signatures = {
  "image/png": startsWith("\u0089PNG\r\n\u001a\n"),
  "image/jpeg": startsWith("\u00ff\u00d8\u00ff"),
  "image/gif": (head) => startsWith("GIF87a")(head) || startsWith("GIF89a")(head),
  "image/webp": (head) => startsWith("RIFF")(head) && startsWith("WEBP", 8)(head),
  "image/avif": brand("avif", "avis"),
  "image/heic": brand("heic", "heix", "heim", "heis", "hevc", "hevx"),
  "image/heif": brand("mif1", "msf1"),
  "image/jxl": (head) => startsWith("\u00ff\u000a")(head) || brand("jxl ")(head),
  "image/bmp": (head) => startsWith("BM")(head) && startsWith("\0\0\0\0", 6)(head),
  "image/tiff": (head) => startsWith("II*\0")(head) || startsWith("MM\0*")(head),
  "image/vnd.microsoft.icon": startsWith("\0\0\u0001\0"),
  "image/vnd.adobe.photoshop": startsWith("8BPS"),

  "video/quicktime": brand("qt  "),
  "audio/mp4": brand("M4A ", "M4B ", "M4P "),
  "video/3gpp": brand("3gp4", "3gp5", "3gp6", "3gp7", "3gpp", "3g2a"),
  "video/mp4": startsWith("ftyp", 4),
  "video/webm": matroska("webm"),
  "video/x-matroska": matroska("matroska"),
  "video/x-msvideo": (head) => startsWith("RIFF")(head) && startsWith("AVI ", 8)(head),
  "video/mpeg": startsWith("\0\0\u0001\u00ba"),
  "audio/wav": (head) => startsWith("RIFF")(head) && startsWith("WAVE", 8)(head),
  "audio/ogg": startsWith("OggS"),
  "audio/flac": startsWith("fLaC"),
  "audio/midi": startsWith("MThd"),
  "audio/aac": isAdts,
  "audio/mpeg": (head) => isId3(head) || isMp3Frame(head),

  "application/pdf": startsWith("%PDF-"),
  "application/vnd.oasis.opendocument.text": isZipOfType,
  "application/vnd.oasis.opendocument.spreadsheet": isZipOfType,
  "application/vnd.oasis.opendocument.presentation": isZipOfType,
  "application/epub+zip": isZipOfType,
  "application/vnd.openxmlformats-officedocument.wordprocessingml.document": officeZip("word"),
  "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": officeZip("xl"),
  "application/vnd.openxmlformats-officedocument.presentationml.presentation": officeZip("ppt"),
  "application/zip": isZip,
  "application/x-cfb": startsWith("\u00d0\u00cf\u0011\u00e0\u00a1\u00b1\u001a\u00e1"),
  "application/gzip": startsWith("\u001f\u008b\u0008"),
  "application/x-7z-compressed": startsWith("7z\u00bc\u00af\u0027\u001c"),
  "application/vnd.rar": startsWith("Rar!\u001a\u0007"),
  "application/x-bzip2": startsWith("BZh"),
  "application/x-xz": startsWith("\u00fd7zXZ\0"),
  "application/zstd": startsWith("\u0028\u00b5\u002f\u00fd"),
  "application/x-tar": startsWith("ustar", 257),
  "application/vnd.sqlite3": startsWith("SQLite format 3\0"),
  "application/wasm": startsWith("\0asm"),
  "application/x-elf": startsWith("\u007fELF"),
  "application/x-msdownload": isDosExecutable,
  "font/woff2": startsWith("wOF2"),
  "font/woff": startsWith("wOFF"),
  "font/otf": startsWith("OTTO\0"),
  "font/ttf": startsWith("\0\u0001\0\0\0"),
  "model/gltf-binary": startsWith("glTF"),
  "application/rtf": startsWith("{\\rtf"),
} as const satisfies Readonly<Record<SignedType, Signature>>;

/** The type whose signature the first bytes have. */
export function signedType(head: Uint8Array): string | null {
  const found = Object.entries<Signature>(signatures).find(([type, matches]) => matches(head, type));
  return found?.[0] ?? null;
}
