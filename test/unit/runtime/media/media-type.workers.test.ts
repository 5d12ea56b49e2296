import { describe, expect, test } from "vitest";
import { mediaTypes } from "../../../../src/contract/media-types.ts";
import { latin1, zip } from "../../../support/file-kinds.ts";
import { extensionOf } from "../../../../src/runtime/media/extension.ts";
import { allowedType, canonicalType, detectMediaType, isListed } from "../../../../src/runtime/media/media-type.ts";

const utf8 = (text: string) => new TextEncoder().encode(text);

const png = latin1("\x89PNG\r\n\x1a\n\0\0\0\rIHDR");
const jpeg = latin1("\xff\xd8\xff\xe0\0\x10JFIF\0");
const mp4 = latin1("\0\0\0\x18ftypisom\0\0\x02\0isomiso2");
const docx = zip("[Content_Types].xml", "word/document.xml");
const svg = utf8('<?xml version="1.0"?>\n<!-- a <b> --><svg xmlns="http://www.w3.org/2000/svg"><script/></svg>');
const html = utf8("\ufeff \n<!DOCTYPE html><script>alert(1)</script>");

describe("type from content", () => {
  test.each<[string, Uint8Array, string | null, string, string, boolean]>([
    ["png", png, "image/png", "a.png", "image/png", false],
    ["png without declaration", png, null, "a", "image/png", false],
    ["png as octet-stream", png, "application/octet-stream", "a", "image/png", false],
    ["png named and declared jpeg", png, "image/jpeg", "a.jpg", "image/png", true],
    ["declaration with parameters", png, "IMAGE/PNG;charset=utf-8", "a", "image/png", false],
    ["jpeg by its old name", jpeg, "image/jpg", "a.jpg", "image/jpeg", false],
    ["html as png", html, "image/png", "a.png", "text/html", true],
    ["html as text", html, "text/plain", "a.txt", "text/html", false],
    ["svg", svg, "image/svg+xml", "a.svg", "image/svg+xml", false],
    ["svg as png", svg, "image/png", "a.png", "image/svg+xml", true],
    ["svg with a prefix", utf8("<x:svg xmlns:x='http://www.w3.org/2000/svg'/>"), null, "a", "image/svg+xml", false],
    ["svg after a doctype", utf8("<!DOCTYPE svg PUBLIC 'a' 'b'>\n<svg/>"), null, "a", "image/svg+xml", false],
    ["svg after a comment", utf8("<!-- drawn by hand --><svg/>"), "image/svg+xml", "a.svg", "image/svg+xml", false],
    ["html after a comment", utf8("<!-- saved --><html><svg/></html>"), null, "a", "text/html", false],
    ["html with a drawing", utf8("<!doctype html><svg/>"), "image/svg+xml", "a.svg", "text/html", false],
    [
      "xhtml",
      utf8("<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'/>"),
      "text/plain",
      "a",
      "application/xhtml+xml",
      false,
    ],
    ["xml", utf8("<?xml version='1.0'?><sheet/>"), "text/xml", "a", "application/xml", false],
    ["mp4", mp4, "video/mp4", "a.mp4", "video/mp4", false],
    ["mp4 with sound only", mp4, "audio/mp4", "a.m4a", "audio/mp4", false],
    ["mp4 as webm", mp4, "video/webm", "a.webm", "video/mp4", true],
    ["docx", docx, null, "a", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", false],
    [
      "docx as zip",
      docx,
      "application/x-zip-compressed",
      "a",
      "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
      false,
    ],
    [
      "zip as docx",
      latin1("PK\x03\x04abc"),
      "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
      "a.docx",
      "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
      false,
    ],
    ["csv", utf8("a,b\n1,2"), "text/csv", "a.csv", "text/csv", false],
    ["csv from Windows with Excel", utf8("a,b\n1,2"), "application/vnd.ms-excel", "a.CSV", "text/csv", false],
    ["csv by its name", utf8("a,b\n1,2"), "application/octet-stream", "a.csv", "text/csv", false],
    ["json", utf8(' {"a": 1}'), "application/json", "a.json", "application/json", false],
    ["json that is none", utf8("hello"), "application/json", "a.json", "text/plain", false],
    ["text", utf8("Grüße"), null, "a", "text/plain", false],
    ["text cut inside a character", utf8("Grüße").subarray(0, 3), "text/plain", "a", "text/plain", false],
    ["bytes as text", Uint8Array.of(1, 2, 0, 255), "text/plain", "a.txt", "application/octet-stream", true],
    ["bytes as png", Uint8Array.of(1, 2, 0, 255), "image/png", "a.png", "application/octet-stream", true],
    ["unknown bytes", Uint8Array.of(1, 2, 0, 255), null, "a", "application/octet-stream", false],
    ["bytes as script", utf8("/*\x01*/alert(1)"), "application/javascript", "a.js", "application/octet-stream", true],
    ["text that starts like a program", utf8("MZ is a band"), "text/plain", "a.txt", "text/plain", false],
    ["text that starts like a sound", utf8("ID3 tags"), "text/plain", "a.txt", "text/plain", false],
  ])("%s", (_, head, declared, name, type, contradicted) => {
    expect(detectMediaType(head, declared, name)).toMatchObject({ type, contradicted, claimed: false });
  });

  const unknown = Uint8Array.of(1, 2, 0, 255);

  test.each([
    "model/stl",
    "image/html",
    "image/svg+html",
    "application/vnd.example+xml",
    "image/x-unknown",
    "video/x-unknown",
    "application/x-httpd-php",
    `video/${"a".repeat(127)}`,
  ])("unknown bytes are %s only by the client's word", (claim) => {
    expect(detectMediaType(unknown, claim, "a.png")).toMatchObject({ type: claim, contradicted: false, claimed: true });
    expect(extensionOf(claim)).toBe("bin");
  });

  test.each([
    "image/png",
    "video/mp4",
    "application/zip",
    "text/html",
    "text/x-unknown",
    "image/svg+xml",
    "application/json",
    "application/yaml",
    "application/x-javascript",
  ])("unknown bytes are not %s", (claim) => {
    const opaque = { type: "application/octet-stream", contradicted: true, claimed: false };
    expect(detectMediaType(unknown, claim, "a.png")).toMatchObject(opaque);
  });

  test.each([
    "image/*",
    "*/*",
    "image/",
    "image",
    "image/a b",
    "image/é",
    "image/../html",
    `video/${"a".repeat(128)}`,
    `video/${"a".repeat(200)}`,
    "binary/octet-stream",
    "application/force-download",
    "multipart/form-data",
  ])("%s says nothing", (claim) => {
    const opaque = { type: "application/octet-stream", contradicted: false, claimed: false };
    expect(detectMediaType(unknown, claim, "a.png")).toMatchObject(opaque);
    expect(detectMediaType(png, claim, "a.png")).toMatchObject({ type: "image/png", contradicted: false });
  });

  test.each<[string, Uint8Array, string]>([
    ["UTF-16", latin1("\xff\xfeH\0i\0"), "UTF-16"],
    ["UTF-16, the other order", latin1("\xfe\xff\0H\0i"), "UTF-16"],
    ["windows-1252", latin1("name;city\nJos\xe9;K\xf6ln\n"), "an encoding of 8 bits, such as windows-1252"],
  ])("text in %s is bytes, and its encoding is named", (_, head, encoding) => {
    const opaque = { type: "application/octet-stream", contradicted: false, encoding };
    for (const claim of [null, "text/csv", "text/html", "application/xml"]) {
      expect(detectMediaType(head, claim, "a.csv")).toMatchObject(opaque);
    }
    expect(detectMediaType(head, "image/png", "a.csv").contradicted).toBe(true);
  });

  const openXml = "application/vnd.openxmlformats-officedocument";
  const apk = "application/vnd.android.package-archive";

  test.each<[string, Uint8Array, string | null, string[], string | null]>([
    ["an APK that is called a sheet", zip("AndroidManifest.xml"), `${openXml}.spreadsheetml.sheet`, ["*/*"], apk],
    [
      "an APK that is called a sheet, where ZIPs come in",
      zip("AndroidManifest.xml", "xl/workbook.xml"),
      `${openXml}.spreadsheetml.sheet`,
      [`${openXml}.spreadsheetml.sheet`, "application/zip"],
      null,
    ],
    ["any ZIP that is called a book", zip("a"), "application/vnd.apple.pages", ["application/vnd.apple.pages"], null],
    ["the same beside ZIP", zip("a"), "application/vnd.apple.pages", ["application/*"], "application/vnd.apple.pages"],
    [
      "a JAR that is called ZIP",
      zip("META-INF/MANIFEST.MF"),
      "application/zip",
      ["application/zip"],
      "application/zip",
    ],
    ["a JAR of which nothing is said", zip("META-INF/MANIFEST.MF"), null, ["application/zip"], "application/zip"],
    [
      "a JAR that is called KMZ",
      zip("META-INF/MANIFEST.MF"),
      "application/vnd.google-earth.kmz",
      ["application/zip"],
      null,
    ],
    ["a map called XML", utf8("<?xml version='1.0'?><kml/>"), "text/xml", ["application/xml"], "application/xml"],
    ["a drawing called XML", utf8("<?xml version='1.0'?><svg/>"), "text/xml", ["application/xml"], null],
    ["a page called text", html, "text/plain", ["text/plain"], null],
    ["SQL by its own name", utf8("SELECT 1"), "application/sql", ["application/sql"], null],
    ["SQL beside text", utf8("SELECT 1"), "application/sql", ["application/sql", "text/*"], "application/sql"],
    ["a page called Markdown", html, "text/markdown", ["text/markdown", "text/plain"], null],
    ["Markdown with a tag, of which nothing is said", utf8("<p>a"), null, ["text/plain"], null],
  ])("%s", (_, head, declared, list, stored) => {
    expect(allowedType(detectMediaType(head, declared, "README.md"), list)).toBe(stored);
  });

  test.each(["<!--mdat--><script>1</script>", "<!--ftypisom--><script>1</script>"])("%s is no movie", (page) => {
    for (const claim of ["video/quicktime", "video/mp4"]) {
      expect(detectMediaType(utf8(page), claim, "a.mov")).toMatchObject({ type: "text/plain", contradicted: true });
    }
  });

  test("entries inside an entry are not the archive's", () => {
    const inner = String.fromCharCode(...zip("AndroidManifest.xml"));
    expect(detectMediaType(zip({ name: "inner.zip", content: inner }), null, "a").type).toBe("application/zip");
  });

  test("a ZIP whose sizes lie ends the search", () => {
    const lies = [zip("a", "b"), zip({ name: "a", streamed: true }, "b")].map((bytes) => bytes.fill(0xff, 18, 30));
    for (const head of [...lies, latin1("PK\x03\x04".repeat(1024)), latin1("PK\x03\x04")]) {
      expect(detectMediaType(head, null, "a").type).toBe("application/zip");
    }
  });

  test.each([
    ["GIF89a..", "image/gif", "gif"],
    ["RIFF\x10\0\0\0WEBPVP8 ", "image/webp", "webp"],
    ["\0\0\0\x1cftypavif\0\0\0\0", "image/avif", "avif"],
    ["\0\0\0\x18ftypheic\0\0\0\0", "image/heic", "heic"],
    ["\0\0\0\x14ftypqt  \0\0\0\0", "video/quicktime", "mov"],
    ["\x1aE\xdf\xa3\x9fB\x86\x81\x01B\x82\x84webm", "video/webm", "webm"],
    ["%PDF-1.7\n", "application/pdf", "pdf"],
    ["ID3\x04\0\0", "audio/mpeg", "mp3"],
    ["OggS\0", "audio/ogg", "ogg"],
    ["\x1f\x8b\x08\0", "application/gzip", "gz"],
    ["wOF2\0", "font/woff2", "woff2"],
    [`PK\x03\x04${"\0".repeat(26)}mimetypeapplication/epub+zip`, "application/epub+zip", "epub"],
  ])("%j is %s", (head, type, extension) => {
    expect(detectMediaType(latin1(head), null, "x").type).toBe(type);
    expect(extensionOf(type)).toBe(extension);
  });
});

test.each<[string, string[], boolean]>([
  ["image/png", ["image/png"], true],
  ["image/png", ["image/*"], true],
  ["image/png", ["*/*"], true],
  ["image/png", ["image/jpeg", "video/*"], false],
  ["image/jpeg", ["image/jpg"], true],
  ["image/svg+xml", ["image/*"], false],
  ["image/svg+xml", ["image/svg+xml"], true],
  ["text/csv", ["text/*"], true],
  ["imagex/png", ["image/*"], false],
])("%s under %j: %s", (type, patterns, allowed) => {
  expect(isListed(type, patterns)).toBe(allowed);
});

test.each<[string, string[], boolean]>([
  ["image/html", ["image/*"], false],
  ["video/x-unknown", ["image/*", "video/*"], false],
  ["application/x-httpd-php", ["application/*"], false],
  ["model/stl", ["model/*"], false],
  ["model/stl", ["model/*", "model/stl"], true],
  ["model/stl", ["*/*"], true],
])("a mere claim of %s under %j: %s", (type, patterns, allowed) => {
  expect(isListed(type, patterns, true)).toBe(allowed);
});

test.each([...mediaTypes.keys()])("%s, which bytes show, has an extension", (type) => {
  expect(extensionOf(type)).toMatch(/^(?!bin$)[a-z0-9]{1,8}$/);
});

test("an unknown type's extension is bin", () => {
  expect(extensionOf("application/octet-stream")).toBe("bin");
  expect(extensionOf("application/vnd.evil/../x")).toBe("bin");
  expect(canonicalType(" Audio/MP3 ; x=1")).toBe("audio/mpeg");
});
