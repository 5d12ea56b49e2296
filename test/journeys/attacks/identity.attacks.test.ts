/** Tokens that are good but name nobody, or one person in two ways: refused at every door alike. */
import { env } from "cloudflare:workers";
import { base64url } from "jose";
import { expect } from "vitest";
import { abiUploadDoors, guardedDoors, jsonOf, listDoor, queryDoors, type Door } from "./support/doors.ts";
import { across, suite } from "./support/suite.ts";
import { expectRefused } from "./support/verdicts.ts";
import { carry, identify, knock, newCaller, openWorld } from "./support/world.ts";

const world = openWorld();
const doors = guardedDoors("narrow");

/** With claims as they are written here: a JSON library would change some of these numbers. */
async function signText(claims: string): Promise<string> {
  const exp = Math.floor(Date.now() / 1000) + 600;
  const payload = base64url.encode(`{"exp":${exp}${claims === "" ? "" : `,${claims}`}}`);
  const text = `${base64url.encode(JSON.stringify({ alg: "HS256" }))}.${payload}`;
  const encoder = new TextEncoder();
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", encoder.encode(env.JWT_SECRET_KEY), algorithm, false, ["sign"]);
  return `${text}.${base64url.encode(new Uint8Array(await crypto.subtle.sign("HMAC", key, encoder.encode(text))))}`;
}

/** Of which no two readers would read the same, or that say nothing. */
const unreadable: readonly (readonly [string, string])[] = [
  ["id 1e400", '"id":1e400'],
  ["id -1e400", '"id":-1e400'],
  ["id 2^53 + 1", '"id":9007199254740993'],
  ["id of 20 digits", '"id":12345678901234567890'],
  ["id empty", '"id":""'],
  ["id null and no sub", '"id":null'],
  ["no id and no sub", '"name":"ann"'],
  ["id twice, the last one wrong", '"id":"ann","id":true'],
  ["id twice, the last one right", '"id":true,"id":"ann"'],
];
/** Values that may be claims, but nobody's name. */
const unnamed: readonly (readonly [string, string])[] = [
  ["id true", '"id":true'],
  ["id false", '"id":false'],
  ["id {}", '"id":{}'],
  ["id an object that looks like text", '"id":{"toString":"ann"}'],
  ["id []", '"id":[]'],
  ['id ["ann"]', '"id":["ann"]'],
  ["id 1.5", '"id":1.5'],
  ["id 1e21", '"id":1e21'],
  ["id with NUL", '"id":"an\\u0000n"'],
  ["id with a line break", '"id":"ann\\n"'],
  ["id with a tab", '"id":"ann\\t"'],
  ["id with DEL", '"id":"ann\\u007f"'],
  ["id of 300 bytes", `"id":"${"x".repeat(300)}"`],
  ["id of 256 bytes in 128 letters", `"id":"${"ü".repeat(128)}"`],
  ["a lone surrogate", '"id":"\\ud800"'],
  ["id true, beside a sub that is Ann's", '"id":true,"sub":"ann"'],
];

const refused = async (door: Door, claims: string) =>
  expectRefused(door, await knock(world, door, carry(door.tokenIn, await signText(claims))), "unauthorized");

/** Where nothing belongs to a caller, claims are values of rows. */
const rowDoors: readonly Door[] = Object.values(queryDoors);
const owning = doors.filter(({ name }) => !rowDoors.some((door) => door.name === name));

suite("26 tokens that nobody can read alike", across(doors, unreadable, refused), { leavesNothing: true });
suite("26 tokens that name nobody", across(owning, unnamed, refused), { leavesNothing: true });
suite(
  "26 claims that are no name find no row of Ann's",
  across([queryDoors.find, queryDoors.findDocument], unnamed, async (door, claims) => {
    const writer = door === queryDoors.find ? queryDoors.noteJson : queryDoors.keepDocument;
    const key = newCaller();
    const body = jsonOf({ key, text: "t" });
    expect((await knock(world, writer, await identify(writer.tokenIn, "ann"), { body })).status).toBe(200);
    const found = await knock(world, door, carry(door.tokenIn, await signText(claims)), { body });
    if (found.status === 200) expect(found.json["data"]).toEqual([]);
    else expectRefused(door, found, "unauthorized", "row_rejected");
    const own = await knock(world, door, await identify(door.tokenIn, "ann"), { body });
    expect(own.json["data"]).toHaveLength(1);
  }),
);

const twins: readonly (readonly [string, string, string])[] = [
  ['1 and "1"', '"id":1', '"id":"1"'],
  ["1 and 1.0", '"id":1', '"id":1.0'],
  ["1 and 1e0", '"id":1', '"id":1e0'],
  ["escaped letters", '"id":"ann-t"', '"id":"\\u0061nn-t"'],
];
suite(
  "26 one person in two spellings",
  [listDoor, ...abiUploadDoors("wide").filter(({ tokenIn }) => tokenIn !== null)].flatMap((door) =>
    twins.map(([variant, first, second]) => ({
      door: door.name,
      variant,
      run: async () => {
        const ask = async (claims: string) => knock(world, door, carry(door.tokenIn, await signText(claims)));
        const [one, two] = [await ask(first), await ask(second)];
        expect(one.status, one.text).toBe(two.status);
        if (one.status >= 300 || door === listDoor) return;
        const folder = (text: string) => /"storage_key":"([^"]*)\/[^/"]*"/.exec(text)?.[1];
        expect(folder(one.text)).toBe(folder(two.text));
      },
    })),
  ),
);

const strangers: readonly (readonly [string, string])[] = [
  ["capitals", '"id":"ANN"'],
  ["a blank behind", '"id":"ann "'],
  ["a blank before", '"id":" ann"'],
  ["another letter that looks alike", '"id":"аnn"'],
  ["full-width letters", '"id":"ａｎｎ"'],
  ["a joiner within", '"id":"a\\u200dnn"'],
  ["a combining mark", '"id":"ann\\u0301"'],
  ["percent-encoded", '"id":"%61nn"'],
  ["with a wildcard", '"id":"an%"'],
  ["with an underscore", '"id":"an_"'],
  ["owner:ann", '"id":"owner:ann"'],
  ["sub of Ann beside another id", '"id":"ben","sub":"ann"'],
];
suite(
  "14 names that are nearly Ann's",
  across([listDoor], strangers, async (door, claims) => {
    const answer = await knock(world, door, carry(door.tokenIn, await signText(claims)));
    if (answer.status === 401) return;
    expect(answer.json["data"]).toMatchObject({ count: 0, data: [] });
  }),
  { leavesNothing: true },
);
