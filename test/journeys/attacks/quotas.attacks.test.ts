/** Ways past a quota: whoever has used it up must not get one more byte in, however it is sent. */
import { env } from "cloudflare:workers";
import { expect } from "vitest";
import { BOUNDARY, formBody, MULTIPART, token, tokenOf, type FormPart } from "../../support/app.ts";
import { png } from "../../support/pictures.ts";
import { across, suite } from "./support/suite.ts";
import { expectRefused } from "./support/verdicts.ts";
import { newCaller, openWorld, type Asked } from "./support/world.ts";

/** Of both endpoints. */
const FILES = 2;
const BYTES = 100_000;
const world = openWorld({ MAX_CONCURRENT_UPLOADS: "60" });

interface CountedDoor {
  readonly name: string;
  readonly path: string;
  /** A new caller's headers. */
  readonly proof: () => Promise<Record<string, string>>;
}

let addresses = 0;
const doors: readonly CountedDoor[] = [
  {
    name: "quota by address",
    path: "/counted/by-address",
    proof: async () => ({ "CF-Connecting-IP": `2001:db8:${(addresses += 1).toString(16)}:2::1` }),
  },
  {
    name: "quota by claim",
    path: "/counted/by-caller",
    proof: async () => ({ "x-access-token": await token({ id: newCaller() }) }),
  },
];

const picture = png([1, 2, 3]);
const file: FormPart = { fileName: "a.png", type: "image/png", body: picture };
const post = (parts: readonly FormPart[], headers: Record<string, string>): Asked => ({
  method: "POST",
  headers: { ...MULTIPART, ...headers },
  body: formBody(parts),
});

async function stored(): Promise<readonly [files: number, bytes: number]> {
  const { objects } = await env.BUCKET.list();
  return [objects.length, objects.reduce((sum, { size }) => sum + size, 0)];
}

async function count(): Promise<readonly [files: number, bytes: number]> {
  const row = await env.DB.prepare("SELECT sum(files) AS files, sum(bytes) AS bytes FROM sluice_quotas").first();
  return [Number(row?.["files"] ?? 0), Number(row?.["bytes"] ?? 0)];
}

/** Uses up the quota, then does what must not get anything more in. What is counted is what came in, and no object is left over. */
async function expectHeld(
  door: CountedDoor,
  attack: (door: CountedDoor, headers: Record<string, string>) => Promise<readonly [path: string, asked: Asked]>,
): Promise<void> {
  const headers = await door.proof();
  for (let turn = 0; turn < FILES; turn++) expect((await world.ask(door.path, post([file], headers))).status).toBe(200);
  const [before, counted] = [await stored(), await count()];
  const [path, asked] = await attack(door, headers);
  const answer = await world.ask(path, asked);
  expectRefused(
    { envelope: "abi" },
    answer,
    "quota_exceeded",
    "body_too_large",
    "resource_not_found",
    "unauthorized",
    "idempotency_key_invalid",
    "body_malformed",
    "file_too_large",
  );
  expect(await stored()).toEqual(before);
  expect(await count()).toEqual(counted);
}

type Attack = (door: CountedDoor, headers: Record<string, string>) => Promise<readonly [string, Asked]>;
const withHeaders =
  (more: Record<string, string>): Attack =>
  async ({ path }, headers) => [path, post([file], { ...headers, ...more })];
const at =
  (spell: (path: string) => string): Attack =>
  async ({ path }, headers) => [spell(path), post([file], headers)];

const attacks: readonly (readonly [string, Attack])[] = [
  ["the id", at((path) => `/${path.slice(1).replaceAll("/", "-")}-01`)],
  ["a query", at((path) => `${path}?x=1`)],
  ["capitals", at((path) => path.toUpperCase())],
  ["an idempotency key", withHeaders({ "Idempotency-Key": "another" })],
  ["a length of nothing but the files", withHeaders({ "content-length": "1" })],
  ["a length that is no number", withHeaders({ "content-length": "-5" })],
  ["a length of all there is", withHeaders({ "content-length": "9007199254740993" })],
  ["a forwarded address", withHeaders({ "X-Forwarded-For": "203.0.113.9", "X-Real-IP": "203.0.113.9" })],
  ["a method of its own", withHeaders({ "X-HTTP-Method-Override": "PUT" })],
  [
    "fields named like the quota",
    async ({ path }, headers) => [path, post([{ name: "quota", body: "{}" }, file], headers)],
  ],
  ["five files", async ({ path }, headers) => [path, post([file, file, file, file, file], headers)]],
  [
    "a body that breaks off",
    async ({ path }, headers) => [
      path,
      { ...post([file], headers), body: formBody([file]).slice(0, -BOUNDARY.length) },
    ],
  ],
];

suite("36 quotas evaded", [
  ...across(doors, attacks, expectHeld),
  ...across(
    doors.slice(1),
    [
      ["another token", (id: string) => token({ id, jti: "1" })],
      ["other claims", (id: string) => token({ id, sub: "other", owner: "other" })],
      ["an escaped letter in the claim", (id: string) => tokenOf(`{"id":"\\u0063${id.slice(1)}","exp":4000000000}`)],
    ] as const,
    async (door, make) => {
      const id = newCaller();
      const own = { ...door, proof: async () => ({ "x-access-token": await token({ id }) }) };
      await expectHeld(own, async ({ path }) => [path, post([file], { "x-access-token": await make(id) })]);
    },
  ),
  ...across(
    doors,
    [
      ["files at once", [file]],
      ["two at once in each call", [file, file]],
    ] as const,
    async (door, parts) => {
      const headers = await door.proof();
      const [files, bytes] = await stored();
      const answers = await Promise.all(Array.from({ length: 12 }, () => world.ask(door.path, post(parts, headers))));
      const passed = answers.filter(({ status }) => status === 200).length;
      expect(passed * parts.length).toBeLessThanOrEqual(FILES);
      const [filesAfter, bytesAfter] = await stored();
      expect(filesAfter - files).toBe(passed * parts.length);
      expect(bytesAfter - bytes).toBeLessThanOrEqual(BYTES);
    },
  ),
]);
