/** Files that run script where a browser lets them, stored through each door and opened in every way there is. */
import { expect } from "vitest";
import { makeActiveFiles } from "../../support/active-files.ts";
import { uploadDoors, type UploadDoor } from "./support/doors.ts";
import { identify, newCaller, openWorld, send, type Answer } from "./support/world.ts";
import { suite } from "./support/suite.ts";
import { expectInert, expectRefused, readStoredFile, type StoredFile } from "./support/verdicts.ts";

const world = openWorld();
const doors = uploadDoors("wide");
const files = makeActiveFiles("https://evil.example/report");

interface Stored {
  readonly door: UploadDoor;
  readonly caller: string;
  readonly file: StoredFile;
}

/** One upload serves all ways of opening it. */
const stored = new Map<string, Promise<Stored>>();

function storeOnce(door: UploadDoor, active: (typeof files)[number]): Promise<Stored> {
  const name = `${door.name} ${active.name}`;
  const known = stored.get(name);
  if (known !== undefined) return known;
  const storing = (async () => {
    const caller = newCaller();
    const part = { fileName: active.name, type: active.declared, body: active.bytes };
    const answer = await send(world, door, caller, [part]);
    return { door, caller, file: await readStoredFile(world, door, caller, answer) };
  })();
  stored.set(name, storing);
  return storing;
}

const isHead = (answer: Answer) => expect(answer.bytes).toHaveLength(0);

/** Asks for the file; `expectInert` looks at what comes. */
const ways: readonly (readonly [string, (stored: Stored) => Promise<void>])[] = [
  ["opened", async ({ file }) => expectInert(await world.ask(file.readUrl))],
  [
    "opened as a page",
    async ({ file }) =>
      expectInert(await world.ask(file.readUrl, { headers: { accept: "text/html", "sec-fetch-dest": "document" } })),
  ],
  [
    "a range that begins with the markup",
    async ({ file }) => expectInert(await world.ask(file.readUrl, { headers: { range: "bytes=4-" } })),
  ],
  [
    "HEAD",
    async ({ file }) => {
      if (file.readUrl !== file.url) return;
      const answer = await world.ask(file.url, { method: "HEAD" });
      expectInert(answer);
      isHead(answer);
    },
  ],
  [
    "a type asked for in the address",
    async ({ file }) => {
      const joint = file.readUrl.includes("?") ? "&" : "?";
      const answer = await world.ask(`${file.readUrl}${joint}response-content-type=text%2Fhtml`);
      if (answer.status >= 400) expectRefused({ envelope: "abi" }, answer, "link_invalid");
      else expectInert(answer);
    },
  ],
];

suite(
  "2 active files",
  doors.flatMap((door) =>
    files.flatMap((active) =>
      ways.map(([way, open]) => ({
        door: door.name,
        variant: `${active.name}: ${way}`,
        run: async () => open(await storeOnce(door, active)),
      })),
    ),
  ),
);

suite(
  "2 a link that asks for the file in place",
  doors
    .filter(({ isFileApi }) => isFileApi)
    .flatMap((door) =>
      files.flatMap((active) =>
        ["inline", "inline; filename=a.html", "inline; filename*=UTF-8''a.html"].map((disposition) => ({
          door: door.name,
          variant: `${active.name}: ${disposition}`,
          run: async () => {
            const { caller, file } = await storeOnce(door, active);
            const query = new URLSearchParams({ disposition });
            const link = await world.ask(`/v1/upload/url/${file.id}?${query}`, {
              headers: await identify(door.tokenIn, caller),
            });
            const opened = await world.ask(link.json["data"] as string);
            expectInert(opened);
            expect(opened.headers.get("cache-control")).toBe("private, no-store, no-transform");
          },
        })),
      ),
    ),
);
