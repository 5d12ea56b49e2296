/** Thumbnails asked for at the addresses of files: other people's, of files that are over, by wrong names, by changed links. */
import { env } from "cloudflare:workers";
import { beforeAll, expect } from "vitest";
import { signLink } from "../../../src/runtime/links/signed-link.ts";
import { readObjectKey, type ObjectKey } from "../../../src/runtime/storage/object-key.ts";
import { thumbnailKey } from "../../../src/runtime/thumbnails/thumbnail-key.ts";
import { writeThumbnails } from "../../../src/runtime/thumbnails/kept-thumbnails.ts";
import type { ProblemCode } from "../../../src/contract/problem.ts";
import { suite, type Check } from "./support/suite.ts";
import { expectRefused } from "./support/verdicts.ts";
import { identify, openWorld, wire } from "./support/world.ts";

const world = openWorld();
const SMALL = "the small one";
const LARGE = "the large one!";

const keyOf = (url: string): ObjectKey => {
  const key = readObjectKey(new URL(url).pathname.slice("/files/".length));
  if (key === null) throw new Error("A stored file has a key");
  return key;
};

beforeAll(async () => {
  const thumbnails = writeThumbnails([
    { name: "small", width: 1, height: 1, size: SMALL.length },
    { name: "large", width: 2, height: 2, size: LARGE.length },
    { name: "whole", width: 3, height: 3, size: null },
  ]);
  const { results } = await env.DB.prepare("UPDATE sluice_files SET thumbnails = ? RETURNING storage_key")
    .bind(thumbnails)
    .all<{ storage_key: ObjectKey }>();
  for (const { storage_key: key } of results) {
    await env.BUCKET.put(thumbnailKey(key, 1), SMALL);
    await env.BUCKET.put(thumbnailKey(key, 2), LARGE);
  }
});

const deletedUrl = async (): Promise<string> => {
  const key = await env.DB.prepare("SELECT storage_key FROM sluice_files WHERE id = ?")
    .bind(world.target.deletedId)
    .first<string>("storage_key");
  return `https://uploads.example/files/${key}`;
};
const signed = async (url: string, change: Partial<Parameters<typeof signLink>[1]> = {}, secret = env.LINK_SECRET) =>
  signLink(
    { accessKeyId: "sluice", secret },
    { base: "https://uploads.example", key: keyOf(url), method: "GET", expiresSeconds: 60, now: new Date(), ...change },
  );
const unsigned = "/files/…?thumbnail=";
const bySignature = "/files/…?thumbnail= signed";

const names = [
  "",
  "tiny",
  "Small",
  "SMALL",
  "small%20",
  "small%00",
  "%00",
  "small~1",
  "~1",
  "1",
  "0",
  "-1",
  "../small",
  "..%2F..%2Fsmall",
  "%2e%2e%2f",
  "small/../large",
  "__proto__",
  "constructor",
  "toString",
  "length",
  "' OR 1=1 --",
  '"],"x":["',
  "%F0%9F%98%80",
  "%ff",
  "*",
  "a".repeat(5000),
  "small&thumbnail=large",
  "small&thumbnail=small",
];

/** Whatever is asked for: the file's owner alone may know that it is there. */
suite(
  "14 foreign thumbnails",
  [
    ...["small", "large", "whole", ...names].map((name, index): Check => ({
      door: unsigned,
      variant: `of a private file, ${index}: ${name.slice(0, 20)}`,
      run: async () => {
        const answer = await world.ask(`${world.target.privateUrl}?thumbnail=${name}`);
        expectRefused({ envelope: "abi" }, answer, "file_not_found");
        const missing = await world.ask(`/files/private/ann/nothing.png?thumbnail=${name}`);
        expect(wire(answer)).toBe(wire(missing));
      },
    })),
    ...["small", "large", "whole", "tiny"].map((name): Check => ({
      door: unsigned,
      variant: `of a deleted file: ${name}`,
      run: async () => {
        const answer = await world.ask(`${await deletedUrl()}?thumbnail=${name}`);
        expectRefused({ envelope: "abi" }, answer, "file_not_found");
        const missing = await world.ask(`/files/private/ann/nothing.png?thumbnail=${name}`);
        expect(wire(answer)).toBe(wire(missing));
        const link = await world.ask(await signed(await deletedUrl(), { thumbnail: name }));
        expect(wire(link)).toBe(wire(missing));
      },
    })),
    ...["~1", "~2", "~3", "%7E1", "~1?thumbnail=small", "~", "~1~1"].map((end): Check => ({
      door: "/files/…",
      variant: `the object itself: ${end}`,
      run: async () => {
        for (const url of [world.target.publicUrl, world.target.privateUrl]) {
          expectRefused({ envelope: "abi" }, await world.ask(url + end), "file_not_found");
        }
      },
    })),
    ...["ben", "private", "annabel"].flatMap((stranger) =>
      [
        ["GET", (id: string) => `/v1/upload/url/${id}?thumbnail=small`],
        ["POST", (id: string) => `/v1/upload/${id}/links`],
      ].map(([method, pathOf]): Check => ({
        door: `${String(method)} a link to a thumbnail`,
        variant: stranger,
        run: async () => {
          const headers = { ...(await identify("authorization", stranger)), "content-type": "application/json" };
          const body = method === "POST" ? { body: '{"thumbnail":"small"}' } : {};
          const ask = (id: string) =>
            world.ask((pathOf as (id: string) => string)(id), { method: String(method), headers, ...body });
          for (const id of [world.target.privateId, world.target.publicId, world.target.deletedId]) {
            const answer = await ask(id);
            expectRefused({ envelope: "file-api" }, answer, "file_not_found");
            expect(wire(answer)).toBe(wire(await ask("f".repeat(24))));
          }
        },
      })),
    ),
    {
      door: unsigned,
      variant: "of an expired file",
      run: async () => {
        const { publicUrl } = world.target;
        const expire = (at: string | null) =>
          env.DB.prepare("UPDATE sluice_files SET expires_at = ? WHERE storage_key = ?")
            .bind(at, keyOf(publicUrl))
            .run();
        await expire("2020-01-01T00:00:00.000Z");
        try {
          for (const name of ["small", "whole", "tiny"]) {
            const answers = [
              await world.ask(`${publicUrl}?thumbnail=${name}`),
              await world.ask(await signed(publicUrl, { thumbnail: name })),
            ];
            for (const answer of answers) expectRefused({ envelope: "abi" }, answer, "file_expired");
          }
        } finally {
          await expire(null);
        }
      },
    },
  ],
  { leavesNothing: true },
);

suite(
  "13 names of thumbnails",
  names.map((name, index): Check => ({
    door: unsigned,
    variant: `of a public file, ${index}: ${name.slice(0, 20)}`,
    run: async () => {
      const answer = await world.ask(`${world.target.publicUrl}?thumbnail=${name}`);
      expectRefused({ envelope: "abi" }, answer, "file_not_found");
      if (name.length > 5) expect(answer.text).not.toContain(name);
    },
  })),
  { leavesNothing: true },
);

const small = () => signed(world.target.privateUrl, { thumbnail: "small" });
const whole = () => signed(world.target.privateUrl);
const swap = async (from: () => Promise<string>, to: () => Promise<string>): Promise<string> => {
  const signature = /[\da-f]{64}$/.exec(await from())?.[0] ?? "";
  return (await to()).replace(/[\da-f]{64}$/, signature);
};
const changes: readonly (readonly [string, () => Promise<string>, ProblemCode])[] = [
  ...["large", "whole", "tiny", "", "SMALL", "../small", "small~1", "%00", "small%00"].map(
    (name) =>
      [
        `another name: ${name}`,
        async () => (await small()).replace("thumbnail=small", `thumbnail=${name}`),
        "link_invalid",
      ] as const,
  ),
  ["the name removed", async () => (await small()).replace("&thumbnail=small", ""), "link_invalid"],
  ["the name twice", async () => `${await small()}&thumbnail=small`, "link_invalid"],
  ["another name besides", async () => `${await small()}&thumbnail=large`, "link_invalid"],
  ["a name in capitals besides", async () => `${await small()}&Thumbnail=large`, "link_invalid"],
  ["a name added to a link to the file", async () => `${await whole()}&thumbnail=small`, "link_invalid"],
  ["an empty name added", async () => `${await whole()}&thumbnail=`, "link_invalid"],
  ["a name before the link", async () => (await whole()).replace("?", "?thumbnail=small&"), "link_invalid"],
  ["the file's signature", () => swap(whole, small), "link_invalid"],
  ["its signature for the file", () => swap(small, whole), "link_invalid"],
  [
    "its signature for another",
    () => swap(small, () => signed(world.target.privateUrl, { thumbnail: "large" })),
    "link_invalid",
  ],
  [
    "another file's signature",
    () => swap(() => signed(world.target.publicUrl, { thumbnail: "small" }), small),
    "link_invalid",
  ],
  ["no signature", async () => (await small()).replace(/&X-Amz-Signature=.*$/, ""), "link_invalid"],
  ["another secret", () => signed(world.target.privateUrl, { thumbnail: "small" }, "x".repeat(32)), "link_invalid"],
  ["the object's path", async () => (await small()).replace("?", "~1?"), "link_invalid"],
  [
    "the object signed",
    async () => signed(world.target.privateUrl, { key: thumbnailKey(keyOf(world.target.privateUrl), 1) }),
    "file_not_found",
  ],
  [
    "a name that it has none of, signed",
    () => signed(world.target.privateUrl, { thumbnail: "tiny" }),
    "file_not_found",
  ],
  ["of an epoch that is over", () => signed(world.target.privateUrl, { thumbnail: "small", epoch: 7 }), "link_revoked"],
  [
    "over a second ago",
    () => signed(world.target.privateUrl, { thumbnail: "small", now: new Date(Date.now() - 62_000) }),
    "link_expired",
  ],
  [
    "counted",
    () => signed(world.target.privateUrl, { thumbnail: "small", id: "V1StGXR8_Z5jdHi6B-myT", maxDownloads: 9 }),
    "link_invalid",
  ],
  [
    "bound, from nowhere",
    () => signed(world.target.privateUrl, { thumbnail: "small", address: "203.0.113.7" }),
    "link_invalid",
  ],
];

suite(
  "11 links to thumbnails changed",
  [
    ...changes.map(([variant, make, code]): Check => ({
      door: bySignature,
      variant,
      run: async () => {
        const answer = await world.ask(await make());
        expectRefused({ envelope: "abi" }, answer, code);
      },
    })),
    {
      door: bySignature,
      variant: "each opens what it was made for",
      run: async () => {
        expect((await world.ask(await small())).text).toBe(SMALL);
        expect((await world.ask(await signed(world.target.privateUrl, { thumbnail: "large" }))).text).toBe(LARGE);
        const original = (await world.ask(await whole())).text;
        expect([SMALL, LARGE]).not.toContain(original);
        expect((await world.ask(await signed(world.target.privateUrl, { thumbnail: "whole" }))).text).toBe(original);
      },
    },
    {
      door: bySignature,
      variant: "nothing in it runs, whatever type is asked for",
      run: async () => {
        const answer = await world.ask(
          await signed(world.target.privateUrl, { thumbnail: "small", type: "text/plain" }),
        );
        expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
        expect(answer.headers.get("content-security-policy")).toContain("sandbox");
        expect(answer.headers.get("cache-control")).toMatch(/^private, max-age=\d{1,2}, no-transform$/);
      },
    },
  ],
  { leavesNothing: true },
);
