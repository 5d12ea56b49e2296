/** Text that is SQL, a MongoDB operator, an accessor or a template to somebody: everywhere it stays the text that it is. */
import { expect } from "vitest";
import {
  deleteDoor,
  fieldsOf,
  fileRoutes,
  jobDoor,
  jsonOf,
  listDoor,
  pictureParts,
  queryDoors,
  uploadDoors,
  type Body,
  type Door,
} from "./support/doors.ts";
import { expectUntouched } from "./support/state.ts";
import { across, named, suite } from "./support/suite.ts";
import { expectRefused, readStoredFile } from "./support/verdicts.ts";
import { identify, knock, newCaller, openWorld, send, type Answer } from "./support/world.ts";

const world = openWorld();

const texts: readonly string[] = [
  "' OR '1'='1",
  "' OR 1=1 --",
  '" OR ""="',
  "'; DROP TABLE gallery; --",
  "'; DELETE FROM files; --",
  "x'); INSERT INTO gallery SELECT * FROM gallery; --",
  "' UNION SELECT id, owner, storage_key, endpoint FROM files --",
  "') UNION SELECT 1,2,3,sql FROM sqlite_master --",
  "'||(SELECT group_concat(key) FROM idempotency_keys)||'",
  "1; ATTACH DATABASE 'x' AS y",
  "' AND randomblob(1000000000) --",
  "' AND load_extension('x') --",
  "\\'; SELECT 1 --",
  "%27%20OR%201%3D1",
  "%' OR '%'='",
  "_%",
  "*",
  "?1",
  "$1",
  ":user_id",
  "@id",
  "NULL",
  "DEFAULT",
  "CURRENT_TIMESTAMP",
  "/*",
  "--",
  "\u0000' OR 1=1",
  "ʼ OR 1=1 --",
  "＇ OR 1=1 --",
  "$PROTECTED.id",
  "$ENV.JWT_SECRET_KEY",
  "${$ENV.JWT_SECRET_KEY}",
  "$HEADER.x-access-token",
  "$GENERATOR.UUID",
  "$PAYLOAD.key",
  "{{constructor.constructor('return process')()}}",
  "${7*7}",
  '{"$gt":""}',
  '{"$where":"sleep(5000)"}',
  '["a"]',
  "true",
  "1e999",
];

type Found = readonly { readonly user_id: string; readonly text?: string; readonly url?: string }[];
const guard = (id: string) => identify("x-access-token", id);

/** Writes with one door and reads with another: the text comes back as it went, and only to who sent it. */
const roundTrips: readonly (readonly [Door, Door, (text: string, key: string) => Body])[] = [
  [queryDoors.noteJson, queryDoors.find, (text, key) => jsonOf({ key, text })],
  [queryDoors.noteForm, queryDoors.find, (text, key) => fieldsOf({ key, text })],
  [queryDoors.keepDocument, queryDoors.findDocument, (text, key) => jsonOf({ key, text })],
];
suite(
  "19 text that is written",
  roundTrips.flatMap(([writer, reader, bodyOf]) =>
    named(texts).map(([variant, text]) => ({
      door: writer.name,
      variant,
      run: async () => {
        const caller = newCaller();
        const key = `${caller}${text}`;
        const written = await knock(world, writer, await guard(caller), { body: bodyOf(text, key) });
        expect(written.status, written.text).toBe(200);
        const read = await knock(world, reader, await guard(caller), { body: jsonOf({ key }) });
        const found = read.json["data"] as Found;
        expect(found.map(({ user_id: owner, text, url }) => [owner, text ?? url])).toEqual([[caller, text]]);
        const others = await knock(world, reader, await guard("ben"), { body: jsonOf({ key }) });
        expect(others.json["data"]).toEqual([]);
      },
    })),
  ),
);

const values: readonly (readonly [string, unknown])[] = [
  ...named<unknown>(texts),
  ...named<unknown>([
    { $gt: "" },
    { $ne: null },
    { $regex: ".*" },
    { $where: "sleep(5000)" },
    { $in: ["a", "b"] },
    { $exists: true },
    ["a"],
    [],
    {},
    null,
    true,
    0,
    -1,
    1.5,
    1e308,
    { toString: "a" },
    [[["x"]]],
  ]),
];
suite(
  "19 values to look for",
  [queryDoors.find, queryDoors.findDocument].flatMap((door) =>
    values.map(([variant, key]) => ({
      door: door.name,
      variant: `${variant}, ${typeof key}`,
      run: async () => {
        const answer = await knock(world, door, await guard("ben"), { body: jsonOf({ key }) });
        if (answer.status === 200) expect(answer.json["data"]).toEqual([]);
        else expectRefused(door, answer, "row_rejected", "payload_invalid");
      },
    })),
  ),
  { leavesNothing: true },
);

const asParameter = (text: string) => encodeURIComponent(text.toWellFormed());
const isRefusal = (door: Door, answer: Answer) =>
  expectRefused(
    door,
    answer,
    "parameter_invalid",
    "file_not_found",
    "resource_not_found",
    "job_not_found",
    "payload_invalid",
  );

const addresses: readonly (readonly [Door, string, (text: string) => string])[] = [
  ...["page", "limit", "cursor", "type", "visibility", "from", "to", "order"].map(
    (name) => [listDoor, name, (text: string) => `/v1/upload?${name}=${asParameter(text)}`] as const,
  ),
  [jobDoor, "the id", (text) => `/jobs/${asParameter(text)}`],
  ...fileRoutes.map(({ door, pathOf }) => [door, "the id", (text: string) => pathOf(asParameter(text))] as const),
];
suite(
  "19 text in addresses",
  addresses.flatMap(([door, place, pathOf]) =>
    named(texts.slice(0, 24).filter((text) => !(place === "the id" && text === "*"))).map(([variant, text]) => ({
      door: door.name,
      variant: `${variant} as ${place}`,
      run: async () =>
        expectUntouched(async () => {
          isRefusal(door, await knock(world, door, await identify(door.tokenIn, "ann"), { path: pathOf(text) }));
        }),
    })),
  ),
);

suite(
  "19 text as a prefix",
  across([listDoor], named(texts), async (door, text) => {
    const answer = await knock(world, door, await identify(door.tokenIn, "ann"), {
      path: `/v1/upload?prefix=${asParameter(text)}`,
    });
    if (answer.status === 200) expect(answer.json["data"]).toMatchObject({ count: 0, data: [] });
    else isRefusal(door, answer);
  }),
  { leavesNothing: true },
);

suite(
  "19 text as keys to delete",
  across([deleteDoor], named(texts), async (door, text) => {
    const answer = await knock(world, door, await guard("ann"), { body: jsonOf([text]) });
    expect(answer.json["data"]).toEqual([{ storage_key: text, status: "not_found" }]);
  }),
  { leavesNothing: true },
);

suite(
  "19 text as a file's and an owner's name",
  across(
    uploadDoors("narrow"),
    named(texts.filter((text) => !text.includes('"') && !text.includes("\u0000"))),
    async (door, text) => {
      const [part] = pictureParts;
      const proof = door.tokenIn === null ? {} : await identify(door.tokenIn, text);
      const answer = await send(world, door, text, [{ ...part, body: part?.body ?? "", fileName: text }], proof);
      if (answer.status >= 400) return expectRefused(door, answer, "unauthorized");
      const file = await readStoredFile(world, door, text, answer);
      if (door.tokenIn !== null) expect(file.key.split("/")[1]).toBe(text);
      expect((await world.ask(file.readUrl)).status).toBe(200);
    },
  ),
);

/** The same key twice, whatever else is said: one idempotent call of one caller. */
suite(
  "19 text as an idempotency key",
  across(
    [uploadDoors("narrow")[0], uploadDoors("narrow")[5]].flatMap((door) => door ?? []),
    named(texts.filter((text) => /^[!-~]+$/.test(text))),
    async (door, key) => {
      const caller = newCaller();
      const first = await send(world, door, caller, pictureParts, { "idempotency-key": key });
      const again = await send(world, door, caller, pictureParts, { "idempotency-key": key });
      expect([first.status, again.status]).toEqual([200, 200]);
      expect(again.headers.get("idempotent-replayed")).toBe("true");
      expect((await readStoredFile(world, door, caller, again)).key).toBe(
        (await readStoredFile(world, door, caller, first)).key,
      );
    },
  ),
);

const pages: readonly (readonly [string, unknown, unknown])[] = [
  ["LIMIT -1", -1, 0],
  ["LIMIT -2^63", -9_223_372_036_854_776_000, 0],
  ["OFFSET -1", 1, -1],
  ["LIMIT as text -1", "-1", 0],
  ["LIMIT in SQL", "1 OR 1=1", 0],
  ["LIMIT a query", "(SELECT 9)", 0],
  ["LIMIT an object", { a: 1 }, 0],
];
suite(
  "19 pages",
  pages.map(([variant, limit, offset]) => ({
    door: "QUERY, LIMIT and OFFSET",
    variant,
    run: async () => {
      const door = { ...queryDoors.find, path: () => "/page" };
      const answer = await knock(world, door, await guard("ann"), { body: jsonOf({ limit, offset }) });
      expectRefused(door, answer, "row_rejected", "payload_invalid");
    },
  })),
  { leavesNothing: true },
);
