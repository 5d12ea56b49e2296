/** Texts, headers and forms that are small and cost much: patterns that backtrack, scanners that begin again. */
import { expect } from "vitest";
import { latin1 } from "./support/contents.ts";
import {
  BOUNDARY,
  deleteDoor,
  jsonOf,
  listDoor,
  pictureParts,
  publicFileDoor,
  queryDoors,
  signedFileDoor,
  uploadDoors,
  type Door,
  type UploadDoor,
} from "./support/doors.ts";
import { across, suite } from "./support/suite.ts";
import { within } from "./support/within.ts";
import { identify, knock, newCaller, openWorld, send } from "./support/world.ts";

const world = openWorld();
const doors = uploadDoors("wide");

/** Texts that a pattern with two ways to match tries all ways of. */
const texts: readonly (readonly [string, string, string])[] = [
  ["30 comments and a letter", `${"<!--x-->".repeat(30)}y`, "text/plain"],
  ["500 comments and a letter", `${"<!--x-->".repeat(500)}y`, "text/plain"],
  ["30 instructions and a letter", `${"<?x?>".repeat(30)}y`, "text/plain"],
  ["30 document types and a letter", `${"<!doctype x>".repeat(30)}y`, "text/plain"],
  ["comments with blanks between", `${"<!--x--> ".repeat(60)}y`, "text/plain"],
  ["comments that are never closed", "<!--".repeat(1000), "text/plain"],
  ["document types with brackets", `${"<!doctype x [".repeat(300)}y`, "text/plain"],
  ["instructions and comments mixed", `${"<?x?><!--x-->".repeat(40)}<`, "text/plain"],
  ["4,096 blanks", `${" ".repeat(4095)}x`, "text/plain"],
  ["4,096 blanks and a bracket", `${"\n".repeat(4095)}<`, "text/plain"],
  ["a tag of 4,000 letters", `<${"a".repeat(4000)}`, "text/plain"],
  ["a tag of colons", `<${"a:".repeat(2000)}`, "text/plain"],
  ["a tag of dots and dashes", `<${".-".repeat(2000)}`, "text/plain"],
  ["4,000 brackets", "<".repeat(4000), "text/plain"],
  ["an XML prologue without an end", `<?xml ${"a".repeat(4000)}`, "application/xml"],
];
/** Far above what any of these take on a busy machine, far below what the attack wants. */
const MAX_MILLISECONDS = 10_000;
suite(
  "25 texts that patterns backtrack on",
  across<UploadDoor, readonly [string, string]>(
    doors,
    texts.map(([name, text, type]) => [name, [text, type]] as const),
    async (door, [text, type]) => {
      const proof = newCaller();
      const answer = await within(MAX_MILLISECONDS, () =>
        send(world, door, proof, [{ fileName: "a.txt", type, body: text }]),
      );
      expect([200, 202, 415]).toContain(answer.status);
    },
  ),
);

const long = 20_000;
const mails: readonly (readonly [string, string])[] = [
  ["a thousand dots", `a@${".".repeat(1000)}`],
  ["alternating dots", `a@${"a.".repeat(long)}`],
  ["many ats", "@".repeat(long)],
  ["a long name", `${"a".repeat(long)}@`],
  ["dashes", `a@${"-".repeat(long)}.b`],
  ["labels", `a@${"a-".repeat(long)}.b!`],
  ["quotes", `"${"\\".repeat(long)}@b.c`],
];
suite(
  "25 addresses that patterns backtrack on",
  mails.map(([variant, mail]) => ({
    door: "QUERY, payload_validation",
    variant,
    run: async () => {
      const door = { ...queryDoors.find, path: () => "/checked" };
      const proof = await identify("x-access-token", "ann");
      const answer = await within(MAX_MILLISECONDS, () => knock(world, door, proof, { body: jsonOf({ mail }) }));
      expect(answer.json["code"]).toBe("payload_invalid");
    },
  })),
  { leavesNothing: true },
);

const headers: readonly (readonly [string, Record<string, string>])[] = [
  ["Range of many ranges", { range: `bytes=${"0-1,".repeat(3000)}0-1` }],
  ["Range of blanks", { range: `bytes=${" ".repeat(8000)}x` }],
  ["Range of digits", { range: `bytes=${"9".repeat(8000)}-` }],
  ["If-None-Match of many tags", { "if-none-match": '"a",'.repeat(3000) }],
  ["If-None-Match of one open tag", { "if-none-match": `"${"a".repeat(8000)}` }],
  ["If-None-Match of blanks and commas", { "if-none-match": " ,".repeat(4000) }],
  ["If-Modified-Since of blanks", { "if-modified-since": `Mon,${" ".repeat(8000)}x` }],
  ["If-Range of letters", { range: "bytes=0-1", "if-range": "W/".repeat(4000) }],
  ["Origin of 8,000 letters", { origin: `https://${"a.".repeat(4000)}` }],
  ["CF-Connecting-IP of colons", { "cf-connecting-ip": ":".repeat(8000) }],
  ["a token of blanks", { authorization: `Bearer${" ".repeat(8000)}x` }],
  ["a token of dots", { "x-access-token": ".".repeat(8000) }],
];
const open: readonly Door[] = [publicFileDoor, signedFileDoor, listDoor, deleteDoor];
suite(
  "7 headers that cost",
  across(open, headers, async (door, more) => {
    const answer = await within(MAX_MILLISECONDS, () => knock(world, door, more));
    expect(answer.status).toBeLessThan(500);
  }),
  { leavesNothing: true },
);

const form = (dispositionOf: string, content: string) =>
  latin1(`--${BOUNDARY}\r\nContent-Disposition: form-data; ${dispositionOf}\r\n\r\n${content}\r\n--${BOUNDARY}--\r\n`);
const forms: readonly (readonly [string, Uint8Array<ArrayBuffer>])[] = [
  ["7,000 backslashes in a name", form(`name="a"; filename="${"\\".repeat(1000)}"`, "x")],
  ["semicolons", form(`name="a"; filename="a"${";".repeat(7000)}`, "x")],
  ["blanks", form(`name="a";${" ".repeat(7000)}filename="a"`, "x")],
  ["percent signs", form(`name="a"; filename*=UTF-8''${"%".repeat(1000)}`, "x")],
  ["boundaries that nearly match", form('name="a"; filename="a"', `\r\n--${BOUNDARY.slice(0, -1)}`.repeat(5000))],
  ["line breaks", form('name="a"; filename="a"', "\r\n".repeat(60_000))],
  ["dashes", form('name="a"; filename="a"', "\r\n--".repeat(30_000))],
  ["carriage returns", form('name="a"; filename="a"', "\r".repeat(120_000))],
  ["a preamble of boundaries", latin1(`--${BOUNDARY}x`.repeat(5000))],
  ["an epilogue of boundaries", latin1(`--${BOUNDARY}--${`\r\n--${BOUNDARY}`.repeat(5000)}`)],
];
suite(
  "7 forms that cost",
  across(doors, forms, async (door, bytes) => {
    const body = { type: `multipart/form-data; boundary=${BOUNDARY}`, bytes };
    const proof = await identify(door.tokenIn, newCaller());
    const answer = await within(MAX_MILLISECONDS, () => knock(world, door, proof, { body }));
    expect(answer.status).toBeLessThan(500);
    // The next caller is served.
    expect((await send(world, door, newCaller(), pictureParts)).status).toBeLessThan(300);
  }),
);
