/** Every kind of file under every declaration: a list of families, written by hand, says which pairs contradict. */
import { describe, expect, test } from "vitest";
import { chosenFiles, latin1, otherFiles, type FileKind } from "../../../support/file-kinds.ts";
import { allowedType, detectMediaType } from "../../../../src/runtime/media/media-type.ts";

const files = [...chosenFiles, ...otherFiles];

const openXml = "application/vnd.openxmlformats-officedocument";

/** What is declared, by the family that it means; a file of another family refutes it. */
const declarations: Readonly<Record<string, readonly string[]>> = {
  png: ["image/png"],
  jpeg: ["image/jpeg"],
  gif: ["image/gif"],
  webp: ["image/webp"],
  heif: ["image/avif", "image/heic", "image/heif"],
  jxl: ["image/jxl"],
  bmp: ["image/bmp"],
  tiff: ["image/tiff", "image/x-adobe-dng", "image/x-nikon-nef", "image/x-canon-cr2"],
  orf: ["image/x-olympus-orf"],
  rw2: ["image/x-panasonic-rw2"],
  raf: ["image/x-fuji-raf"],
  psd: ["image/vnd.adobe.photoshop"],
  mp4: ["video/mp4"],
  audio: ["audio/mp4"],
  quicktime: ["video/quicktime"],
  "3gpp": ["video/3gpp", "audio/3gpp"],
  matroska: ["video/webm", "video/x-matroska", "audio/webm"],
  avi: ["video/x-msvideo"],
  mpeg: ["video/mpeg"],
  ogg: ["audio/ogg", "video/ogg", "application/ogg"],
  mp3: ["audio/mpeg"],
  wav: ["audio/wav"],
  flac: ["audio/flac"],
  pdf: ["application/pdf"],
  rtf: ["application/rtf"],
  cfb: ["application/x-cfb"],
  "word-97": ["application/msword"],
  "excel-97": ["application/vnd.ms-excel"],
  zip: [
    "application/zip",
    "application/java-archive",
    "application/vnd.android.package-archive",
    "application/epub+zip",
  ],
  "zip-office": [
    `${openXml}.wordprocessingml.document`,
    `${openXml}.spreadsheetml.sheet`,
    "application/vnd.ms-excel.sheet.macroEnabled.12",
  ],
  gzip: ["application/gzip"],
  tar: ["application/x-tar"],
  rar: ["application/vnd.rar"],
  wasm: ["application/wasm"],
  exe: ["application/x-msdownload"],
  ttf: ["font/ttf", "font/otf"],
  svg: ["image/svg+xml"],
  text: [
    "text/plain",
    "text/csv",
    "text/html",
    "application/json",
    "application/xml",
    "text/x-python",
    "text/javascript",
  ],
};
/** What means nothing to this runtime refutes nothing and is refuted by nothing. */
const silent = [
  "",
  "application/octet-stream",
  "binary/octet-stream",
  "application/force-download",
  "multipart/form-data",
  "image/*",
  "*/*",
  "application/x-nobody-knows",
  "nonsense",
];
/** A family that is part of another one. */
const parts: Readonly<Record<string, readonly string[]>> = {
  zip: ["zip-office"],
  cfb: ["word-97", "excel-97", "powerpoint-97"],
  text: ["svg"],
};

const fits = ({ families }: FileKind, family: string): boolean =>
  families.some((own) => own === family || parts[own]?.includes(family));

test("as many as were asked for", () => {
  expect(chosenFiles).toHaveLength(65);
  expect(files.length).toBeGreaterThanOrEqual(100);
  expect(Object.values(declarations).flat().length + silent.length).toBeGreaterThanOrEqual(60);
});

describe.each(files.map((file) => [file.name, file] as const))("%s", (_, file) => {
  test("is stored as what it is under its own declaration, and refuted by no silent one", () => {
    const detected = detectMediaType(file.bytes, file.declared, file.name);
    expect(detected).toMatchObject({ type: file.type, contradicted: false });
    expect(allowedType(detected, ["*/*"])).toBe(file.type);
    const refuting = silent.filter((claim) => detectMediaType(file.bytes, claim, file.name).contradicted);
    expect(refuting).toEqual([]);
  });

  test("refutes exactly the types of other families", () => {
    const claims = Object.entries(declarations).flatMap(([family, types]) =>
      types.map((type) => [family, type] as const),
    );
    const refuted = claims.filter(([, type]) => detectMediaType(file.bytes, type, file.name).contradicted);
    expect(refuted).toEqual(claims.filter(([family]) => !fits(file, family)));
  });
});

test("no file comes in under a list by what it is only declared as", () => {
  const wider = new Set<string>();
  for (const file of files) {
    const bare = detectMediaType(file.bytes, null, "a");
    for (const declared of Object.values(declarations).flat()) {
      const alone = allowedType(detectMediaType(file.bytes, declared, "a"), [declared.toLowerCase()]);
      if (alone !== null && alone !== bare.type && !bare.broader.includes(alone)) wider.add(alone);
    }
  }
  // Sound in a video's container, old office documents, pictures in one container, text of which the client says what it
  // is, XML without its declaration, and a PDF behind other bytes.
  expect([...wider].toSorted()).toEqual([
    "application/json",
    "application/msword",
    "application/ogg",
    "application/pdf",
    "application/vnd.ms-excel",
    "application/xml",
    "audio/3gpp",
    "audio/mp4",
    "audio/webm",
    "image/avif",
    "image/heic",
    "image/heif",
    "text/csv",
    "video/ogg",
  ]);
});

test("a PDF behind others is one for who says so, and never behind markup", () => {
  const late = latin1("\x01junk\n%PDF-1.7");
  expect(detectMediaType(late, "application/pdf", "a").type).toBe("application/pdf");
  expect(detectMediaType(late, null, "a").type).toBe("application/octet-stream");
  const page = detectMediaType(latin1("<script>/*%PDF-1.7*/</script>"), "application/pdf", "a.pdf");
  expect(page).toMatchObject({ type: "text/html", contradicted: true });
});
