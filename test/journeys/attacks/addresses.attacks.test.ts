/** Paths and query strings that no client of an ABI means, at every door that reads them. */
import { expect } from "vitest";
import { albumDoor, jsonOf, queryDoors } from "./support/doors.ts";
import { across, named, suite } from "./support/suite.ts";
import { expectRefused, readStoredFile } from "./support/verdicts.ts";
import { identify, knock, newCaller, openWorld, type Answer } from "./support/world.ts";

const world = openWorld();
const guard = (id: string) => identify("x-access-token", id);
const { noteJson, findByPath, findByQuery } = queryDoors;

type Found = readonly { readonly user_id: string; readonly url: string }[];
const found = (answer: Answer): Found => {
  expect(answer.status, answer.text.slice(0, 400)).toBe(200);
  return answer.json["data"] as unknown as Found;
};

/** Both readers, with the address that asks them for a key. */
const readers = [
  { ...findByPath, pathOf: (key: string) => `/notes/${key}` },
  { ...findByQuery, pathOf: (key: string) => `/notes?key=${key}` },
];

const values: readonly string[] = [
  "a/b",
  "../ben",
  "..\\ben",
  "....//",
  "a?b#c&d=e;f",
  "%2e%2e%2f",
  "%",
  "+",
  " a ",
  "x\r\nSet-Cookie: a=b\r\n\r\n<script>",
  "résumé",
  "re\u0301sume\u0301",
  "\u{1f9fe}",
  "\u202ebna",
  "\ufeffk",
  "K",
  ":key",
  "*",
  "__proto__",
  "constructor",
  "$PROTECTED.id",
  "$ENV.JWT_SECRET_KEY",
  "$QUERY.limit",
  "' OR '1'='1",
  "'; DROP TABLE gallery; --",
  "%' OR '%'='",
  "?2",
  "$2",
  "null",
  "true",
  '{"$gt":""}',
  "x".repeat(2048),
];
suite(
  "32 values that mean something elsewhere",
  across(readers, named(values), async (door, value) => {
    const [owner, other] = [newCaller(), newCaller()];
    for (const id of [owner, other]) {
      const body = jsonOf({ key: crypto.randomUUID(), text: value });
      expect((await knock(world, noteJson, await guard(id), { body })).status).toBe(200);
    }
    const path = door.pathOf(encodeURIComponent(value));
    expect(found(await knock(world, door, await guard(owner), { path }))).toMatchObject([
      { user_id: owner, url: value },
    ]);
    expect(found(await knock(world, door, await guard(newCaller()), { path }))).toEqual([]);
  }),
);

suite(
  "32 what is not UTF-8, or too long",
  across(
    readers,
    named(["%ff", "%zz", "%", "%c0%af", "%ed%a0%80", "a%e2%82", "x".repeat(2049)]),
    async (door, text) => {
      const answer = await knock(world, door, await guard(newCaller()), { path: door.pathOf(text) });
      expectRefused(door, answer, "parameter_invalid");
    },
  ),
  { leavesNothing: true },
);

const nulls = ["%00", "a%00b", "%00%00"];
suite(
  "32 null characters",
  across(readers, named(nulls), async (door, text) => {
    const answer = await knock(world, door, await guard(newCaller()), { path: door.pathOf(text) });
    if (answer.status === 200) expect(found(answer)).toEqual([]);
    else expectRefused(door, answer, "row_rejected");
  }),
  { leavesNothing: true },
);

const elsewhere: readonly string[] = [
  "/notes/",
  "/notes//",
  "/notes/k/",
  "/notes/k/k",
  "/notes/..",
  "/notes/%2e%2e",
  "/notes/%2E%2E/",
  "/notes/k/%2e%2e/%2e%2e/nothing",
  "/notes%2fk",
  "/notes%5ck",
  "/n%6ftes/k",
  "/NOTES/k",
  "//notes/k",
  "/./nothing/../notes/k/x",
  "/find-by-path-01",
  "/find-by-path-01/k",
  "/notes/:key/x",
];
suite(
  "32 addresses beside the endpoint's",
  across([findByPath], named(elsewhere), async (door, path) => {
    const answer = await knock(world, door, await guard(newCaller()), { path });
    expectRefused(door, answer, "resource_not_found");
  }),
  { leavesNothing: true },
);

const searches: readonly string[] = [
  "",
  "?",
  "?k",
  "?KEY=k",
  "?key[]=k",
  "?key=k&key=k",
  "?key=k&k%65y=other",
  "?key=k&limit=0",
  "?key=k&limit=101",
  "?key=k&limit=1e3",
  "?key=k&limit=1.0000000000000000001",
  "?key=k&limit=1%00",
  "?key=k&limit=١",
  "?key=k&limit=NaN",
  "?key=k&limit=0x10",
  "?key=k&limit=1;DROP",
  "?key=k&__proto__=x",
  "?key=k&__proto__[x]=x",
  "?key=k&constructor=x",
  "?key=k&toString=x",
  "?key=k&hasOwnProperty",
  "?key=k&=x",
  "?key=k&x=y%0d%0aSet-Cookie:a=b",
  `?${"key=k&".repeat(2700)}`,
  `?key=k&${"x".repeat(16_000)}`,
  `?${Array.from({ length: 10_000 }, (_, at) => `p${at}=${at}`).join("&")}`,
  `?key=k${"&".repeat(100_000)}`,
];
suite(
  "32 query strings",
  across([findByQuery], named(searches), async (door, search) => {
    const answer = await knock(world, door, await guard(newCaller()), { path: `/notes${search}` });
    expectRefused(door, answer, "parameter_invalid");
    expect(answer.bytes.length).toBeLessThan(2000);
  }),
  { leavesNothing: true },
);

suite(
  "32 folders that a path names",
  across(
    [albumDoor],
    named([
      "a%2fb",
      "%2e%2e%2fben",
      "..%5cben",
      "%5c",
      "%00",
      "a%0ab",
      "%c2%85",
      "%e2%80%aebna",
      "x".repeat(256),
      "%c3%bc".repeat(128),
    ]),
    async (door, name) => {
      const answer = await knock(world, door, await guard(newCaller()), { path: `/album/${name}` });
      expectRefused(door, answer, "payload_invalid");
    },
  ),
  { leavesNothing: true },
);
suite(
  "32 folders that only look like others",
  across(
    [albumDoor],
    named(["%252e%252e%252f", "...", "~root", "$PROTECTED.id", "a b", "__proto__", ":name", "ü"]),
    async (door, name) => {
      const owner = newCaller();
      const answer = await knock(world, door, await guard(owner), { path: `/album/${encodeURI(name)}` });
      const { key } = await readStoredFile(world, door, owner, answer);
      expect(key.split("/").slice(0, 3)).toEqual(["album", owner, decodeURIComponent(encodeURI(name))]);
      expect(key.split("/")).toHaveLength(4);
    },
  ),
);

const methods = ["PUT", "PATCH", "DELETE", "POST", "PROPFIND"];
suite(
  "32 methods that an endpoint does not take",
  across([findByPath], named(methods), async (door, method) => {
    const answer = await knock(world, { ...door, method }, await guard(newCaller()));
    expectRefused(door, answer, "method_not_allowed");
    expect(answer.headers.get("allow")).toBe("GET, HEAD, OPTIONS");
  }),
  { leavesNothing: true },
);
suite(
  "32 methods named in headers",
  across(readers, named(["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"]), async (door, header) => {
    const answer = await knock(world, door, { ...(await guard(newCaller())), [header]: "DELETE" });
    expect(found(answer)).toEqual([]);
  }),
  { leavesNothing: true },
);

suite(
  "32 validators of another's answer",
  across(readers, named(["etag", "*"]), async (door, kind) => {
    const [owner, other] = [newCaller(), newCaller()];
    const key = crypto.randomUUID();
    await knock(world, noteJson, await guard(owner), { body: jsonOf({ key, text: key }) });
    const path = door.pathOf(key);
    const mine = await knock(world, door, await guard(owner), { path });
    expect(mine.headers.get("cache-control")).toBe("private, no-cache");
    expect(mine.headers.get("vary")).toContain("x-access-token");
    const tag = kind === "*" ? "*" : (mine.headers.get("etag") ?? "");
    const answer = await knock(world, door, { ...(await guard(other)), "if-none-match": tag }, { path });
    // "*" asks for any answer there is: 304 has nothing of it.
    expect([answer.status, answer.text.includes(key)]).toEqual([kind === "*" ? 304 : 200, false]);
    expectRefused(door, await knock(world, door, { "if-none-match": tag }, { path }), "unauthorized");
  }),
);
