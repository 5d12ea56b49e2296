/** What attackers try at the other doors, tried at those where files come in pieces; and at the uploads' own addresses. */
import { expect } from "vitest";
import { CHUNK, VERSION } from "../../support/tus.ts";
import { others, pictures } from "./support/contents.ts";
import { append, create, pathOf, piecesDoors, sendInPieces, type PiecesDoor } from "./support/pieces.ts";
import { across, named, suite, type Check } from "./support/suite.ts";
import { expectInert, expectRefused, readStoredFile } from "./support/verdicts.ts";
import { carry, identify, newCaller, openWorld, wire } from "./support/world.ts";
import { token } from "../../support/app.ts";

const world = openWorld({ FILE_API_MAX_BYTES: "262144" });
const narrowWorld = world.beside({ FILE_API_TYPES: "image/png, image/jpeg" });
const narrow = piecesDoors("narrow");
const wide = piecesDoors("wide");
const [[pictureType, picture] = ["", new Uint8Array()]] = pictures;

const declarations = [
  ["image/png", "a.png"],
  ["image/jpeg", "a.jpg"],
  ["image/png; charset=utf-7", "a.png"],
  [undefined, "a.png"],
] as const;

suite(
  "1 other files where pictures are taken, in pieces",
  across(
    narrow,
    others.flatMap(([name, bytes]) =>
      declarations.map(
        ([type, fileName]) => [`${name} as ${type ?? "nothing"}, ${fileName}`, { bytes, type, fileName }] as const,
      ),
    ),
    async (door, file) => {
      const answer = await sendInPieces(narrowWorld, door, newCaller(), file);
      expectRefused(door, answer, "file_type_mismatch", "file_type_not_allowed");
    },
  ),
  { leavesNothing: true },
);

suite(
  "2 active files, in pieces",
  across(
    wide,
    others.map(([name, bytes]) => [name, bytes] as const),
    async (door, bytes) => {
      const caller = newCaller();
      for (const type of ["text/html", "image/svg+xml", undefined]) {
        const answer = await sendInPieces(world, door, caller, { bytes, type, fileName: "a.html" });
        if (answer.status >= 400) {
          expectRefused(door, answer, "file_type_mismatch", "file_type_not_allowed");
          continue;
        }
        const file = await readStoredFile(world, door, caller, answer);
        expectInert(await world.ask(file.readUrl));
      }
    },
  ),
);

const names: readonly string[] = [
  "../../etc/passwd",
  "..\\..\\windows\\system.ini",
  "/absolute.png",
  "a\u0000.png",
  "a\r\nSet-Cookie: a=b.png",
  "\u202egnp.exe",
  ".",
  "..",
  " ",
  "__proto__",
  "x".repeat(400),
  "ü".repeat(300),
  "a.png/../../b",
];

// oxlint-disable-next-line no-control-regex
const unsafe = /[\u0000-\u001f\u007f-\u009f\u200b\u2028-\u202e\u2066-\u2069\ufeff/\\]/;

suite(
  "4 names, in pieces",
  across(wide, named(names), async (door, fileName) => {
    const caller = newCaller();
    const answer = await sendInPieces(world, door, caller, { bytes: picture, fileName });
    const file = await readStoredFile(world, door, caller, answer);
    expect(file.key).toMatch(door.keyOf(caller));
    expect(file.name).not.toMatch(unsafe);
    expect(new TextEncoder().encode(file.name).length).toBeLessThanOrEqual(255);
    expectInert(await world.ask(file.readUrl));
  }),
);

/** An upload of Ann's, of which half has come. */
async function annsUpload(door: PiecesDoor): Promise<string> {
  const created = await create(world, door, "ann", { bytes: picture, fileName: "a.png", type: pictureType });
  const path = pathOf(created);
  expect((await append(world, door, "ann", path, 0, picture.subarray(0, 20))).status).toBe(204);
  return path;
}

/** It goes on, whatever was asked of it. */
const expectWhole = async (door: PiecesDoor, path: string) =>
  expect((await append(world, door, "ann", path, 20, picture.subarray(20))).status).toBe(200);

const methods = ["HEAD", "GET", "PATCH", "DELETE"] as const;
const ask = async (method: string, path: string, proof: Readonly<Record<string, string>>) =>
  world.ask(path, {
    method,
    headers: { ...(method === "PATCH" ? { ...CHUNK, "upload-offset": "20" } : VERSION), ...proof },
    ...(method === "PATCH" ? { body: picture.slice(20) } : {}),
  });

const forged: readonly (readonly [string, () => Promise<string>])[] = [
  ["expired", () => token({ id: "ann" }, { expires: -60 })],
  ["for ever", () => token({ id: "ann" }, { expires: null })],
  ["of another key", () => token({ id: "ann" }, { secret: "another-secret-of-at-least-32-bytes!!!" })],
  ["of nobody", () => token({})],
  ["of a list", () => token({ id: ["ann"] })],
  ["none", async () => ""],
];

/** Where the upload is not, written in place of what stands before its id. */
const elsewhere: readonly string[] = [
  "/v1/uploads/narrow-plain-01",
  "/v1/uploads/narrow-pieces-01/..",
  "/v1/uploads/wide-pieces-01",
  "/v1/uploads/constructor",
  "/v1/uploads/v1/upload",
  "/v1/uploads/",
  "/v1/upload/private/uploads",
  "/v1/upload/private",
  "/v1/upload",
  "/v1/upload/uploads/uploads",
];
const otherOf = ({ isFileApi }: PiecesDoor) => (isFileApi ? "/v1/uploads/narrow-pieces-01" : "/v1/upload/uploads");

suite(
  "14 foreign uploads",
  narrow.flatMap((door) =>
    methods.flatMap((method): readonly Check[] => [
      ...["ben", "annabel", "Ann", "ann ", "null"].map((stranger): Check => ({
        door: `${door.name}, ${method}`,
        variant: `by ${JSON.stringify(stranger)}`,
        run: async () => {
          const path = await annsUpload(door);
          const proof = await identify(door.tokenIn, stranger);
          const answer = await ask(method, path, proof);
          const missing = await ask(method, path.replace(/[0-9a-f]{64}$/, "f".repeat(64)), proof);
          expect(answer.status).toBe(404);
          expect(wire(answer)).toBe(wire(missing));
          await expectWhole(door, path);
        },
      })),
      ...[...elsewhere, otherOf(door)].map((place): Check => ({
        door: `${door.name}, ${method}`,
        variant: `at ${JSON.stringify(place)}`,
        run: async () => {
          const path = await annsUpload(door);
          const proof = { ...(await identify("x-access-token", "ann")), ...(await identify("authorization", "ann")) };
          const answer = await ask(method, path.replace(/^.*\//, `${place}/`), proof);
          // A file of no such id, which is not looked for before the body is JSON.
          expect([404, 405, ...(place === "/v1/upload" ? [415] : [])]).toContain(answer.status);
          await expectWhole(door, path);
        },
      })),
      ...forged.map(([name, proofOf]): Check => ({
        door: `${door.name}, ${method}`,
        variant: `a token ${name}`,
        run: async () => {
          const path = await annsUpload(door);
          const answer = await ask(method, path, carry(door.tokenIn, await proofOf()));
          expect(answer.status).toBe(401);
          await expectWhole(door, path);
        },
      })),
    ]),
  ),
);

const sizes: readonly (readonly [string, number])[] = [
  ["one byte over", 262_145],
  ["two gigabytes", 2_147_483_648],
  ["all that a number holds", Number.MAX_SAFE_INTEGER],
];
suite(
  "9 sizes that are told, in pieces",
  across(narrow, sizes, async (door, size) => {
    const bytes = { length: size } as Uint8Array;
    const answer = await create(world, door, newCaller(), { bytes, fileName: "a.png" });
    expectRefused(door, answer, "file_too_large");
  }),
  { leavesNothing: true },
);

suite(
  "9 more bytes than were told, in pieces",
  across(wide, named([1, 100, 200_000]), async (door, more) => {
    const caller = newCaller();
    const created = await create(world, door, caller, { bytes: picture, fileName: "a.png" });
    const long = new Uint8Array(picture.length + more);
    long.set(picture);
    expectRefused(door, await append(world, door, caller, pathOf(created), 0, long), "file_too_large");
    expect((await append(world, door, caller, pathOf(created), 0, picture)).status).toBe(200);
  }),
);

const headers: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  ["a length below nothing", { "upload-length": "-1" }],
  ["a length in hexadecimal", { "upload-length": "0x10" }],
  ["a length with an exponent", { "upload-length": "1e3" }],
  ["a length twice", { "upload-length": "10, 10" }],
  ["a length of 17 digits", { "upload-length": "10000000000000000" }],
  ["a length now and later", { "upload-defer-length": "1" }],
  ["no metadata in Base64", { "upload-metadata": "filename ###" }],
  ["metadata in no UTF-8", { "upload-metadata": `filename ${btoa("\xff\xfe")}` }],
  ["a key twice", { "upload-metadata": "filename YQ==,filename Yg==" }],
  ["a megabyte of metadata", { "upload-metadata": `filename ${btoa("a".repeat(1_000_000))}` }],
  ["another version", { "tus-resumable": "0.2.2" }],
];
suite(
  "8 creations that no client sends",
  across(narrow, headers, async (door, more) => {
    const answer = await create(world, door, newCaller(), { bytes: picture, fileName: "a.png" }, more);
    expectRefused(door, answer, "parameter_invalid", "precondition_failed");
  }),
  { leavesNothing: true },
);

suite(
  "32 a file by the methods of an upload",
  across(
    narrow.filter(({ isFileApi }) => isFileApi),
    named(["DELETE", "PATCH", "HEAD", "GET"]),
    async (door, method) => {
      const caller = newCaller();
      const file = await readStoredFile(
        world,
        door,
        caller,
        await sendInPieces(world, door, caller, { bytes: picture, fileName: "a.png" }),
      );
      const proof = await identify(door.tokenIn, caller);
      const answer = await world.ask(`/v1/upload/${file.id}`, {
        method: "POST",
        headers: { ...VERSION, ...proof, "x-http-method-override": method },
      });
      expectRefused(door, answer, "method_not_allowed");
      expect((await world.ask(file.readUrl)).bytes).toEqual(picture);
    },
  ),
);
