/**
 * What the first bytes of a file say it is. A table of the formats that uploads are made of; it knows nothing of what
 * an endpoint allows. Sources: the formats' own specifications and https://mimesniff.spec.whatwg.org/.
 */

/** The types that a signature proves: the first is the usual one, the others share the same container. */
export interface Signature {
  readonly types: readonly [string, ...string[]];
  readonly matches: (head: Uint8Array) => boolean;
}

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
const zipOf = (type: string) => (head: Uint8Array) => isZip(head) && startsWith(`mimetype${type}`, 30)(head);

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

const opendocument = "application/vnd.oasis.opendocument";
const openxml = "application/vnd.openxmlformats-officedocument";

/** In order: the first that matches decides. */
export const signatures: readonly Signature[] = [
  { types: ["image/png"], matches: startsWith("\u0089PNG\r\n\u001a\n") },
  { types: ["image/jpeg"], matches: startsWith("\u00ff\u00d8\u00ff") },
  { types: ["image/gif"], matches: (head) => startsWith("GIF87a")(head) || startsWith("GIF89a")(head) },
  { types: ["image/webp"], matches: (head) => startsWith("RIFF")(head) && startsWith("WEBP", 8)(head) },
  { types: ["image/avif"], matches: brand("avif", "avis") },
  { types: ["image/heic", "image/heif"], matches: brand("heic", "heix", "heim", "heis", "hevc", "hevx") },
  { types: ["image/heif", "image/heic", "image/avif"], matches: brand("mif1", "msf1") },
  { types: ["image/jxl"], matches: (head) => startsWith("\u00ff\u000a")(head) || brand("jxl ")(head) },
  { types: ["image/bmp"], matches: (head) => startsWith("BM")(head) && startsWith("\0\0\0\0", 6)(head) },
  { types: ["image/tiff"], matches: (head) => startsWith("II*\0")(head) || startsWith("MM\0*")(head) },
  { types: ["image/vnd.microsoft.icon"], matches: startsWith("\0\0\u0001\0") },
  { types: ["image/vnd.adobe.photoshop"], matches: startsWith("8BPS") },

  { types: ["video/quicktime"], matches: brand("qt  ") },
  { types: ["audio/mp4"], matches: brand("M4A ", "M4B ", "M4P ") },
  { types: ["video/3gpp", "audio/3gpp"], matches: brand("3gp4", "3gp5", "3gp6", "3gp7", "3gpp", "3g2a") },
  { types: ["video/mp4", "audio/mp4"], matches: startsWith("ftyp", 4) },
  { types: ["video/webm", "audio/webm"], matches: matroska("webm") },
  { types: ["video/x-matroska", "audio/x-matroska"], matches: matroska("matroska") },
  { types: ["video/x-msvideo"], matches: (head) => startsWith("RIFF")(head) && startsWith("AVI ", 8)(head) },
  { types: ["video/mpeg"], matches: startsWith("\0\0\u0001\u00ba") },
  { types: ["audio/wav"], matches: (head) => startsWith("RIFF")(head) && startsWith("WAVE", 8)(head) },
  { types: ["audio/ogg", "video/ogg", "application/ogg"], matches: startsWith("OggS") },
  { types: ["audio/flac"], matches: startsWith("fLaC") },
  { types: ["audio/midi"], matches: startsWith("MThd") },
  { types: ["audio/aac"], matches: isAdts },
  { types: ["audio/mpeg"], matches: (head) => isId3(head) || isMp3Frame(head) },

  { types: ["application/pdf"], matches: startsWith("%PDF-") },
  { types: [`${opendocument}.text`], matches: zipOf(`${opendocument}.text`) },
  { types: [`${opendocument}.spreadsheet`], matches: zipOf(`${opendocument}.spreadsheet`) },
  { types: [`${opendocument}.presentation`], matches: zipOf(`${opendocument}.presentation`) },
  { types: ["application/epub+zip"], matches: zipOf("application/epub+zip") },
  { types: [`${openxml}.wordprocessingml.document`], matches: officeZip("word") },
  { types: [`${openxml}.spreadsheetml.sheet`], matches: officeZip("xl") },
  { types: [`${openxml}.presentationml.presentation`], matches: officeZip("ppt") },
  { types: ["application/zip"], matches: isZip },
  {
    types: ["application/x-cfb", "application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint"],
    matches: startsWith("\u00d0\u00cf\u0011\u00e0\u00a1\u00b1\u001a\u00e1"),
  },
  { types: ["application/gzip"], matches: startsWith("\u001f\u008b\u0008") },
  { types: ["application/x-7z-compressed"], matches: startsWith("7z\u00bc\u00af\u0027\u001c") },
  { types: ["application/vnd.rar"], matches: startsWith("Rar!\u001a\u0007") },
  { types: ["application/x-bzip2"], matches: startsWith("BZh") },
  { types: ["application/x-xz"], matches: startsWith("\u00fd7zXZ\0") },
  { types: ["application/zstd"], matches: startsWith("\u0028\u00b5\u002f\u00fd") },
  { types: ["application/x-tar"], matches: startsWith("ustar", 257) },
  { types: ["application/vnd.sqlite3"], matches: startsWith("SQLite format 3\0") },
  { types: ["application/wasm"], matches: startsWith("\0asm") },
  { types: ["application/x-elf"], matches: startsWith("\u007fELF") },
  { types: ["application/x-msdownload"], matches: isDosExecutable },
  { types: ["font/woff2"], matches: startsWith("wOF2") },
  { types: ["font/woff"], matches: startsWith("wOFF") },
  { types: ["font/otf"], matches: startsWith("OTTO\0") },
  { types: ["font/ttf"], matches: startsWith("\0\u0001\0\0\0") },
  { types: ["model/gltf-binary"], matches: startsWith("glTF") },
  { types: ["application/rtf"], matches: startsWith("{\\rtf") },
];
