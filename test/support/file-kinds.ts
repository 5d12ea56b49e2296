/**
 * Files of the kinds that people choose, as small as they can be and still be told: their name, what Chromium on Linux
 * declares them as, what they are stored as, and the families of types that their bytes do not refute.
 */
import { bigEndian, bytesOf, fileType, littleEndian, tiff, tiffOf, webp, vp8, bmp, ico } from "./header-files.ts";
import { cr2, makersRaw, orf, pef, raf, rw2 } from "./raw-files.ts";

export interface FileKind {
  readonly name: string;
  /** Empty where Chromium knows no type. */
  readonly declared: string;
  readonly type: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly families: readonly string[];
}

/** One byte per character. */
export const latin1 = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(text, (character) => character.charCodeAt(0));
const utf8 = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text).slice();

export interface Entry {
  readonly name: string;
  readonly content?: string;
  /** The size is behind the data, as writers put it that do not go back. */
  readonly streamed?: boolean;
}

/** A ZIP of stored entries. Nothing here reads its directory, which is left out. */
export function zip(...entries: readonly (Entry | string)[]): Uint8Array<ArrayBuffer> {
  const parts = entries.map((entry) => {
    const { name, content = "x", streamed = false } = typeof entry === "string" ? { name: entry } : entry;
    const size = littleEndian(streamed ? 0 : content.length, 4);
    const header = bytesOf(latin1("PK\x03\x04\x14\0"), streamed ? 8 : 0, 0, new Uint8Array(10), size, size);
    const descriptor = latin1(streamed ? "PK\x07\x08............" : "");
    return bytesOf(header, littleEndian(name.length, 2), 0, 0, name, latin1(content), descriptor);
  });
  return bytesOf(...parts).slice();
}

const stated = (type: string) => zip({ name: "mimetype", content: type }, "content.xml");
const office = (folder: string, main: string) => zip("[Content_Types].xml", "_rels/.rels", `${folder}/${main}.xml`);
const ogg = (codec: string) => latin1(`OggS\0\x02${"\0".repeat(20)}\x01\x13${codec}${"\0".repeat(20)}`);
const matroska = (type: string) => latin1(`\x1aE\xdf\xa3\xa3B\x86\x81\x01B\xf7\x81\x01B\x82\x88${type}\0`);
const riff = (form: string) => latin1(`RIFF\x24\0\0\0${form}fmt \x10\0\0\0`);
const iso = (brand: string) => fileType(brand, "isom").slice();
const cfb = latin1("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0\0\0");
const tar = latin1(`a.txt${"\0".repeat(252)}ustar\x0000${"\0".repeat(240)}`);
const picture = (bytes: Uint8Array) => bytes.slice();
const sides = { width: 60, height: 40 };
const dng = bytesOf(
  latin1("II*\0\x08\0\0\0\x01\0"),
  latin1("\x12\xc6\x01\0\x04\0\0\0\x01\x04\0\0"),
  bigEndian(0, 4),
).slice();

const openXml = "application/vnd.openxmlformats-officedocument";
const openDocument = "application/vnd.oasis.opendocument";

type Line = readonly [name: string, declared: string, type: string, bytes: Uint8Array<ArrayBuffer>, families: string];

const kinds = (lines: readonly Line[]): readonly FileKind[] =>
  lines.map(([name, declared, type, bytes, families]) => ({
    name,
    declared,
    type,
    bytes,
    families: families.split(" "),
  }));

/** What Chromium's file chooser was seen to declare for each ending, on Debian 12 with its list of types. */
export const chosenFiles = kinds([
  ["a.png", "image/png", "image/png", latin1("\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), "png"],
  ["a.jpg", "image/jpeg", "image/jpeg", latin1("\xff\xd8\xff\xe0\0\x10JFIF\0"), "jpeg"],
  ["a.gif", "image/gif", "image/gif", latin1("GIF89a\x01\0\x01\0\0\0\0;"), "gif"],
  ["a.webp", "image/webp", "image/webp", picture(webp(vp8(4, 3))), "webp"],
  ["a.avif", "image/avif", "image/avif", iso("avif"), "heif"],
  ["a.heic", "image/heif", "image/heif", iso("heic"), "heif"],
  ["a.jxl", "image/jxl", "image/jxl", latin1("\0\0\0\x0cJXL \r\n\x87\n\0\0\0\x14ftypjxl \0\0\0\0jxl "), "jxl"],
  ["a.bmp", "image/bmp", "image/bmp", picture(bmp(4, 3)), "bmp"],
  ["a.tif", "image/tiff", "image/tiff", picture(tiff({ width: 4, height: 3 })), "tiff"],
  ["a.dng", "image/x-adobe-dng", "image/x-adobe-dng", dng, "tiff"],
  ["a.nef", "image/x-nikon-nef", "image/x-nikon-nef", latin1("MM\0*\0\0\0\x08\0\0NIKON"), "tiff"],
  ["a.ico", "image/vnd.microsoft.icon", "image/vnd.microsoft.icon", picture(ico([[16, 16]])), "icon"],
  ["a.psd", "image/vnd.adobe.photoshop", "image/vnd.adobe.photoshop", latin1("8BPS\0\x01\0\0"), "psd"],
  ["a.svg", "image/svg+xml", "image/svg+xml", utf8("<!-- @license -->\n<svg xmlns='x'/>"), "text svg gzip"],
  ["a.svgz", "image/svg+xml", "application/gzip", latin1("\x1f\x8b\x08\0\0\0"), "gzip svg"],
  ["a.mp4", "video/mp4", "video/mp4", iso("isom"), "mp4 audio quicktime 3gpp"],
  ["a.m4v", "video/mp4", "video/x-m4v", iso("M4V "), "mp4 audio quicktime 3gpp"],
  ["a.mov", "video/quicktime", "video/quicktime", latin1("\0\0\0\x08wide\0\0\x10\0mdat"), "quicktime mp4 audio"],
  ["a.3gp", "video/3gpp", "video/3gpp", iso("3gp4"), "3gpp mp4 audio"],
  ["a.3g2", "video/3gpp2", "video/3gpp2", iso("3g2a"), "3gpp mp4 audio"],
  ["a.webm", "video/webm", "video/webm", matroska("webm"), "matroska"],
  ["a.mkv", "video/matroska", "video/x-matroska", matroska("matroska"), "matroska"],
  ["a.avi", "video/x-msvideo", "video/x-msvideo", riff("AVI "), "avi"],
  ["a.mpg", "video/mpeg", "video/mpeg", latin1("\0\0\x01\xb3\x14\0\xf0\x23"), "mpeg"],
  ["a.ogv", "video/ogg", "video/ogg", ogg("\x80theora"), "ogg"],
  ["a.mp3", "audio/mpeg", "audio/mpeg", latin1("ID3\x04\0\0\0\0\0\0"), "mp3"],
  ["a.m4a", "audio/x-m4a", "audio/mp4", iso("mp42"), "mp4 audio quicktime 3gpp"],
  ["a.wav", "audio/wav", "audio/wav", riff("WAVE"), "wav"],
  ["a.opus", "audio/ogg", "audio/ogg", ogg("OpusHead"), "ogg"],
  ["a.flac", "audio/flac", "audio/flac", latin1("fLaC\0\0\0\x22"), "flac"],
  ["a.mid", "audio/midi", "audio/midi", latin1("MThd\0\0\0\x06"), "midi"],
  ["a.pdf", "application/pdf", "application/pdf", latin1("\0\r\n%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"), "pdf"],
  ["a.doc", "application/msword", "application/msword", cfb, "cfb word-97 zip-office"],
  [
    "a.docx",
    `${openXml}.wordprocessingml.document`,
    `${openXml}.wordprocessingml.document`,
    office("word", "document"),
    "zip cfb word-97",
  ],
  [
    "a.docm",
    "application/vnd.ms-word.document.macroEnabled.12",
    "application/vnd.ms-word.document.macroenabled.12",
    office("word", "document"),
    "zip cfb word-97",
  ],
  [
    "a.dotx",
    `${openXml}.wordprocessingml.template`,
    `${openXml}.wordprocessingml.template`,
    office("word", "document"),
    "zip cfb word-97",
  ],
  [
    "a.xlsx",
    `${openXml}.spreadsheetml.sheet`,
    `${openXml}.spreadsheetml.sheet`,
    zip({ name: "xl/worksheets/sheet1.xml", content: "x".repeat(5000) }),
    "zip cfb word-97",
  ],
  [
    "a.xlsm",
    "application/vnd.ms-excel.sheet.macroEnabled.12",
    "application/vnd.ms-excel.sheet.macroenabled.12",
    office("xl", "workbook"),
    "zip cfb word-97",
  ],
  [
    "a.pptx",
    `${openXml}.presentationml.presentation`,
    `${openXml}.presentationml.presentation`,
    office("ppt", "presentation"),
    "zip cfb word-97",
  ],
  [
    "a.ppsx",
    `${openXml}.presentationml.slideshow`,
    `${openXml}.presentationml.slideshow`,
    office("ppt", "presentation"),
    "zip cfb word-97",
  ],
  ["a.odt", `${openDocument}.text`, `${openDocument}.text`, stated(`${openDocument}.text`), "zip"],
  ["a.odg", `${openDocument}.graphics`, `${openDocument}.graphics`, stated(`${openDocument}.graphics`), "zip"],
  ["a.epub", "application/epub+zip", "application/epub+zip", stated("application/epub+zip"), "zip"],
  ["a.pages", "application/vnd.apple.pages", "application/vnd.apple.pages", zip("Index/Document.iwa"), "zip"],
  [
    "a.vsdx",
    "application/vnd.ms-visio.drawing.main+xml",
    "application/vnd.ms-visio.drawing",
    office("visio", "document"),
    "zip",
  ],
  ["a.rtf", "application/rtf", "application/rtf", latin1("{\\rtf1\\ansi}"), "rtf word-97"],
  ["a.csv", "text/csv", "text/csv", utf8("a,b\n1,2\n"), "text excel-97"],
  ["a.md", "text/markdown", "text/markdown", utf8('<p align="center">\n\n# Title\n'), "text"],
  ["a.json", "application/json", "application/json", utf8('{"a": 1}'), "text"],
  ["a.jsonld", "application/ld+json", "application/ld+json", utf8('{"@context": "x"}'), "text"],
  ["a.ipynb", "application/x-ipynb+json", "application/x-ipynb+json", utf8('{"cells": []}'), "text"],
  ["a.yaml", "application/x-yaml", "application/yaml", utf8("# a\na: 1\n"), "text"],
  ["a.toml", "application/toml", "application/toml", utf8("[a]\nb = 1\n"), "text"],
  ["a.sql", "application/sql", "application/sql", utf8("SELECT 1;\n"), "text"],
  ["a.sh", "application/x-shellscript", "application/x-sh", utf8("#!/bin/sh\nid\n"), "text"],
  ["a.eml", "message/rfc822", "message/rfc822", utf8("From: a@example.org\r\n\r\nHello\r\n"), "text"],
  ["a.pem", "application/x-x509-ca-cert", "application/x-pem-file", utf8("-----BEGIN CERTIFICATE-----\n"), "text"],
  ["a.xml", "text/xml", "application/xml", utf8("<background><static/></background>\n"), "text"],
  ["a.gpx", "application/gpx+xml", "application/gpx+xml", utf8("<?xml version='1.0'?>\n<gpx version='1.1'/>"), "text"],
  [
    "a.kml",
    "application/vnd.google-earth.kml+xml",
    "application/vnd.google-earth.kml+xml",
    utf8("<kml xmlns='x'/>"),
    "text",
  ],
  ["a.rss", "application/rss+xml", "application/rss+xml", utf8("<?xml version='1.0'?><!-- a --><rss/>"), "text"],
  [
    "a.apk",
    "application/vnd.android.package-archive",
    "application/vnd.android.package-archive",
    zip("AndroidManifest.xml"),
    "zip",
  ],
  ["a.jar", "application/x-java-archive", "application/java-archive", zip("META-INF/", "META-INF/MANIFEST.MF"), "zip"],
  [
    "a.kmz",
    "application/vnd.google-earth.kmz",
    "application/vnd.google-earth.kmz",
    zip({ name: "doc.kml", streamed: true }),
    "zip",
  ],
  ["a.3mf", "model/3mf", "model/3mf", zip("[Content_Types].xml", "3D/3dmodel.model"), "zip"],
]);

/** More kinds, and other beginnings of the same. */
export const otherFiles = kinds([
  ["b.gif", "image/gif", "image/gif", latin1("GIF87a\x01\0\x01\0"), "gif"],
  ["b.png", "", "image/png", latin1("\x89PNG\r\n\x1a\n\0\0\0\x04CgBI"), "png"],
  ["b.jpg", "image/pjpeg", "image/jpeg", latin1("\xff\xd8\xff\xe1\0\x10Exif\0\0"), "jpeg"],
  ["b.avif", "image/avif", "image/avif", iso("avis"), "heif"],
  ["b.heic", "image/heic", "image/heic", iso("hevc"), "heif"],
  ["c.heic", "image/heic", "image/heic", iso("mif1"), "heif"],
  ["d.heif", "image/heif", "image/heif", iso("mif2"), "heif"],
  ["e.heif", "image/heif", "image/heif", iso("mif3"), "heif"],
  ["b.jxl", "image/jxl", "image/jxl", latin1("\xff\n\xfa\x0f"), "jxl"],
  ["b.bmp", "image/bmp", "image/bmp", latin1("BM\x3a\0\0\0\x01\x02\x03\x04\x36\0\0\0\x28\0\0\0"), "bmp"],
  ["b.tif", "image/tiff", "image/tiff", picture(tiff({ width: 4, height: 3, big: true, little: false })), "tiff"],
  ["c.tif", "image/tiff", "image/tiff", picture(tiff({ width: 4, height: 3, big: true })), "tiff"],
  ["b.nef", "", "image/x-nikon-nef", picture(makersRaw("NIKON CORPORATION", sides)), "tiff"],
  ["c.nef", "", "image/x-nikon-nef", picture(makersRaw("NIKON", { ...sides, little: false })), "tiff"],
  ["b.arw", "image/x-sony-arw", "image/x-sony-arw", picture(makersRaw("SONY", sides)), "tiff"],
  ["b.srw", "", "image/x-samsung-srw", picture(makersRaw("SAMSUNG", sides)), "tiff"],
  ["b.pef", "", "image/x-pentax-pef", picture(pef(sides)), "tiff"],
  ["c.pef", "", "image/x-pentax-pef", picture(pef({ ...sides, little: true })), "tiff"],
  ["b.orf", "", "image/x-olympus-orf", picture(orf({ ...sides, little: false })), "orf"],
  // What a computer makes of a photograph names its camera, too.
  [
    "d.tif",
    "",
    "image/tiff",
    bytesOf(
      tiffOf([
        [254, 0],
        [256, 6],
        [257, 4],
      ]),
      "NIKON SONY PENTAX",
    ).slice(),
    "tiff",
  ],
  ["e.tif", "", "image/tiff", picture(makersRaw("another camera", sides)), "tiff"],
  ["b.cr2", "image/x-canon-cr2", "image/x-canon-cr2", picture(cr2(sides)), "tiff"],
  ["c.orf", "image/x-olympus-orf", "image/x-olympus-orf", picture(orf(sides)), "orf"],
  ["b.rw2", "image/x-panasonic-rw2", "image/x-panasonic-rw2", picture(rw2(sides)), "rw2"],
  ["b.raf", "image/x-fuji-raf", "image/x-fuji-raf", picture(raf(sides)), "raf"],
  ["b.cr3", "image/x-canon-cr3", "image/x-canon-cr3", iso("crx "), "cr3"],
  ["b.mov", "video/quicktime", "video/quicktime", iso("qt  "), "quicktime mp4 audio"],
  ["c.mov", "video/quicktime", "video/quicktime", latin1("\0\0\x02\xc4moov\0\0\0\x6cmvhd"), "quicktime mp4 audio"],
  ["b.m4a", "audio/mp4", "audio/mp4", iso("M4A "), "mp4 audio quicktime 3gpp"],
  ["b.m4b", "audio/mp4", "audio/mp4", iso("M4B "), "mp4 audio quicktime 3gpp"],
  ["b.m4v", "video/x-m4v", "video/x-m4v", iso("M4VH"), "mp4 audio quicktime 3gpp"],
  ["b.3gp", "video/3gpp", "video/3gpp", iso("3gr6"), "3gpp mp4 audio"],
  ["b.3g2", "video/3gpp2", "video/3gpp2", iso("3g2c"), "3gpp mp4 audio"],
  ["b.weba", "audio/webm", "audio/webm", matroska("webm"), "matroska"],
  ["b.mka", "audio/x-matroska", "audio/x-matroska", matroska("matroska"), "matroska"],
  ["b.mpg", "video/mpeg", "video/mpeg", latin1("\0\0\x01\xba\x44\0\x04\0"), "mpeg"],
  ["b.mp3", "audio/mp3", "audio/mpeg", latin1("\xff\xfb\x90\x64"), "mp3"],
  ["c.mp3", "audio/mpeg", "audio/mpeg", latin1("\xff\xe3\x18\xc4"), "mp3"],
  ["b.aac", "audio/aac", "audio/aac", latin1("\xff\xf1\x50\x80"), "aac"],
  ["b.ogg", "audio/ogg", "audio/ogg", ogg("\x01vorbis"), "ogg"],
  ["b.ogx", "application/ogg", "application/ogg", ogg("fishead\0"), "ogg"],
  ["b.pdf", "application/pdf", "application/pdf", latin1("%PDF-1.4\n%\xe2\xe3\n"), "pdf"],
  ["b.xls", "application/vnd.ms-excel", "application/vnd.ms-excel", cfb, "cfb excel-97 zip-office"],
  ["b.ppt", "application/vnd.ms-powerpoint", "application/vnd.ms-powerpoint", cfb, "cfb powerpoint-97 zip-office"],
  ["b.msi", "application/x-msi", "application/x-cfb", cfb, "cfb zip-office"],
  [
    "b.docx",
    "",
    `${openXml}.wordprocessingml.document`,
    zip("_rels/.rels", { name: "word/document.xml", content: "x".repeat(4100) }, "[Content_Types].xml"),
    "zip cfb word-97",
  ],
  [
    "b.xlsx",
    "",
    `${openXml}.spreadsheetml.sheet`,
    zip("docProps/app.xml", "docProps/core.xml", "xl/theme/theme1.xml"),
    "zip cfb word-97",
  ],
  [
    "b.pptx",
    "",
    `${openXml}.presentationml.presentation`,
    zip({ name: "ppt/presentation.xml", streamed: true }),
    "zip cfb word-97",
  ],
  ["b.ods", "", `${openDocument}.spreadsheet`, stated(`${openDocument}.spreadsheet`), "zip"],
  ["b.odp", "", `${openDocument}.presentation`, stated(`${openDocument}.presentation`), "zip"],
  ["b.ott", "", `${openDocument}.text-template`, stated(`${openDocument}.text-template`), "zip"],
  [
    "b.apk",
    "",
    "application/vnd.android.package-archive",
    zip("META-INF/MANIFEST.MF", { name: "classes.dex", streamed: true }),
    "zip",
  ],
  ["b.xpi", "application/x-xpinstall", "application/x-xpinstall", zip("META-INF/mozilla.sf", "manifest.json"), "zip"],
  ["b.key", "application/vnd.apple.keynote", "application/vnd.apple.keynote", zip("Index/Slide.iwa"), "zip"],
  ["b.zip", "application/x-zip-compressed", "application/zip", zip("word/", "word/list.txt"), "zip"],
  ["c.zip", "application/zip", "application/zip", latin1(`PK\x05\x06${"\0".repeat(18)}`), "zip"],
  ["b.gz", "application/gzip", "application/gzip", latin1("\x1f\x8b\x08\0\0\0"), "gzip svg"],
  ["b.7z", "application/x-7z-compressed", "application/x-7z-compressed", latin1("7z\xbc\xaf'\x1c\0\x04"), "7z"],
  ["b.rar", "application/vnd.rar", "application/vnd.rar", latin1("Rar!\x1a\x07\x01\0"), "rar"],
  ["c.rar", "application/x-rar", "application/vnd.rar", latin1("Rar!\x1a\x07\0"), "rar"],
  ["b.bz2", "application/x-bzip", "application/x-bzip2", latin1("BZh91AY&SY"), "bzip2"],
  ["b.xz", "application/x-xz", "application/x-xz", latin1("\xfd7zXZ\0\0\x04"), "xz"],
  ["b.zst", "application/zstd", "application/zstd", latin1("(\xb5/\xfd\x04\0"), "zstd"],
  ["b.tar", "application/x-tar", "application/x-tar", tar, "tar"],
  ["b.db", "", "application/vnd.sqlite3", latin1("SQLite format 3\0"), "sqlite"],
  ["b.wasm", "application/wasm", "application/wasm", latin1("\0asm\x01\0\0\0"), "wasm"],
  ["b", "", "application/x-elf", latin1("\x7fELF\x02\x01\x01\0"), "elf"],
  ["b.exe", "application/x-ms-dos-executable", "application/x-msdownload", latin1(`MZ\x90\0${"\0".repeat(60)}`), "exe"],
  ["b.woff2", "font/woff2", "font/woff2", latin1("wOF2\0\x01\0\0"), "woff2"],
  ["b.woff", "font/woff", "font/woff", latin1("wOFF\0\x01\0\0"), "woff"],
  // Debian's list takes the ending for a template of formulas.
  ["b.otf", `${openDocument}.formula-template`, "font/otf", latin1("OTTO\0\x0b\0\x80"), "ttf"],
  ["b.ttf", "font/ttf", "font/ttf", latin1("\0\x01\0\0\0\x0f\0\x80"), "ttf"],
  ["c.ttf", "font/ttf", "font/ttf", latin1("true\0\x0f\0\x80"), "ttf"],
  ["b.ttc", "font/collection", "font/collection", latin1("ttcf\0\x01\0\0"), "ttc"],
  ["b.glb", "model/gltf-binary", "model/gltf-binary", latin1("glTF\x02\0\0\0"), "glb"],
  ["b.txt", "text/plain", "text/plain", utf8("Grüße\n"), "text"],
  ["b.html", "text/html", "text/html", utf8("<!doctype html><p>"), "text"],
  ["b.xhtml", "application/xhtml+xml", "application/xhtml+xml", utf8("<!DOCTYPE html PUBLIC 'x'><html/>"), "text"],
  ["b.atom", "application/atom+xml", "application/atom+xml", utf8("<?xml version='1.0'?><feed/>"), "text"],
  ["b.mml", "application/mathml+xml", "application/mathml+xml", utf8("<math/>"), "text"],
  [
    "b.pot",
    "application/vnd.ms-powerpoint",
    "text/x-gettext-translation-template",
    utf8('msgid ""\n'),
    "text powerpoint-97",
  ],
  ["b.ts", "video/mp2t", "text/plain", utf8("export const a = 1;\n"), "text"],
  ["b.srt", "application/x-subrip", "application/x-subrip", utf8("1\n00:00:01,000 --> 00:00:02,000\nHi\n"), "text"],
  ["b.ics", "text/calendar", "text/calendar", utf8("BEGIN:VCALENDAR\r\n"), "text"],
]);
