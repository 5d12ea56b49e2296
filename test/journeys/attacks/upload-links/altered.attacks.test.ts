/** Upload links that were altered, made elsewhere or used for something else: none opens anything, and all are answered alike. */
import { beforeAll, expect } from "vitest";
import { env } from "cloudflare:workers";
import { token } from "../../../support/app.ts";
import { VERSION } from "../../../support/tus.ts";
import { forgedAddresses } from "../support/forged-addresses.ts";
import { across, named, suite, type Check } from "../support/suite.ts";
import { issue, LINKED, linkDoors, right, type IssuedLink, type LinkDoor } from "../support/upload-links.ts";
import { expectRefused } from "../support/verdicts.ts";
import { identify, openWorld, wire } from "../support/world.ts";

const world = openWorld();
const elsewhere = world.beside({ LINK_SECRET: "another-deployment-with-a-secret-of-its-own-0123456789" });

/** Of each door one that is good for all of this file, since nothing here may use it. */
const links = new Map<LinkDoor, IssuedLink>();
let foreign = "";
/** What each door answers to garbage: an upload in pieces has headers of its own. */
const refusals = new Map<LinkDoor, string>();
const linkOf = (door: LinkDoor): string => links.get(door)?.address ?? "";
const sealOf = (address: string): string => address.replace(/^.*[?&]upload=/, "");
const withSeal = (address: string, seal: string): string => address.replace(sealOf(address), seal);

beforeAll(async () => {
  for (const door of linkDoors) links.set(door, await issue(world, door, "ann", { max_uploads: 300, expires: 7200 }));
  foreign = (await issue(elsewhere, { method: "POST" }, "ann")).address;
  for (const door of linkDoors) refusals.set(door, wire(await door.send(world, `${LINKED}?upload=AAAA`, [right])));
});

/** Nothing is told of why. */
async function expectInvalid(door: LinkDoor, address: string): Promise<void> {
  const answer = await door.send(world, address, [right]);
  expectRefused(door, answer, "link_invalid");
  expect(wire(answer)).toBe(refusals.get(door));
}

const flipAt = (seal: string, at: number): string => {
  const index = at < 0 ? seal.length + at : at;
  return `${seal.slice(0, index)}${seal[index] === "A" ? "B" : "A"}${seal.slice(index + 1)}`;
};

const alterations: readonly (readonly [string, (seal: string) => string])[] = [
  ["nothing", () => ""],
  ["a space", () => "%20"],
  ["null", () => "null"],
  ["a name of prototypes", () => "__proto__"],
  ["one character", () => "A"],
  ["a nonce alone", (seal) => seal.slice(0, 16)],
  ["a nonce and a tag", (seal) => seal.slice(0, 16) + seal.slice(-22)],
  ["without its first", (seal) => seal.slice(1)],
  ["without its last", (seal) => seal.slice(0, -1)],
  ["without its tag", (seal) => seal.slice(0, -22)],
  ["half of it", (seal) => seal.slice(0, seal.length / 2)],
  ["one more", (seal) => `${seal}A`],
  ["four more", (seal) => `${seal}AAAA`],
  ["padding", (seal) => `${seal}=`],
  ["a space behind", (seal) => `${seal}%20`],
  ["a line break behind", (seal) => `${seal}%0A`],
  ["a NUL behind", (seal) => `${seal}%00`],
  ["its first in percent", (seal) => `%${seal.charCodeAt(0).toString(16)}${seal.slice(1)}`],
  ["in capitals", (seal) => seal.toUpperCase()],
  ["backwards", (seal) => seal.split("").toReversed().join("")],
  ["twice in one", (seal) => seal + seal],
  ["a list", (seal) => `${seal},${seal}`],
  ["beyond ASCII", (seal) => `${seal}%C3%A9`],
  ["ten thousand characters", () => "A".repeat(10_000)],
  ["a million characters", () => "A".repeat(1_000_000)],
  ["a million that are none", () => "%ff".repeat(333_333)],
  ...[0, 8, 15, 16, 40, 80, -60, -23, -22, -2].map(
    (at) => [`another character at ${at}`, (seal: string) => flipAt(seal, at)] as const,
  ),
];

suite(
  "40 upload links that were altered",
  across(linkDoors, alterations, (door, alter) =>
    expectInvalid(door, withSeal(linkOf(door), alter(sealOf(linkOf(door))))),
  ),
  { leavesNothing: true },
);

const addresses: readonly (readonly [string, (address: string, seal: string) => string])[] = [
  ["twice", (address, seal) => `${address}&upload=${seal}`],
  ["with an empty one behind", (address) => `${address}&upload=`],
  ["with an empty one before", (_, seal) => `${LINKED}?upload=&upload=${seal}`],
  ["with another's before", (_, seal) => `${LINKED}?upload=${sealOf(foreign)}&upload=${seal}`],
  ["with a parameter behind", (address) => `${address}&shelf=top`],
  ["with a parameter before", (_, seal) => `${LINKED}?shelf=top&upload=${seal}`],
  ["with an ampersand behind", (address) => `${address}&`],
  ["with an ampersand before", (_, seal) => `${LINKED}?&upload=${seal}`],
  ["another album", (_, seal) => `/linked/winter?upload=${seal}`],
  ["an album that ends as it does", (_, seal) => `/linked/x%2Flinked%2Fsummer?upload=${seal}`],
  ["the album in percent", (_, seal) => `/linked/%73ummer?upload=${seal}`],
  ["the name in percent", (_, seal) => `${LINKED}?%75pload=${seal}`],
  ["another endpoint with links", (_, seal) => `/linked-too/summer?upload=${seal}`],
  ["another deployment's", () => foreign],
];

suite(
  "40 upload links at another address",
  across(linkDoors, addresses, (door, make) => expectInvalid(door, make(linkOf(door), sealOf(linkOf(door))))),
  { leavesNothing: true },
);

/** Not found, or not called by a link at all. */
const nowhere: readonly (readonly [string, (seal: string) => string])[] = [
  ["the endpoint's id", (seal) => `/linked-01?upload=${seal}`],
  ["a slash behind", (seal) => `${LINKED}/?upload=${seal}`],
  ["two slashes", (seal) => `//linked/summer?upload=${seal}`],
  ["a parent", (seal) => `${LINKED}/x?upload=${seal}`],
  ["the parameter in capitals", (seal) => `${LINKED}?Upload=${seal}`],
  ["the parameter as a list", (seal) => `${LINKED}?upload[]=${seal}`],
  ["behind a hash", (seal) => `${LINKED}#upload=${seal}`],
  ["in the path", (seal) => `${LINKED};upload=${seal}`],
  ["another endpoint", (seal) => `/narrow/raw?upload=${seal}`],
  ["the file API", (seal) => `/v1/upload?upload=${seal}`],
  ["where links are asked for", (seal) => `${LINKED}/links?upload=${seal}`],
];

suite(
  "40 upload links where none is taken",
  across(linkDoors, nowhere, async (door, make) => {
    const answer = await door.send(world, make(sealOf(linkOf(door))), [right]);
    expect([401, 403, 404, 405], answer.text).toContain(answer.status);
  }),
  { leavesNothing: true },
);

/** What opens something else, in the place of an upload link. */
const impostors: readonly (readonly [string, () => Promise<string> | string])[] = [
  ["a caller's token", () => token({ id: "ann" })],
  ["the issuer's token, sealed by nobody", async () => (await token({ id: "ann" })).replaceAll(".", "")],
  ["a download link's signature", () => new URL(world.target.signedUrl).searchParams.get("X-Amz-Signature") ?? ""],
  ["a download link's id", () => new URL(world.target.signedUrl).searchParams.get("X-Sluice-Link") ?? ""],
  ["an upload link's id", () => links.values().next().value?.id ?? ""],
  ["the deployment's secret", () => env.LINK_SECRET.replaceAll(/[^\w-]/g, "")],
];

suite(
  "40 what is no upload link",
  across(linkDoors, impostors, async (door, make) => expectInvalid(door, `${LINKED}?upload=${await make()}`)),
  { leavesNothing: true },
);

suite(
  "40 upload links as download links",
  across(linkDoors, named(["privateUrl", "abiUrl"] as const), async (door, name) => {
    const { pathname } = new URL(world.target[name]);
    const answer = await world.ask(`${pathname}?upload=${sealOf(linkOf(door))}`);
    // A public file has a plain address.
    if (name === "privateUrl") expect(answer.status).toBeGreaterThanOrEqual(400);
    const signature = `X-Amz-Signature=${sealOf(linkOf(door))}`;
    const signed = world.target.signedUrl.replace(/X-Amz-Signature=\w+/, signature);
    expectRefused(door, await world.ask(signed), "link_invalid");
  }),
  { leavesNothing: true },
);

/** The issuer's own token does not widen a link, and a link that fails is not made up for by one. */
suite(
  "40 a token beside an upload link that is none",
  across(linkDoors, alterations.slice(0, 12), async (door, alter) => {
    const address = withSeal(linkOf(door), alter(sealOf(linkOf(door))));
    expectRefused(
      door,
      await door.send(world, address, [right], await identify("x-access-token", "ann")),
      "link_invalid",
    );
  }),
  { leavesNothing: true },
);

const methods = ["GET", "HEAD", "PUT", "POST", "PATCH", "DELETE"];
suite(
  "40 upload links by another method",
  linkDoors.flatMap((door) =>
    methods
      .filter((method) => method !== door.method)
      .map((method): Check => ({
        door: door.name,
        variant: method,
        async run() {
          const body = method === "GET" || method === "HEAD" ? {} : { body: right.bytes };
          const headers = { "content-type": "image/png", ...(method === "PATCH" ? VERSION : {}) };
          const answer = await world.ask(linkOf(door), { method, headers, ...body });
          expect([403, 405]).toContain(answer.status);
        },
      })),
  ),
  { leavesNothing: true },
);

const HOME: string = "203.0.113.7";
const bound = new Map<LinkDoor, IssuedLink>();
beforeAll(async () => {
  for (const door of linkDoors) bound.set(door, await issue(world, door, "ann", { ip: HOME, max_uploads: 300 }));
});
suite(
  "40 upload links from another address",
  across(
    linkDoors,
    [
      ["no address", {}],
      ["a neighbour", { "cf-connecting-ip": "203.0.113.8" }],
      ["the same in IPv6", { "cf-connecting-ip": "::ffff:203.0.113.9" }],
      ...forgedAddresses.map((name) => [name, { [name]: HOME }] as const),
    ],
    async (door, headers) => {
      const answer = await door.send(world, bound.get(door)?.address ?? "", [right], headers);
      expectRefused(door, answer, "link_invalid");
      expect(wire(answer)).toBe(refusals.get(door));
    },
  ),
  { leavesNothing: true },
);
