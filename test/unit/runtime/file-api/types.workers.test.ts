/** What the file API takes where nothing is said: what people keep, and nothing that is run or opened as a page. */
import { expect, test } from "vitest";
import { zip as zipOf } from "../../../support/file-kinds.ts";
import { createCaller, type FormPart } from "../../../support/app.ts";
import { readStored, useFreshStorage } from "../../../support/database.ts";
import { dataOf, expectRefusal, red, UPLOADED, user } from "./support.ts";

useFreshStorage();

/** As in the signatures' own table: one byte per character. */
const bytes = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
const part = (fileName: string, body: string, type?: string): FormPart => ({
  name: "file",
  fileName,
  body: bytes(body),
  ...(type === undefined ? {} : { type }),
});
const zip = (text: string) => `PK\u0003\u0004${" ".repeat(26)}${text}`;
const office = (folder: string) => String.fromCharCode(...zipOf("[Content_Types].xml", `${folder}/document.xml`));
const openXml = "application/vnd.openxmlformats-officedocument";
const openDocument = "application/vnd.oasis.opendocument";
const compound = "\u00d0\u00cf\u0011\u00e0\u00a1\u00b1\u001a\u00e1";

test.each<readonly [type: string, part: FormPart]>([
  ["image/png", red],
  ["image/jpeg", part("a.jpg", "\u00ff\u00d8\u00ff\u00e0")],
  ["image/heic", part("a.heic", "\0\0\0\u0018ftypheic\0\0\0\0")],
  ["audio/mpeg", part("a.mp3", "ID3\u0004\0\0")],
  ["video/mp4", part("a.mp4", "\0\0\0\u0018ftypisom\0\0\0\0")],
  ["application/pdf", part("a.pdf", "%PDF-1.7\n")],
  ["text/plain", part("a.txt", "A letter.\n")],
  ["text/csv", part("a.csv", "a,b\n1,2\n")],
  ["application/json", part("a.json", '{"a": 1}')],
  ["application/zip", part("a.zip", zip("a.txt"))],
  ["application/rtf", part("a.rtf", "{\\rtf1}")],
  ["application/msword", part("a.doc", compound, "application/msword")],
  ["application/vnd.ms-excel", part("a.xls", compound, "application/vnd.ms-excel")],
  ["application/vnd.ms-powerpoint", part("a.ppt", compound, "application/vnd.ms-powerpoint")],
  [`${openXml}.wordprocessingml.document`, part("a.docx", office("word"))],
  [`${openXml}.spreadsheetml.sheet`, part("a.xlsx", office("xl"))],
  [`${openXml}.presentationml.presentation`, part("a.pptx", office("ppt"))],
  [`${openDocument}.text`, part("a.odt", zip(`mimetype${openDocument}.text`))],
  [`${openDocument}.spreadsheet`, part("a.ods", zip(`mimetype${openDocument}.spreadsheet`))],
  [`${openDocument}.presentation`, part("a.odp", zip(`mimetype${openDocument}.presentation`))],
])("%s is taken", async (type, file) => {
  expect((await dataOf(await user("ann").upload([file]), UPLOADED)).type).toBe(type);
});

const svg = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>';

const refused: readonly (readonly [type: string, part: FormPart])[] = [
  ["text/html", part("a.html", "<!doctype html><script>alert(1)</script>", "text/html")],
  ["text/html", part("letter.txt", "<!doctype html><script>alert(1)</script>")],
  ["image/svg+xml", part("a.svg", svg, "image/svg+xml")],
  ["image/svg+xml", part("a.png", svg)],
  [
    "application/xhtml+xml",
    part("a.xhtml", '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"/>', "application/xhtml+xml"),
  ],
  ["application/xml", part("a.xml", "<?xml version='1.0'?><a/>", "application/xml")],
  ["application/x-msdownload", part("a.exe", `MZ${"\0".repeat(62)}`)],
  ["application/x-elf", part("a", "\u007fELF\u0002")],
  ["application/wasm", part("a.wasm", "\0asm\u0001\0\0\0")],
  ["application/x-cfb", part("a.msi", compound)],
  ["application/vnd.sqlite3", part("a.db", "SQLite format 3\0")],
  ["application/octet-stream", part("a.bin", "\u0001\u0002\u0003\u0004")],
];

test.each(refused)("%s is not", async (type, file) => {
  const problem = await expectRefusal(await user("ann").upload([file]), 415, "file_type_not_allowed");
  expect(problem["detected_type"]).toBe(type);
  expect(await readStored()).toMatchObject({ objects: [], files: [] });
});

test("FILE_API_TYPES takes the default's place: */* is everything", async () => {
  const open = user("ann", createCaller([], { FILE_API_TYPES: "*/*" }));
  for (const [type, file] of refused) expect((await dataOf(await open.upload([file]), UPLOADED)).type).toBe(type);
});
