/** Deployments whose secrets protect nothing, or that do not mean to have a door: no door opens, and none says why. */
import { env } from "cloudflare:workers";
import { expect } from "vitest";
import { allDoors, guardedDoors, uploadDoors, fileRoutes, listDoor, revokeOwnDoor } from "./support/doors.ts";
import { across, suite } from "./support/suite.ts";
import { expectRefused } from "./support/verdicts.ts";
import { identify, knock, openWorld } from "./support/world.ts";

const world = openWorld();

const tokenKeys: readonly (readonly [string, string | undefined])[] = [
  ["no token key", undefined],
  ["an empty token key", ""],
  ["a token key of 31 bytes", "x".repeat(31)],
  ["a token key of blanks", " ".repeat(40)],
  ["a token key of one letter", "a".repeat(64)],
  ["the link secret as token key", env.LINK_SECRET],
  ["the link secret and blanks as token key", ` ${env.LINK_SECRET} `],
];
suite(
  "10 weak token keys",
  across(guardedDoors("narrow"), tokenKeys, async (door, key) => {
    const weak = world.beside({ JWT_SECRET_KEY: key });
    const answer = await weak.askAnyway(door.path(world.target), {
      method: door.method,
      headers: await identify(door.tokenIn, "ann"),
    });
    expectRefused(door, answer, "misconfigured");
    expect(answer.text).not.toContain("JWT_SECRET_KEY");
  }),
  { leavesNothing: true },
);

const linkKeys: readonly (readonly [string, string | undefined])[] = [
  ["no link secret", undefined],
  ["a link secret of 31 bytes", "x".repeat(31)],
  ["a link secret of one letter", "a".repeat(64)],
];
suite(
  "11 weak link secrets",
  across(
    allDoors("narrow").filter(({ method }) => method !== "OPTIONS"),
    linkKeys,
    async (door, secret) => {
      const weak = world.beside({ LINK_SECRET: secret });
      const answer = await weak.askAnyway(door.path(world.target), { method: door.method });
      if (door.name === "/healthz") return expect(answer.text).toBe('{"status":"degraded"}');
      expectRefused(door, answer, "misconfigured");
      expect(answer.text).not.toContain("LINK_SECRET");
    },
  ),
  { leavesNothing: true },
);

const fileApi = [
  ...uploadDoors("narrow").filter(({ isFileApi }) => isFileApi),
  listDoor,
  revokeOwnDoor,
  ...fileRoutes.map(({ door }) => door),
];
suite(
  "14 a file API that is off",
  across(
    fileApi,
    [
      ["with a good token", true],
      ["without a token", false],
    ],
    async (door, isKnown) => {
      const proof = isKnown ? await identify(door.tokenIn, "ann") : {};
      const answer = await knock(world.beside({ FILE_API: "off" }, "fileApi"), door, proof);
      // As an address that never was.
      expectRefused({ envelope: "abi" }, answer, "resource_not_found");
    },
  ),
  { leavesNothing: true },
);
