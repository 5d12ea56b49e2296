/** Forms that no browser writes, at every door that reads one. A refusal leaves nothing; what is taken is what was meant. */
import { expect } from "vitest";
import {
  BOUNDARY,
  pictureParts,
  queryDoors,
  uploadDoors,
  type Body,
  type Door,
  type UploadDoor,
} from "./support/doors.ts";
import { latin1 } from "./support/contents.ts";
import { picture } from "./support/doors.ts";
import { across, suite } from "./support/suite.ts";
import { expectRefused, readStoredFile } from "./support/verdicts.ts";
import { identify, knock, newCaller, openWorld } from "./support/world.ts";

const world = openWorld();
const doors: readonly Door[] = [...uploadDoors("narrow"), queryDoors.noteForm];

const content = String.fromCharCode(...picture);
const type = `multipart/form-data; boundary=${BOUNDARY}`;
const part = (headers: string, body = content) => `--${BOUNDARY}\r\n${headers}\r\n\r\n${body}\r\n`;
const disposition = (parameters: string, more = "\r\nContent-Type: image/png") =>
  `Content-Disposition: form-data${parameters}${more}`;
const file = part(disposition('; name="file"; filename="a.png"'));
const field = (name: string, value: string) => part(disposition(`; name="${name}"`, ""), value);
const end = `--${BOUNDARY}--\r\n`;

const bodyOf = (text: string, contentType = type): Body => ({ type: contentType, bytes: latin1(text) });

/** Refused by every reader of forms, before and after the files. */
const malformed: readonly (readonly [string, string])[] = [
  ["nothing", ""],
  ["only a line break", "\r\n"],
  ["no end", file],
  ["no end, one dash", `${file}--${BOUNDARY}-`],
  ["an end with something behind it", `${file}--${BOUNDARY}--x\r\n`],
  ["cut in the boundary", `${file}--${BOUNDARY.slice(0, 5)}`],
  ["cut in the headers", `--${BOUNDARY}\r\nContent-Disposition: form-da`],
  ["cut in the content", `--${BOUNDARY}\r\n${disposition('; name="file"; filename="a.png"')}\r\n\r\n\x89PNG`],
  ["another boundary", file.replaceAll(BOUNDARY, `${BOUNDARY}x`) + end.replace(BOUNDARY, `${BOUNDARY}x`)],
  ["a boundary in capitals", (file + end).replaceAll(BOUNDARY, BOUNDARY.toUpperCase())],
  ["no Content-Disposition", part("Content-Type: image/png") + end],
  [
    "two Content-Dispositions",
    part(`${disposition('; name="a"', "")}\r\n${disposition('; name="b"; filename="b"', "")}`) + end,
  ],
  ["two Content-Types", part(`${disposition('; name="file"; filename="a"')}\r\nContent-Type: text/html`) + end],
  ["attachment instead of form-data", part('Content-Disposition: attachment; name="file"; filename="a"') + end],
  ["no name", part(disposition('; filename="a.png"')) + end],
  ["a name twice", part(disposition('; name="a"; name="b"; filename="a.png"')) + end],
  ["a file name twice", part(disposition('; name="a"; filename="a.png"; filename="b.html"')) + end],
  ["filename* that is no UTF-8", part(disposition(`; name="a"; filename*=iso-8859-1''a`)) + end],
  ["filename* with broken escapes", part(disposition(`; name="a"; filename*=UTF-8''%ff%fe`)) + end],
  ["an open quote", part(disposition('; name="file; filename=a.png')) + end],
  ["a folded header", part(`Content-Disposition: form-data;\r\n name="file"; filename="a.png"`) + end],
  ["a blank before the colon", part('Content-Disposition : form-data; name="file"; filename="a.png"') + end],
  ["a header without a colon", part(`${disposition('; name="file"; filename="a"')}\r\nnonsense`) + end],
  ["NUL in a header", part(disposition('; name="fi\0le"; filename="a.png"')) + end],
  ["NUL in a file name", part(disposition('; name="file"; filename="a\0.png"')) + end],
  ["a carriage return in a header", part(disposition('; name="fi\rle"; filename="a.png"')) + end],
  ["headers in no UTF-8", part(disposition('; name="file"; filename="\xff\xfe.png"')) + end],
  ["base64", part(`${disposition('; name="file"; filename="a"')}\r\nContent-Transfer-Encoding: base64`) + end],
  [
    "quoted-printable",
    part(`${disposition('; name="file"; filename="a"')}\r\nContent-Transfer-Encoding: quoted-printable`) + end,
  ],
  ["a fault behind a good file", `${file}--${BOUNDARY}\r\nnonsense\r\n\r\nx\r\n${end}`],
  ["an end missing behind two fields", field("key", "k") + field("text", "t")],
  ["JSON under a form's type", '{"key":"k","text":"t"}'],
  ["a field that is no UTF-8", field("key", "\xff\xfe") + end],
];
suite(
  "8 malformed forms",
  across(doors, malformed, async (door, text) => {
    const answer = await knock(world, door, await identify(door.tokenIn, "ann"), { body: bodyOf(text) });
    // A door that takes no files may say so first.
    expectRefused(
      door,
      answer,
      "body_malformed",
      ...(door === queryDoors.noteForm ? (["payload_invalid"] as const) : []),
    );
  }),
  { leavesNothing: true },
);

const tooMuch: readonly (readonly [string, string])[] = [
  ["1,001 fields", Array.from({ length: 1001 }, (_, at) => field(`f${at}`, "")).join("") + end],
  ["ten thousand empty parts", part(disposition('; name="a"', ""), "").repeat(10_000) + end],
  ["headers of 9 KiB", part(`${disposition('; name="file"; filename="a"')}\r\nX-Long: ${"x".repeat(9000)}`) + end],
  ["a thousand headers", part(`${disposition('; name="file"; filename="a"')}${"\r\nX-Many: x".repeat(1000)}`) + end],
  ["a header that never ends", `--${BOUNDARY}\r\nX-Long: ${"x".repeat(100_000)}`],
  ["a name of 2,000 bytes", part(disposition(`; name="${"n".repeat(2000)}"; filename="a"`)) + end],
  ["a file name of 2,000 bytes", part(disposition(`; name="file"; filename="${"n".repeat(2000)}"`)) + end],
  ["a field of 64 KiB and a byte", field("key", "x".repeat(65_537)) + end],
  ["a field of a mebibyte", field("key", "x".repeat(1_048_576)) + end],
];
suite(
  "8 forms with too much of something",
  across(doors, tooMuch, async (door, text) => {
    const answer = await knock(world, door, await identify(door.tokenIn, "ann"), { body: bodyOf(text) });
    expectRefused(
      door,
      answer,
      "body_too_large",
      ...(door === queryDoors.noteForm ? (["payload_invalid"] as const) : []),
    );
  }),
  { leavesNothing: true },
);

const contentTypes: readonly string[] = [
  "multipart/form-data",
  "multipart/form-data; boundary=",
  'multipart/form-data; boundary=""',
  `multipart/form-data; boundary=${"x".repeat(71)}`,
  "multipart/form-data; boundary=a b",
  `multipart/form-data; boundary=${BOUNDARY}; boundary=x`,
  `multipart/form-data, boundary=${BOUNDARY}`,
  `multipart/mixed; boundary=${BOUNDARY}`,
  `multipart/form-data-x; boundary=${BOUNDARY}`,
  `multipart/related; boundary=${BOUNDARY}`,
  "application/x-www-form-urlencoded",
  "text/plain",
  "image/png",
  "application/octet-stream",
  "application/xml",
  `text/html; boundary=${BOUNDARY}`,
  "application/jsonp",
];
suite(
  "8 content types of no form",
  across(
    doors,
    contentTypes.map((text) => [text.slice(0, 70), text]),
    async (door, contentType) => {
      const body = bodyOf(file + end, contentType);
      const answer = await knock(world, door, await identify(door.tokenIn, "ann"), { body });
      // Where a body may be the file itself, its bytes are no picture.
      const asFile = "isRaw" in door && door.isRaw ? (["file_type_not_allowed", "file_type_mismatch"] as const) : [];
      expectRefused(door, answer, "content_type_unsupported", "body_malformed", ...asFile);
    },
  ),
  { leavesNothing: true },
);

/** Odd but right: one picture is stored, with these bytes and no others. */
const odd: readonly (readonly [string, string])[] = [
  ["a preamble", `ignore me\r\n${file}${end}`],
  [
    "an epilogue",
    `${file}${end}--${BOUNDARY}\r\n${disposition('; name="x"; filename="b.html"')}\r\n\r\n<script>\r\n${end}`,
  ],
  ["padding behind the boundary", file.replace(BOUNDARY, `${BOUNDARY} \t`) + end],
  ["a look-alike boundary before", field("a", `x\r\n--${BOUNDARY}x`) + file + end],
  ["a boundary of another length before", field("a", `\r\n--${BOUNDARY.slice(0, -1)}`) + file + end],
  [
    "an inner form as a field",
    field("a", "\r\n--inner\r\nContent-Disposition: form-data; name=b; filename=c\r\n\r\ny\r\n--inner--") + file + end,
  ],
  ["an empty field name", part(disposition('; name=""; filename="a.png"')) + end],
  ["a numeric field name", part(disposition('; name="0"; filename="a.png"')) + end],
  ["a nested field name", part(disposition('; name="a[b][c]"; filename="a.png"')) + end],
  ["a prototype's field name", part(disposition('; name="__proto__"; filename="a.png"')) + end],
  [
    "fields of a prototype",
    field("__proto__", "x") + field("constructor", "x") + field("__proto__.x", "y") + file + end,
  ],
  ["filename* beside filename", part(disposition(`; name="file"; filename="a.html"; filename*=UTF-8''b.png`)) + end],
  ["file name without quotes", part(disposition("; name=file; filename=a.png")) + end],
  [
    "headers in capitals",
    part('CONTENT-DISPOSITION: FORM-DATA; NAME="file"; FILENAME="a.png"\r\nCONTENT-TYPE: image/png') + end,
  ],
  [
    "headers nobody knows",
    part(`${disposition('; name="file"; filename="a.png"')}\r\nX-Evil: ../../x\r\nContent-Length: 1`) + end,
  ],
  ["an empty file field beside it", part(disposition('; name="x"; filename=""', ""), "") + file + end],
  ["999 fields", Array.from({ length: 999 }, (_, at) => field(`f${at}`, "x")).join("") + file + end],
];
suite(
  "8 odd forms",
  across<UploadDoor, string>(uploadDoors("narrow"), odd, async (door, text) => {
    const caller = newCaller();
    const answer = await knock(world, door, await identify(door.tokenIn, caller), { body: bodyOf(text) });
    const stored = await readStoredFile(world, door, caller, answer);
    expect(stored.type).toBe("image/png");
    const opened = await world.ask(stored.readUrl);
    expect(opened.bytes).toEqual(pictureParts[0]?.body);
  }),
);

const tooMany: readonly (readonly [string, number])[] = [
  ["one file more than is taken", 1],
  ["many files more", 20],
];
suite(
  "8 too many files",
  across<UploadDoor, number>(uploadDoors("narrow"), tooMany, async (door, more) => {
    const body = bodyOf(file.repeat(door.maxFiles + more) + end);
    const answer = await knock(world, door, await identify(door.tokenIn, "ann"), { body });
    expectRefused(door, answer, "too_many_files");
  }),
  { leavesNothing: true },
);
