/** Uploads in pieces, asked for the same thing at the same moment; quotas at their edge; and tokens that end meanwhile. */
import { env } from "cloudflare:workers";
import { expect } from "vitest";
import { runSweep } from "../../support/build.ts";
import { formBody, MULTIPART, token } from "../../support/app.ts";
import { CHUNK, VERSION } from "../../support/tus.ts";
import { storedIn } from "../../unit/runtime/resumable/harness.ts";
import { signOutDoor } from "./support/accounts.ts";
import { picture, pictureParts } from "./support/doors.ts";
import { append, create, pathOf, piecesDoors, sendInPieces, type PiecesDoor } from "./support/pieces.ts";
import { across, suite } from "./support/suite.ts";
import { expectRefused, readStoredFile } from "./support/verdicts.ts";
import { carry, identify, newCaller, openWorld, type Answer } from "./support/world.ts";

const world = openWorld();
const doors = piecesDoors("wide");
const FILES = 2;
const BYTES = 100_000;
const counted = world.beside({ FILE_API_QUOTA: `files:${FILES}, bytes:${BYTES}` });
const countedDoors = doors.map((door) => (door.isFileApi ? door : { ...door, path: () => "/counted/pieces" }));

const times = <Result>(count: number, work: (at: number) => Promise<Result>): Promise<Result[]> =>
  Promise.all(Array.from({ length: count }, (_, at) => work(at)));

const file = { bytes: picture, fileName: "a.png", type: "image/png" };
const HALF = 20;
const rowsOf = async (owner: string) =>
  (await env.DB.prepare("SELECT status, storage_key FROM sluice_files WHERE owner = ?").bind(owner).all()).results;
const objectOf = async (key: unknown) =>
  new Uint8Array((await (await env.BUCKET.get(String(key)))?.arrayBuffer()) ?? []);
const countOf = async (owner: string) =>
  env.DB.prepare("SELECT files, bytes FROM sluice_quotas WHERE name LIKE ?").bind(`% ${owner}`).first();

async function begin(door: PiecesDoor, caller: string): Promise<string> {
  const created = await create(world, door, caller, file);
  expect(created.status, created.text).toBe(201);
  return pathOf(created);
}

const ask = async (door: PiecesDoor, caller: string, method: string, path: string): Promise<Answer> =>
  world.ask(path, { method, headers: { ...VERSION, ...(await identify(door.tokenIn, caller)) } });

/** Goes on from wherever it is, until it is whole. */
async function finish(door: PiecesDoor, caller: string, path: string): Promise<void> {
  const offset = Number((await ask(door, caller, "HEAD", path)).headers.get("upload-offset"));
  const answer = await append(world, door, caller, path, offset, picture.subarray(offset));
  expect(answer.status, answer.text).toBe(200);
}

/** One file with the bytes that were sent, and one row of it. */
async function expectOneFile(caller: string): Promise<void> {
  const rows = await rowsOf(caller);
  expect(rows).toMatchObject([{ status: "stored" }]);
  expect(await objectOf(rows[0]?.["storage_key"])).toEqual(picture);
}

async function expectNothing(caller: string, path: string): Promise<void> {
  await runSweep(env);
  expect([await rowsOf(caller), await storedIn(`https://uploads.example${path}`)]).toEqual([[], []]);
}

type Race = (door: PiecesDoor, caller: string, path: string) => Promise<void>;
const allowed = (answers: readonly Answer[], ...statuses: readonly number[]) => {
  for (const { status, text } of answers) expect(statuses, text.slice(0, 200)).toContain(status);
};

const races: readonly (readonly [string, Race])[] = [
  [
    "two PATCHes of the same bytes",
    async (door, caller, path) => {
      allowed(await times(2, () => append(world, door, caller, path, 0, picture)), 200, 204, 409);
      await finish(door, caller, path);
      await expectOneFile(caller);
    },
  ],
  [
    "eight PATCHes of other lengths",
    async (door, caller, path) => {
      const lengths = [1, 5, 10, 20, 30, 40, 50, picture.length];
      const answers = await times(8, (at) => append(world, door, caller, path, 0, picture.subarray(0, lengths[at])));
      allowed(answers, 200, 204, 409);
      await finish(door, caller, path);
      await expectOneFile(caller);
    },
  ],
  [
    "a PATCH whose sum is right beside one whose sum is wrong",
    async (door, caller, path) => {
      const proof = await identify(door.tokenIn, caller);
      const sum = btoa(String.fromCharCode(...new Uint8Array(await crypto.subtle.digest("SHA-1", picture))));
      const send = (bytes: Uint8Array<ArrayBuffer>) =>
        world.ask(path, {
          method: "PATCH",
          headers: { ...CHUNK, ...proof, "upload-offset": "0", "upload-checksum": `sha1 ${sum}` },
          body: bytes,
        });
      const garbled = picture.slice();
      garbled[HALF] = 255 - (garbled[HALF] ?? 0);
      allowed(await Promise.all([send(garbled), send(picture.slice()), send(garbled)]), 204, 409, 460);
      await finish(door, caller, path);
      await expectOneFile(caller);
    },
  ],
  [
    "DELETE beside the last PATCH",
    async (door, caller, path) => {
      await append(world, door, caller, path, 0, picture.subarray(0, HALF));
      const [patched, ended] = await Promise.all([
        append(world, door, caller, path, HALF, picture.subarray(HALF)),
        ask(door, caller, "DELETE", path),
      ]);
      allowed([ended], 204, 404);
      if (ended.status === 404) {
        allowed([patched], 200);
        return expectOneFile(caller);
      }
      expect(patched.status).not.toBe(200);
      return expectNothing(caller, path);
    },
  ],
  [
    "four DELETEs",
    async (door, caller, path) => {
      await append(world, door, caller, path, 0, picture.subarray(0, HALF));
      const answers = await times(4, () => ask(door, caller, "DELETE", path));
      expect(answers.filter(({ status }) => status === 204)).toHaveLength(1);
      allowed(answers, 204, 404);
      await expectNothing(caller, path);
    },
  ],
  [
    "the end asked for six times",
    async (door, caller, path) => {
      await append(world, door, caller, path, 0, picture.subarray(0, HALF));
      const answers = await Promise.all([
        append(world, door, caller, path, HALF, picture.subarray(HALF)),
        ...["GET", "HEAD", "GET", "HEAD", "GET"].map((method) => ask(door, caller, method, path)),
      ]);
      // One that came earlier finds it not whole, and stops the PATCH.
      allowed(answers, 200, 202, 204, 423);
      await finish(door, caller, path);
      await expectOneFile(caller);
      const told = await times(4, () => ask(door, caller, "GET", path));
      allowed(told, 200);
      const keys = await Promise.all(
        told.map(async (answer) => (await readStoredFile(world, door, caller, answer)).key),
      );
      expect(new Set(keys).size).toBe(1);
    },
  ],
];

suite(
  "16 uploads in pieces raced",
  across(doors, races, async (door, race) => {
    const caller = newCaller();
    await race(door, caller, await begin(door, caller));
  }),
);

const quotaRaces: readonly (readonly [string, (door: PiecesDoor, caller: string) => Promise<readonly Answer[]>])[] = [
  ["twelve creations at once", (door, caller) => times(12, () => create(counted, door, caller, file))],
  [
    "twelve creations of half of it and a byte",
    (door, caller) =>
      times(12, () => create(counted, door, caller, { ...file, bytes: { length: BYTES / 2 + 1 } as Uint8Array })),
  ],
  [
    "six creations beside six forms",
    async (door, caller) => {
      const form = door.isFileApi ? door.path({} as never) : "/counted/pieces";
      const proof = await identify(door.tokenIn, caller);
      const post = () =>
        counted.ask(form, { method: "POST", headers: { ...MULTIPART, ...proof }, body: formBody(pictureParts) });
      return times(12, (at) => (at % 2 === 0 ? post() : create(counted, door, caller, file)));
    },
  ],
  ["twelve whole uploads", (door, caller) => times(12, () => sendInPieces(counted, door, caller, file))],
];

suite(
  "36 quotas evaded in pieces",
  across(countedDoors, quotaRaces, async (door, race) => {
    const caller = newCaller();
    const answers = await race(door, caller);
    const passed = answers.filter(({ status }) => status < 300);
    expect(passed.length).toBeLessThanOrEqual(FILES);
    expect(passed.length).toBeGreaterThan(0);
    for (const answer of answers.filter(({ status }) => status >= 300)) expectRefused(door, answer, "quota_exceeded");
    const rows = await rowsOf(caller);
    expect(rows.filter(({ status }) => status !== "gone")).toHaveLength(passed.length);
    const count = await countOf(caller);
    expect(count?.["files"]).toBe(passed.length);
    expect(Number(count?.["bytes"])).toBeLessThanOrEqual(BYTES);
  }),
);

const halfSent = async (door: PiecesDoor, caller: string, proof: Record<string, string>): Promise<string> => {
  const created = await world.ask(door.path({} as never), {
    method: "POST",
    headers: { ...VERSION, ...proof, "upload-length": String(picture.length) },
  });
  const path = pathOf(created);
  expect((await append(world, door, caller, path, 0, picture.subarray(0, HALF))).status).toBe(204);
  return path;
};

const patch = (path: string, proof: Record<string, string>) =>
  world.ask(path, {
    method: "PATCH",
    headers: { ...CHUNK, ...proof, "upload-offset": String(HALF) },
    body: picture.slice(HALF),
  });

const endings: readonly (readonly [
  string,
  (door: PiecesDoor, id: string) => Promise<readonly [Record<string, string>, () => Promise<unknown>]>,
])[] = [
  [
    "that expires",
    async ({ tokenIn }, id) => [carry(tokenIn, await token({ id }, { expires: 5 })), () => scheduler.wait(5100)],
  ],
  [
    "that is signed out",
    async ({ tokenIn }, id) => {
      // Unlike those that the caller has later, which may be made in the same second.
      const proof = await token({ id, jti: "first" });
      return [
        carry(tokenIn, proof),
        () => world.ask(signOutDoor.path(world.target), { method: "POST", headers: carry(signOutDoor.tokenIn, proof) }),
      ];
    },
  ],
];

suite(
  "10 tokens that end during an upload",
  across(doors, endings, async (door, ending) => {
    const caller = newCaller();
    const [proof, end] = await ending(door, caller);
    const path = await halfSent(door, caller, proof);
    await end();
    expectRefused(door, await patch(path, proof), "unauthorized");
    // Nothing is lost: another token of the same caller goes on.
    expect((await ask(door, caller, "HEAD", path)).headers.get("upload-offset")).toBe(String(HALF));
    await finish(door, caller, path);
    await expectOneFile(caller);
  }),
);

const audience = world.beside({ TOKEN_AUDIENCE: "files", TOKEN_ISSUER: "us" });
const claims = { aud: "files", iss: "us" };
const others: readonly (readonly [string, object])[] = [
  ["of no audience", { iss: "us" }],
  ["of another audience", { ...claims, aud: "mail" }],
  ["of an audience that begins alike", { ...claims, aud: "files2" }],
  ["of other issuers", { ...claims, iss: "them" }],
  ["of no issuer", { aud: "files" }],
];
suite(
  "28 tokens for somebody else, in pieces",
  across(
    doors.filter(({ isFileApi }) => isFileApi),
    others,
    async (door, theirs) => {
      const id = newCaller();
      const proofOf = async (more: object) => carry(door.tokenIn, await token({ id, ...more }));
      const path = await halfSent(door, id, await proofOf({}));
      const asked = { headers: { ...VERSION, ...(await proofOf(theirs)), "upload-length": "5" } };
      for (const answer of [
        await audience.ask(door.path({} as never), { method: "POST", ...asked }),
        await audience.ask(path, { method: "GET", ...asked }),
        await audience.ask(path, { method: "DELETE", ...asked }),
      ]) {
        expectRefused(door, answer, "unauthorized");
      }
      const good = { headers: { ...VERSION, ...(await proofOf(claims)) } };
      expect((await audience.ask(path, { method: "DELETE", ...good })).status).toBe(204);
    },
  ),
);
