/** What an upload link allows: asked for beyond what the endpoint gives, and sent beyond what the link does. */
import { env } from "cloudflare:workers";
import { expect } from "vitest";
import type { Json } from "../../../../src/contract/plan.ts";
import { token } from "../../../support/app.ts";
import { png } from "../../../support/pictures.ts";
import { others, pictures } from "../support/contents.ts";
import { across, named, suite, type Check } from "../support/suite.ts";
import {
  issue,
  LINKED,
  linkDoors,
  lookUp,
  right,
  type LinkDoor,
  type LinkedFile,
  type Terms,
} from "../support/upload-links.ts";
import { expectRefused } from "../support/verdicts.ts";
import { carry, identify, newCaller, openWorld } from "../support/world.ts";

const world = openWorld();
const asking = { name: "POST …/links", envelope: "abi" } as const;

const wrong: readonly (readonly [name: string, values: readonly Json[]])[] = [
  ["expires", [0, -1, 7201, 1.5, 1e99, "60", true, [60], {}]],
  ["max_uploads", [0, -1, 301, 1.5, 1e99, "5", true, [1]]],
  ["max_bytes", [0, -1, 262_145, 0.5, 1e99, "5", [1]]],
  ["max_files", [0, -1, 3, 1.5, "1"]],
  ["types", [[], "image/png", ["*/*"], ["image/*"], ["image/gif"], ["image/png", "text/html"], [""], [1], {}]],
  [
    "types",
    [["image/png, text/html"], ["image/png\r\nx"], ["__proto__"], Array.from({ length: 101 }, () => "image/png")],
  ],
  ["method", ["GET", "put", "DELETE", "PATCH", "", 1, ["PUT"], "PUT "]],
  ["fields", [[], "note=a", { note: 1 }, { note: null }, { note: ["a"] }, { "": "a" }, { note: "x".repeat(5000) }]],
  [
    "ip",
    ["", "localhost", "203.0.113.0/24", "203.0.113.256", "0203.0.113.7", ["203.0.113.7"], 3_405_803_783, "::1%eth0"],
  ],
  ["id", ["mine"]],
  ["endpoint", ["narrow-raw-01"]],
  ["caller", ["ben"]],
  ["claims", [{ id: "ben" }]],
  ["__proto__", [{ max_uploads: 300 }]],
];

suite(
  "40 links that would allow more than their endpoint",
  wrong.flatMap(([name, values], index) =>
    named(values).map(([value, given]): Check => ({
      door: asking.name,
      variant: `${index} ${name}: ${value}`,
      async run() {
        // Written out, since an object would lose `__proto__`.
        const body = `{${JSON.stringify(name)}:${JSON.stringify(given)}}`;
        const headers = { "content-type": "application/json", ...(await identify("x-access-token", "ann")) };
        const answer = await world.ask(`${LINKED}/links`, { method: "POST", headers, body });
        expectRefused(asking, answer, "payload_invalid");
      },
    })),
  ),
  { leavesNothing: true },
);

const bodies: readonly (readonly [string, string, string])[] = [
  ["a list", "application/json", "[]"],
  ["a text", "application/json", '"x"'],
  ["half of it", "application/json", '{"expires":'],
  ["a hundred thousand levels", "application/json", "[".repeat(100_000)],
  ["a megabyte", "application/json", JSON.stringify({ fields: { note: "x".repeat(1_000_000) } })],
  ["a form", "application/x-www-form-urlencoded", "max_uploads=300"],
  ["a picture", "image/png", "x"],
];
suite(
  "40 bodies that ask for no link",
  across(
    [asking],
    bodies.map(([name, type, body]) => [name, { type, body }] as const),
    async (door, { type, body }) => {
      const headers = { "content-type": type, ...(await identify("x-access-token", "ann")) };
      const answer = await world.ask(`${LINKED}/links`, { method: "POST", headers, body });
      expectRefused(door, answer, "payload_invalid", "body_malformed", "content_type_unsupported", "body_too_large");
    },
  ),
  { leavesNothing: true },
);

const proofs: readonly (readonly [string, () => Promise<string>])[] = [
  ["none", async () => ""],
  ["expired", () => token({ id: "ann" }, { expires: -60 })],
  ["of another key", () => token({ id: "ann" }, { secret: "another-secret-of-at-least-32-bytes!!!" })],
  ["of nobody", () => token({})],
  ["of a list", () => token({ id: ["ann"] })],
];
suite(
  "40 links for nobody",
  across(
    [
      { name: "POST …/links", method: "POST", path: `${LINKED}/links` },
      { name: "GET …/links", method: "GET", path: `${LINKED}/links` },
      { name: "DELETE …/links", method: "DELETE", path: `${LINKED}/links` },
      { name: "DELETE …/links/{id}", method: "DELETE", path: `${LINKED}/links/x` },
    ],
    proofs,
    async ({ method, path }, proofOf) => {
      const answer = await world.ask(path, { method, headers: carry("x-access-token", await proofOf()) });
      expectRefused(asking, answer, "unauthorized");
    },
  ),
  { leavesNothing: true },
);

/** A link that is refused a file gives its use back: the same link is good afterwards. */
async function expectGivenBack(
  door: LinkDoor,
  terms: Terms,
  files: readonly LinkedFile[],
  good: LinkedFile,
  codes: Parameters<typeof expectRefused>[2][],
) {
  const caller = newCaller();
  const { id, address } = await issue(world, door, caller, terms);
  expectRefused(door, await door.send(world, address, files), ...codes);
  expect(await lookUp(world, caller, id)).toMatchObject({ uploads: 0, state: "live" });
  const answer = await door.send(world, address, [good]);
  expect(answer.status, answer.text).toBe(200);
  expect(await lookUp(world, caller, id)).toMatchObject({ uploads: 1, state: "used_up" });
}

const jpeg = new Uint8Array(pictures[1]?.[1] ?? []);
const padded = (bytes: number): LinkedFile => ({
  bytes: png([1, 2, 3], 4, 3, bytes - png([1, 2, 3], 4, 3, 1).length + 1),
});

suite(
  "40 files that are larger than the link allows",
  across(linkDoors, named([1, 1000, 200_000]), (door, more) =>
    expectGivenBack(door, { max_bytes: 1000 }, [padded(1000 + more)], padded(1000), ["file_too_large"]),
  ),
);

suite(
  "40 files of other types than the link allows",
  across<LinkDoor, LinkedFile>(
    linkDoors,
    [
      ["a JPEG", { bytes: jpeg, type: "image/jpeg", fileName: "a.jpg" }],
      ["a JPEG as PNG", { bytes: jpeg, type: "image/png", fileName: "a.png" }],
      ["a JPEG as nothing", { bytes: jpeg, type: "application/octet-stream", fileName: "a" }],
      ...others
        .filter((_, index) => index % 8 === 0)
        .map(([name, bytes]) => [name, { bytes: new Uint8Array(bytes) }] as const),
    ],
    (door, file) =>
      expectGivenBack(door, { types: ["image/png"] }, [file], right, ["file_type_not_allowed", "file_type_mismatch"]),
  ),
);

const forms = linkDoors.filter(({ name }) => name === "link, form");
suite(
  "40 more files than the link allows",
  across(forms, named([2, 3, 20]), (door, count) =>
    expectGivenBack(
      door,
      { max_files: 1 },
      Array.from({ length: count }, () => right),
      right,
      ["too_many_files"],
    ),
  ),
);

const withTexts = linkDoors.filter(({ hasTexts }) => hasTexts);
suite(
  "40 fields that the link has set",
  across(withTexts, named(["b", "", "A", "a ", "x".repeat(5000)]), (door, note) =>
    expectGivenBack(
      door,
      { fields: { note: "a" } },
      [{ ...right, texts: { note } }],
      { ...right, texts: { note: "a" } },
      ["payload_invalid", "body_malformed"],
    ),
  ),
);

const rowsOf = async (key: string) =>
  (await env.DB.prepare("SELECT user_id, url FROM gallery WHERE storage_key = ?").bind(key).all()).results;

/** Whatever comes by a link is in the issuer's folder, and has the values that the link says. */
suite(
  "40 whose the file is",
  across(
    linkDoors,
    [
      ["by nobody", async () => ({})],
      ["with another's token", () => identify("x-access-token", "mallory")],
      ["with a token that is none", async () => ({ "x-access-token": "x" })],
    ] as const,
    async (door, proofOf) => {
      const caller = newCaller();
      const { address } = await issue(world, door, caller, { fields: { note: "signed" } });
      const answer = await door.send(world, address, [right], await proofOf());
      expect(answer.status, answer.text).toBe(200);
      const [row] = answer.json["data"] as readonly { readonly storage_key: string }[];
      expect(row?.storage_key).toMatch(new RegExp(`^linked/${caller}/summer/`));
      expect(await rowsOf(row?.storage_key ?? "")).toEqual([{ user_id: caller, url: "signed" }]);
    },
  ),
);
