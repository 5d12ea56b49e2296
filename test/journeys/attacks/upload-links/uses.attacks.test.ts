/** How often an upload link opens, and how long: raced, repeated under keys, begun and never ended, revoked by the right and the wrong. */
import { env } from "cloudflare:workers";
import { expect } from "vitest";
import { onD1 } from "../../../../src/contract/tables.ts";
import { png } from "../../../support/pictures.ts";
import { VERSION } from "../../../support/tus.ts";
import { across, named, suite, type Check } from "../support/suite.ts";
import {
  appendByLink,
  createByLink,
  createdAddress,
  inPieces,
  issue,
  LINKED,
  linkDoors,
  lookUp,
  right,
  type IssuedLink,
  type LinkDoor,
  type Terms,
} from "../support/upload-links.ts";
import { expectRefused } from "../support/verdicts.ts";
import { identify, newCaller, openWorld, type Answer } from "../support/world.ts";

const world = openWorld({ MAX_CONCURRENT_UPLOADS: "60" });
const whole = linkDoors.filter((door) => door !== inPieces);

const times = <Result>(count: number, work: (index: number) => Promise<Result>): Promise<Result[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => work(index)));
const succeeded = (answers: readonly Answer[]) => answers.filter(({ status }) => status < 300).length;

/** The rows and the objects of a caller's files: by what they came does not matter. */
async function expectStored(caller: string, count: number): Promise<void> {
  const rows = await env.DB.prepare(`SELECT count(*) AS n FROM ${onD1("files")} WHERE owner = ? AND status = 'stored'`)
    .bind(caller)
    .first<number>("n");
  expect(rows).toBe(count);
  const { objects } = await env.BUCKET.list({ prefix: `linked/${caller}/` });
  expect(objects.length).toBe(count);
}

async function issued(
  door: Pick<LinkDoor, "method">,
  terms: Terms = {},
): Promise<IssuedLink & { readonly caller: string }> {
  const caller = newCaller();
  return { ...(await issue(world, door, caller, terms)), caller };
}

suite(
  "40 upload links raced",
  across(linkDoors, named([1, 3]), async (door, uploads) => {
    const { id, address, caller } = await issued(door, { max_uploads: uploads });
    const answers = await times(12, () => door.send(world, address, [right]));
    expect(succeeded(answers)).toBe(uploads);
    for (const answer of answers.filter(({ status }) => status >= 300)) expectRefused(door, answer, "link_used_up");
    await expectStored(caller, uploads);
    expect(await lookUp(world, caller, id)).toMatchObject({ uploads, state: "used_up" });
    expectRefused(door, await door.send(world, address, [right]), "link_used_up");
  }),
);

suite(
  "40 upload links raced by every door at once",
  across([{ ...inPieces, name: "link, POST, form and pieces" }], named([1, 4]), async (door, uploads) => {
    const { address, caller } = await issued(door, { max_uploads: uploads });
    const doors = linkDoors.filter(({ method }) => method === "POST");
    const answers = await times(12, (index) => (doors[index % doors.length] ?? door).send(world, address, [right]));
    expect(succeeded(answers)).toBe(uploads);
    await expectStored(caller, uploads);
  }),
);

const other = { bytes: png([9, 9, 200]) };

suite(
  "40 idempotency keys with an upload link",
  whole.flatMap((door): readonly Check[] => [
    {
      door: door.name,
      variant: "twice, one after the other",
      async run() {
        const { id, address, caller } = await issued(door);
        const [first, second] = [
          await door.send(world, address, [right], { "idempotency-key": "one" }),
          await door.send(world, address, [right], { "idempotency-key": "one" }),
        ];
        expect([first.status, second.status], second.text).toEqual([200, 200]);
        expect(second.headers.get("idempotent-replayed")).toBe("true");
        expect(await lookUp(world, caller, id)).toMatchObject({ uploads: 1 });
        await expectStored(caller, 1);
      },
    },
    {
      door: door.name,
      variant: "six at once under one",
      async run() {
        const { id, address, caller } = await issued(door, { max_uploads: 300 });
        const answers = await times(6, () => door.send(world, address, [right], { "idempotency-key": "one" }));
        expect(succeeded(answers)).toBeGreaterThanOrEqual(1);
        expect(await lookUp(world, caller, id)).toMatchObject({ uploads: 1 });
        await expectStored(caller, 1);
      },
    },
    {
      door: door.name,
      variant: "another file under one that was used",
      async run() {
        const { id, address, caller } = await issued(door, { max_uploads: 300 });
        await door.send(world, address, [right], { "idempotency-key": "one" });
        const answer = await door.send(world, address, [other], { "idempotency-key": "one" });
        expectRefused(door, answer, "idempotency_key_reused");
        expect(await lookUp(world, caller, id)).toMatchObject({ uploads: 1 });
        await expectStored(caller, 1);
      },
    },
    {
      door: door.name,
      variant: "the issuer's own, and another link's",
      async run() {
        const { address, caller } = await issued(door);
        const proof = await identify("x-access-token", caller);
        const own = await door.send(world, LINKED, [right], { "idempotency-key": "one", ...proof });
        const linked = await door.send(world, address, [right], { "idempotency-key": "one" });
        const second = await issue(world, door, caller);
        const again = await door.send(world, second.address, [right], { "idempotency-key": "one" });
        for (const answer of [own, linked, again]) {
          expect(answer.status, answer.text).toBe(200);
          expect(answer.headers.get("idempotent-replayed")).toBeNull();
        }
        await expectStored(caller, 3);
      },
    },
    {
      door: door.name,
      variant: "of an owner who has the name of a link",
      async run() {
        const { id, address } = await issued(door);
        expect((await door.send(world, address, [right], { "idempotency-key": "one" })).status).toBe(200);
        for (const name of [`link:${id}`, `upload link\t${id}`, id]) {
          const proof = await identify("x-access-token", name);
          const answer = await door.send(world, LINKED, [right], { "idempotency-key": "one", ...proof });
          expect(answer.headers.get("idempotent-replayed")).toBeNull();
        }
      },
    },
  ]),
);

/** Ends that a link can have, by its issuer. */
const revocations: readonly (readonly [string, (link: IssuedLink) => string])[] = [
  ["that one", ({ id }) => `${LINKED}/links/${id}`],
  ["all of the endpoint", () => `${LINKED}/links`],
  ["all of the endpoint, by another address", () => "/linked/winter/links"],
];

suite(
  "40 upload links that were revoked",
  across(linkDoors, revocations, async (door, pathOf) => {
    const { caller, ...link } = await issued(door, { max_uploads: 300 });
    const answer = await world.ask(pathOf(link), {
      method: "DELETE",
      headers: await identify("x-access-token", caller),
    });
    expect(answer.status, answer.text).toBe(200);
    expectRefused(door, await door.send(world, link.address, [right]), "link_revoked");
    expect(await lookUp(world, caller, link.id)).toMatchObject({ uploads: 0, state: "revoked" });
    await expectStored(caller, 0);
    const next = await issue(world, door, caller);
    expect((await door.send(world, next.address, [right])).status).toBe(200);
  }),
);

suite(
  "40 upload links that the file API's revocation ends",
  across(linkDoors, named(["all"]), async (door) => {
    const { caller, address } = await issued(door);
    const headers = await identify("authorization", caller);
    expect((await world.ask("/v1/upload/links", { method: "DELETE", headers })).status).toBe(200);
    expectRefused(door, await door.send(world, address, [right]), "link_revoked");
  }),
);

suite(
  "40 links of others",
  across(linkDoors, named(["ben", "Ann", "ann "]), async (door, stranger) => {
    const link = await issue(world, door, "ann");
    const headers = await identify("x-access-token", stranger);
    expect(await lookUp(world, stranger, link.id)).toEqual({});
    const answers = await Promise.all(
      [`${LINKED}/links/${link.id}`, `${LINKED}/links/${"x".repeat(link.id.length)}`, "/linked-too/summer/links"].map(
        (path) => world.ask(path, { method: "DELETE", headers }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 200]);
    await world.ask(`${LINKED}/links`, { method: "DELETE", headers });
    const own = await identify("x-access-token", "ann");
    await world.ask("/linked-too/summer/links", { method: "DELETE", headers: own });
    expect(await lookUp(world, "ann", link.id)).toMatchObject({ state: "live" });
  }),
);

suite(
  "40 upload links whose time is over",
  across(linkDoors, named(["by a second"]), async (door) => {
    const { address, caller, id } = await issued(door, { expires: 1 });
    await new Promise((resolve) => setTimeout(resolve, 1100));
    expectRefused(door, await door.send(world, address, [right]), "link_expired");
    expect(await lookUp(world, caller, id)).toMatchObject({ uploads: 0, state: "expired" });
  }),
);

/** A use is taken when an upload in pieces is created, and given back where nothing comes of it. */
const begun = async (terms: Terms = {}) => {
  const link = await issued(inPieces, terms);
  const created = await createByLink(world, link.address, right);
  expect(created.status, created.text).toBe(201);
  return { ...link, upload: createdAddress(created) };
};
/** Whoever did not begin it: the query, and the headers. */
type Stranger = readonly [
  string,
  (caller: string) => Promise<string>,
  ((caller: string) => Promise<Readonly<Record<string, string>>>)?,
];
const searchOf = ({ address }: IssuedLink): string => address.replace(/^[^?]*/, "");

const half = Math.ceil(right.bytes.length / 2);
const rest = (upload: string) => appendByLink(world, upload, 0, right.bytes);

suite("40 uploads in pieces, begun by a link", [
  ...(
    [
      [
        "a second one",
        async () => {
          const { address } = await begun();
          expectRefused(inPieces, await createByLink(world, address, right), "link_used_up");
        },
      ],
      [
        "another after the first was ended",
        async () => {
          const { address, upload, caller } = await begun();
          expect((await world.ask(upload, { method: "DELETE", headers: VERSION })).status).toBe(204);
          const again = await createByLink(world, address, right);
          expect(again.status, again.text).toBe(201);
          expect((await rest(createdAddress(again))).status).toBe(200);
          await expectStored(caller, 1);
        },
      ],
      [
        "after the link was revoked",
        async () => {
          const { id, upload, caller } = await begun();
          await appendByLink(world, upload, 0, right.bytes.subarray(0, half));
          const headers = await identify("x-access-token", caller);
          await world.ask(`${LINKED}/links/${id}`, { method: "DELETE", headers });
          for (const method of ["HEAD", "GET", "DELETE"]) {
            expect((await world.ask(upload, { method, headers: VERSION })).status).toBe(410);
          }
          const answer = await appendByLink(world, upload, half, right.bytes.subarray(half));
          expectRefused(inPieces, answer, "link_revoked");
          await expectStored(caller, 0);
        },
      ],
      [
        "after the link's time",
        async () => {
          // Long enough for a busy machine to begin.
          const { upload, caller } = await begun({ expires: 4 });
          await new Promise((resolve) => setTimeout(resolve, 4100));
          expect((await rest(upload)).status).toBe(200);
          await expectStored(caller, 1);
        },
      ],
      [
        "from another address",
        async () => {
          const headers = { "cf-connecting-ip": "203.0.113.7" };
          const link = await issued(inPieces, { ip: "203.0.113.7" });
          const upload = createdAddress(await createByLink(world, link.address, right, headers));
          expectRefused(inPieces, await rest(upload), "link_invalid");
          expect((await appendByLink(world, upload, 0, right.bytes, headers)).status).toBe(200);
        },
      ],
    ] as const
  ).map(([variant, run]): Check => ({ door: inPieces.name, variant, run })),
  ...(
    [
      ["by nobody", async () => ""],
      ["by another link of the issuer", async (caller) => searchOf(await issue(world, inPieces, caller))],
      [
        "by a link of another endpoint",
        async (caller) => searchOf(await issue(world, inPieces, caller, {}, "/linked-too/summer")),
      ],
      ["by the issuer's token", async () => "", (caller) => identify("x-access-token", caller)],
    ] satisfies readonly Stranger[]
  ).map(([variant, searchFor, proofOf = async () => ({})]: Stranger): Check => ({
    door: inPieces.name,
    variant,
    async run() {
      const { upload, caller } = await begun();
      const [search, headers] = [await searchFor(caller), await proofOf(caller)];
      const address = upload.replace(/\?.*/, "") + search;
      for (const method of ["HEAD", "GET", "DELETE", "PATCH"]) {
        const own = { ...VERSION, ...headers };
        const piece = { "content-type": "application/offset+octet-stream", "upload-offset": "0" };
        const more = method === "PATCH" ? { headers: { ...own, ...piece }, body: right.bytes } : { headers: own };
        const { status } = await world.ask(address, { method, ...more });
        expect([401, 403, 404]).toContain(status);
      }
      expect((await rest(upload)).status).toBe(200);
      await expectStored(caller, 1);
    },
  })),
]);

/** What the issuer is told of a link, and what is logged where its address came as a Referer. */
suite(
  "40 addresses of upload links that are told",
  across(linkDoors, named(["list", "Referer"]), async (door, place) => {
    const { address, caller, document } = await issued(door);
    const seal = address.replace(/.*upload=/, "");
    const headers = await identify("x-access-token", caller);
    if (place === "Referer") {
      const answer = await door.send(world, address, [right], { referer: document["url"] as string });
      expect(answer.status).toBe(200);
      expect(answer.text).not.toContain(seal);
      return;
    }
    const list = await world.ask(`${LINKED}/links`, { headers });
    expect(list.text).not.toContain(seal);
    expect(list.json["data"]).toEqual([expect.not.objectContaining({ url: expect.anything() })]);
    expect(atobUrl(seal)).not.toContain(caller);
  }),
);

const atobUrl = (text: string) => atob(text.replaceAll("-", "+").replaceAll("_", "/"));
