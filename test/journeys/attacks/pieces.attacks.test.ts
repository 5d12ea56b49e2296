/** What attackers try at the other doors, tried at the one where files come in pieces; and at the uploads' own addresses. */
import { expect } from "vitest";
import { VERSION } from "../../support/tus.ts";
import { others, pictures } from "./support/contents.ts";
import { append, create, pathOf, piecesDoor, sendInPieces } from "./support/pieces.ts";
import { across, named, suite, type Check } from "./support/suite.ts";
import { expectInert, expectRefused, readStoredFile } from "./support/verdicts.ts";
import { carry, identify, newCaller, openWorld, wire } from "./support/world.ts";
import { token } from "../../support/app.ts";

const world = openWorld();
const narrow = piecesDoor("narrow");
const wide = piecesDoor("wide");
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
    [narrow],
    others.flatMap(([name, bytes]) =>
      declarations.map(
        ([type, fileName]) => [`${name} as ${type ?? "nothing"}, ${fileName}`, { bytes, type, fileName }] as const,
      ),
    ),
    async (door, file) => {
      const answer = await sendInPieces(world, door, newCaller(), file);
      expectRefused(door, answer, "file_type_mismatch", "file_type_not_allowed");
    },
  ),
  { leavesNothing: true },
);

suite(
  "2 active files, in pieces",
  across(
    [wide],
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
  across([wide], named(names), async (door, fileName) => {
    const caller = newCaller();
    const answer = await sendInPieces(world, door, caller, { bytes: picture, fileName });
    const file = await readStoredFile(world, door, caller, answer);
    expect(file.key).toMatch(/^wide\/pieces\/[\w-]+\.[a-z0-9]{2,8}$/);
    expect(file.name).not.toMatch(unsafe);
    expect(new TextEncoder().encode(file.name).length).toBeLessThanOrEqual(255);
    expectInert(await world.ask(file.readUrl));
  }),
);

/** An upload of Ann's, of which half has come. */
async function annsUpload(): Promise<string> {
  const created = await create(world, narrow, "ann", { bytes: picture, fileName: "a.png", type: pictureType });
  const path = pathOf(created);
  expect((await append(world, "ann", path, 0, picture.subarray(0, 20))).status).toBe(204);
  return path;
}

const methods = ["HEAD", "GET", "PATCH", "DELETE"] as const;
const ask = async (method: string, path: string, proof: Readonly<Record<string, string>>) =>
  world.ask(path, {
    method,
    headers: {
      ...VERSION,
      ...proof,
      ...(method === "PATCH" ? { "content-type": "application/offset+octet-stream", "upload-offset": "20" } : {}),
    },
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

suite(
  "14 foreign uploads",
  methods.flatMap((method): readonly Check[] => [
    ...["ben", "annabel", "Ann", "ann ", "null"].map((stranger): Check => ({
      door: `${method} on an upload`,
      variant: `by ${JSON.stringify(stranger)}`,
      run: async () => {
        const path = await annsUpload();
        const proof = await identify("x-access-token", stranger);
        const answer = await ask(method, path, proof);
        const missing = await ask(method, path.replace(/[0-9a-f]{64}$/, "f".repeat(64)), proof);
        expect(answer.status).toBe(404);
        expect(wire(answer)).toBe(wire(missing));
        expect((await append(world, "ann", path, 20, picture.subarray(20))).status).toBe(200);
      },
    })),
    ...["wide-pieces-01", "narrow-plain-01", "narrow-pieces-01/..", "constructor", ""].map((endpoint): Check => ({
      door: `${method} on an upload`,
      variant: `of the endpoint ${JSON.stringify(endpoint)}`,
      run: async () => {
        const path = await annsUpload();
        const answer = await ask(
          method,
          path.replace("narrow-pieces-01", endpoint),
          await identify("x-access-token", "ann"),
        );
        expect([404, 405]).toContain(answer.status);
        expect((await append(world, "ann", path, 20, picture.subarray(20))).status).toBe(200);
      },
    })),
    ...forged.map(([name, proofOf]): Check => ({
      door: `${method} on an upload`,
      variant: `a token ${name}`,
      run: async () => {
        const path = await annsUpload();
        const answer = await ask(method, path, carry("x-access-token", await proofOf()));
        expect(answer.status).toBe(401);
        expect((await append(world, "ann", path, 20, picture.subarray(20))).status).toBe(200);
      },
    })),
  ]),
);

const sizes: readonly (readonly [string, number])[] = [
  ["one byte over", 262_145],
  ["two gigabytes", 2_147_483_648],
  ["all that a number holds", Number.MAX_SAFE_INTEGER],
];
suite(
  "9 sizes that are told, in pieces",
  across(
    [narrow, wide].map((door, index) => ({ ...door, name: `${door.name} ${index}` })),
    sizes,
    async (door, size) => {
      const bytes = { length: size } as Uint8Array;
      const answer = await create(world, door, newCaller(), { bytes, fileName: "a.png" });
      expectRefused(door, answer, "file_too_large");
    },
  ),
  { leavesNothing: true },
);

suite(
  "9 more bytes than were told, in pieces",
  across([wide], named([1, 100, 200_000]), async (door, more) => {
    const caller = newCaller();
    const created = await create(world, door, caller, { bytes: picture, fileName: "a.png" });
    const long = new Uint8Array(picture.length + more);
    long.set(picture);
    expectRefused(door, await append(world, caller, pathOf(created), 0, long), "file_too_large");
    expect((await append(world, caller, pathOf(created), 0, picture)).status).toBe(200);
  }),
);
