/** Ways out of a folder, an address or an identifier, at every door that takes one. */
import { expect } from "vitest";
import { token } from "../../support/app.ts";
import { deleteDoor, fileRoutes, jobDoor, jsonOf, uploadDoors } from "./support/doors.ts";
import { across, named, suite } from "./support/suite.ts";
import { expectRefused, readStoredFile } from "./support/verdicts.ts";
import { carry, identify, knock, openWorld, type Answer } from "./support/world.ts";

const world = openWorld();
const guardedUploads = uploadDoors("wide").filter(({ tokenIn }) => tokenIn !== null);

const noFolders: readonly string[] = [
  "..",
  ".",
  "../ben",
  "../../wide/ben",
  "ann/../ben",
  "/ben",
  "ben/",
  "ann/ben",
  "..\\ben",
  "ann\\ben",
  "a\u0000b",
  "a\nb",
  "a\rb",
  "a\u007fb",
  "a\u0085b",
  "\u202ebna",
  "a\u200fb",
  "\ufeffann",
  "x".repeat(256),
  "ü".repeat(128),
];
suite(
  "5 claims that are no folder",
  across(guardedUploads, named(noFolders), async (door, id) => {
    expectRefused(door, await knock(world, door, carry(door.tokenIn, await token({ id }))), "unauthorized");
  }),
  { leavesNothing: true },
);

const oneSegment: readonly string[] = [
  "%2e%2e%2fben",
  "..%2fben",
  "%2e%2e",
  "..%5cben",
  "%00",
  "%c0%ae%c0%ae%c0%af",
  "%252e%252e%252f",
  "...",
  "....",
  ".. ",
  "~",
  "~root",
  "C:",
  "a?b#c",
  "a;b=c",
  "a&b",
  "a|b",
  "a*b",
  "a:b",
  "'a'",
  '"a"',
  "a b",
  "$PROTECTED.id",
  "${id}",
  "．．",
  "∕ben",
];
suite(
  "5 claims that are one segment, whatever they look like",
  across(guardedUploads, named(oneSegment), async (door, id) => {
    const answer = await knock(world, door, carry(door.tokenIn, await token({ id })));
    const file = await readStoredFile(world, door, id, answer).catch(() => null);
    if (file === null) return expectRefused(door, answer, "unauthorized");
    const segments = file.key.split("/");
    expect(segments).toHaveLength(3);
    expect(segments[1]).toBe(id);
    // One address, in which nothing of the name is left to be read as a path.
    const { pathname } = new URL(file.url);
    expect(pathname.split("/")).toHaveLength(5);
    expect((await world.ask(file.readUrl)).status).toBe(200);
  }),
);

const paths: readonly string[] = [
  "..%2f",
  "%2e%2e/",
  "%2e%2e%2f",
  "..%5c",
  "%5c",
  "%00",
  "%c0%ae%c0%ae/",
  "%c0%af",
  "%252e%252e%252f",
  "%",
  "%zz",
  "%ff%fe",
  "a%2f",
  "//",
  "./",
  "%2f",
  "public%2fann%2f",
  "\\",
  ";/",
  "%20",
];

const missingFile = (answer: Answer) => expectRefused({ envelope: "abi" }, answer, "file_not_found");

suite(
  "5 addresses of files",
  [
    ["/files/… public", ({ publicUrl }: typeof world.target) => publicUrl],
    ["/files/… private", ({ privateUrl }: typeof world.target) => privateUrl],
    ["/files/… of an ABI", ({ abiUrl }: typeof world.target) => abiUrl],
  ].flatMap(([door, urlOf]) =>
    paths.flatMap((path) =>
      (["before the key", "in the middle of the key", "behind the key"] as const).map((place) => ({
        door: door as string,
        variant: `${path} ${place}`,
        run: async () => {
          const { pathname } = new URL((urlOf as (target: typeof world.target) => string)(world.target));
          const key = pathname.slice("/files/".length);
          const cut = key.lastIndexOf("/") + 1;
          const respelled = {
            "before the key": `${path}${key}`,
            "in the middle of the key": `${key.slice(0, cut)}${path}${key.slice(cut)}`,
            "behind the key": `${key}${path}`,
          }[place];
          // What the URL's own rules make of it is another address, or the same one: that is no attack.
          const url = new URL(`https://uploads.example/files/${respelled}`);
          if (url.pathname === pathname) return;
          const answer = await world.ask(url.href);
          if (!url.pathname.startsWith("/files/"))
            return expectRefused({ envelope: "abi" }, answer, "resource_not_found");
          missingFile(answer);
        },
      })),
    ),
  ),
  { leavesNothing: true },
);

const respellings: readonly (readonly [string, (pathname: string) => string])[] = [
  ["lower-case escapes", (path) => path.replace("/ann/", "/%c3%a4/")],
  ["capitals", (path) => path.replace("ann", "ANN")],
  ["a slash twice", (path) => path.replace("/ann", "//ann")],
  ["a slash behind", (path) => `${path}/`],
  ["a dot behind", (path) => `${path}.`],
  ["a blank behind", (path) => `${path}%20`],
  ["another ending", (path) => path.replace(/\.png$/, ".html")],
  ["no ending", (path) => path.replace(/\.png$/, "")],
  ["a stream of its name", (path) => `${path}::$DATA`],
  ["a path parameter", (path) => `${path};a=b`],
  ["/FILES", (path) => path.replace("/files", "/FILES")],
  ["/files twice", (path) => path.replace("/files", "/files/files")],
  ["a part of its folder", (path) => path.slice(0, path.lastIndexOf("/"))],
  ["its folder", (path) => path.slice(0, path.lastIndexOf("/") + 1)],
];
suite(
  "5 a file has one address",
  ["publicUrl", "abiUrl"].flatMap((name) =>
    respellings.map(([variant, respell]) => ({
      door: name === "abiUrl" ? "/files/… of an ABI" : "/files/… public",
      variant,
      run: async () => {
        const { pathname } = new URL(world.target[name as "publicUrl" | "abiUrl"]);
        const answer = await world.ask(respell(pathname));
        expectRefused({ envelope: "abi" }, answer, "file_not_found", "resource_not_found");
      },
    })),
  ),
  { leavesNothing: true },
);

const ids: readonly string[] = [
  "0",
  "000000000000000000000000",
  "f".repeat(24),
  "f".repeat(32),
  "F".repeat(24),
  "g".repeat(24),
  "f".repeat(23),
  "f".repeat(25),
  "%00",
  "..%2f..%2f",
  "' OR 1=1 --",
  "1; DROP TABLE files",
  "null",
  "undefined",
  "__proto__",
  "constructor",
  "*",
  "%25",
  "$ne",
  "[object Object]",
  "😀",
  "a".repeat(4000),
  "%ff",
];
suite(
  "5 identifiers of no file",
  fileRoutes.flatMap(({ door, pathOf }) =>
    named(ids).map(([variant, id]) => ({
      door: door.name,
      variant,
      run: async () => {
        const proof = await identify(door.tokenIn, "ann");
        const answer = await knock(world, door, proof, { path: pathOf(id) });
        expectRefused(door, answer, "file_not_found", "resource_not_found");
      },
    })),
  ),
  { leavesNothing: true },
);
suite(
  "5 identifiers of no job",
  across([jobDoor], named(ids), async (door, id) => {
    const answer = await knock(world, door, await identify(door.tokenIn, "ann"), { path: `/jobs/${id}` });
    expectRefused(door, answer, "job_not_found", "resource_not_found");
  }),
  { leavesNothing: true },
);

const keys: readonly ((key: string) => string)[] = [
  (key) => `../${key}`,
  (key) => `./${key}`,
  (key) => `/${key}`,
  (key) => `${key}/`,
  (key) => `${key}/..`,
  (key) => key.replace("/", "//"),
  (key) => key.replace("/", "\\"),
  (key) => encodeURIComponent(key),
  (key) => key.replace("ann", "%61nn"),
  (key) => key.toUpperCase(),
  (key) => `${key} `,
  (key) => ` ${key}`,
  (key) => `${key}\u0000`,
  (key) => `${key}%`,
  (key) => `files/${key}`,
  () => "%",
  () => "",
  () => "*",
  () => "narrow/ann/",
  () => "narrow/ann/*",
  () => "x".repeat(2000),
  (key) => `${key}' OR '1'='1`,
];
suite(
  "5 keys to delete",
  keys.map((respell) => ({
    door: deleteDoor.name,
    variant: String(respell).replace(/\s+/g, " "),
    run: async () => {
      const key = respell(world.target.storageKey);
      const proof = await identify(deleteDoor.tokenIn, "ann");
      const answer = await knock(world, deleteDoor, proof, { body: jsonOf([key]) });
      expect(answer.json["data"]).toEqual([{ storage_key: key, status: "not_found" }]);
    },
  })),
  { leavesNothing: true },
);
