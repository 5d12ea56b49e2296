/** What a client says a file is, against what it is. */
import { expect } from "vitest";
import { latin1, others, pictures, type Bytes } from "./support/contents.ts";
import { uploadDoors, type UploadDoor } from "./support/doors.ts";
import { across, suite } from "./support/suite.ts";
import { expectInert, expectRefused, readStoredFile } from "./support/verdicts.ts";
import { newCaller, openWorld, send } from "./support/world.ts";

const wide = openWorld();
const narrow = wide.beside({ FILE_API_TYPES: "image/png, image/jpeg" });

/** As whatever else the client may call the file. */
const declarations: readonly (readonly [type: string | undefined, fileName: string])[] = [
  ["image/png", "a.png"],
  ["image/jpeg", "a.jpg"],
  ["image/png; charset=utf-7", "a.png"],
  [undefined, "a.png"],
];

interface Claim {
  readonly bytes: Bytes;
  readonly type: string | undefined;
  readonly fileName: string;
}

const claims: readonly (readonly [string, Claim])[] = others.flatMap(([name, bytes]) =>
  declarations.map(
    ([type, fileName]) => [`${name} as ${type ?? "nothing"}, ${fileName}`, { bytes, type, fileName }] as const,
  ),
);

const partOf = ({ bytes, type, fileName }: Claim) => ({
  body: bytes,
  fileName,
  ...(type === undefined ? {} : { type }),
});

suite(
  "1 other files where pictures are taken",
  across(uploadDoors("narrow"), claims, async (door, claim) => {
    const answer = await send(narrow, door, newCaller(), [partOf(claim)]);
    expectRefused(door, answer, "file_type_mismatch", "file_type_not_allowed");
  }),
  { leavesNothing: true },
);

suite(
  "1 a good file does not carry in a second one",
  across(
    uploadDoors("narrow").filter(({ maxFiles }) => maxFiles > 1),
    others.map(([name, bytes]) => [name, bytes] as const),
    async (door, bytes) => {
      const [[type, body]] = pictures as [readonly [string, Bytes]];
      const parts = [
        { fileName: "a.png", type, body },
        { fileName: "b.png", type, body: bytes },
      ];
      const answer = await send(narrow, door, newCaller(), parts);
      expectRefused(door, answer, "file_type_mismatch", "file_type_not_allowed");
    },
  ),
  { leavesNothing: true },
);

const tricks: readonly string[] = [
  "image/png;charset=utf-7",
  "image/png; boundary=x; name=a.html",
  "IMAGE/PNG",
  "image/x-png",
  "image/png ; x=text/html",
  "application/octet-stream",
  "nonsense",
  "image/png, text/html",
];
suite(
  "1 a declaration's parameters and spelling are never stored",
  across(
    uploadDoors("wide"),
    tricks.map((type) => [type, type] as const),
    async (door, type) => {
      const [[, body]] = pictures as [readonly [string, Bytes]];
      const caller = newCaller();
      const answer = await send(wide, door, caller, [{ fileName: "a.png", type, body }]);
      const file = await readStoredFile(wide, door, caller, answer);
      expect(file.type).toBe("image/png");
      expect(file.key).toMatch(/\.png$/);
      const opened = await wide.ask(file.readUrl);
      expectInert(opened);
      expect(opened.headers.get("content-type")).toBe("image/png");
    },
  ),
);

/** Bytes that no signature is known of. */
const unknown = latin1("\x01\x02\x03\x04\xfe\xdc\xba\x98");
const claimed: readonly string[] = [
  "image/x-unknown",
  "video/x-unknown",
  "audio/x-unknown",
  "application/x-shockwave-flash",
  "application/x-php",
  "application/hta",
  "application/x-msdos-program",
  "application/vnd.ms-htmlhelp",
  "application/rss+xml",
  "model/vnd.mts",
  "multipart/related",
  "message/rfc822",
];
suite(
  "30 types that nothing proves are served inert, with an ending that means nothing",
  across(
    uploadDoors("wide"),
    claimed.map((type) => [type, type] as const),
    async (door, type) => {
      const caller = newCaller();
      const answer = await send(wide, door, caller, [{ fileName: "a.php", type, body: unknown }]);
      if (answer.status >= 400) return expectRefused(door, answer, "file_type_mismatch", "file_type_not_allowed");
      const file = await readStoredFile(wide, door, caller, answer);
      expect(file.key).toMatch(/\.bin$/);
      const opened = await wide.ask(file.readUrl);
      expectInert(opened);
      expect(opened.headers.get("content-disposition")).toMatch(/^attachment/);
    },
  ),
);

const wildcards = wide.beside({ FILE_API_TYPES: "image/*, video/*" });
const fileApi = uploadDoors("narrow").filter(({ isFileApi }) => isFileApi);
suite(
  "30 a wildcard lets nothing in that is only claimed",
  across<UploadDoor, string>(
    [...fileApi, ...uploadDoors("strict").filter(({ isFileApi }) => !isFileApi)],
    ["image/x-unknown", "image/svg", "image/vnd.wap.wbmp", "image/x-php", "image/x-icon2"].map((type) => [type, type]),
    async (door, type) => {
      const answer = await send(wildcards, door, newCaller(), [{ fileName: "a.png", type, body: unknown }]);
      expectRefused(door, answer, "file_type_mismatch", "file_type_not_allowed");
    },
  ),
  { leavesNothing: true },
);
