/**
 * Links changed at random: whatever is done to one, it opens only if it still says the same. The seed is fixed; a failure
 * prints the link before and after.
 */
import { expect, test } from "vitest";
import { signLink, verifyLink, type LinkRequest } from "../../../../src/runtime/links/signed-link.ts";
import { Problem } from "../../../../src/contract/problem.ts";
import { readObjectKey } from "../../../../src/runtime/storage/object-key.ts";
import { linkKey, placeOf } from "../../../support/secrets.ts";

const LINKS = 40;
const MUTATIONS = 60;
const now = new Date("2026-10-20T12:00:00.000Z");
const address = "203.0.113.7";

type Random = (below: number) => number;

/** https://en.wikipedia.org/wiki/Xorshift */
function createRandom(seed: number): Random {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

const keys = ["a.png", "users/42/a b+c.png", "ä/日本/👩.txt", "%2e%2e/100%.csv", "!'()*~/me@x.com"];
const dispositions = [
  null,
  "inline",
  "attachment",
  'attachment; filename="a b&c=d.png"',
  "inline; filename*=UTF-8''%C3%A4",
];

function randomRequest(random: Random): LinkRequest {
  const key = readObjectKey(keys[random(keys.length)] ?? "")!;
  const type = random(2) === 0 ? {} : { type: "text/plain" };
  return {
    base: "https://files.example",
    key,
    method: random(4) === 0 ? "HEAD" : "GET",
    expiresSeconds: 1 + random(604_800),
    now,
    disposition: dispositions[random(dispositions.length)] ?? null,
    epoch: random(3),
    id: "V1StGXR8_Z5jdHi6B-myT",
    maxDownloads: random(2) === 0 ? null : 1 + random(20),
    address: random(3) === 0 ? address : null,
    ...type,
  };
}

const names = [
  "X-Amz-Expires",
  "X-Amz-Date",
  "X-Amz-Security-Token",
  "X-Amz-Content-Sha256",
  "X-Sluice-Epoch",
  "X-Sluice-Bind",
  "X-Sluice-Ip",
  "X-Sluice-Max-Downloads",
  "response-content-type",
  "response-cache-control",
  "x-id",
  "",
  "__proto__",
];
const values = [
  "",
  "0",
  "1",
  "604800",
  "ip",
  "text/html",
  "text%2Fhtml",
  "GetObject",
  "UNSIGNED-PAYLOAD",
  address,
  "%00",
  "%",
];

type Mutation = (pairs: string[], random: Random) => string[];

const mutations: Readonly<Record<string, Mutation>> = {
  remove: (pairs, random) => pairs.toSpliced(random(pairs.length), 1),
  double: (pairs, random) => pairs.toSpliced(random(pairs.length), 0, pairs[random(pairs.length)] ?? ""),
  reorder: (pairs, random) => {
    const at = random(pairs.length);
    return [...pairs.slice(at), ...pairs.slice(0, at)];
  },
  add: (pairs, random) =>
    pairs.toSpliced(random(pairs.length + 1), 0, `${names[random(names.length)]}=${values[random(values.length)]}`),
  change: (pairs, random) => {
    const at = random(pairs.length);
    const [name] = (pairs[at] ?? "").split("=");
    return pairs.with(at, `${name}=${values[random(values.length)]}`);
  },
  swap: (pairs, random) => {
    const [left, right] = [random(pairs.length), random(pairs.length)];
    const [leftName, leftValue] = (pairs[left] ?? "").split("=");
    const [rightName, rightValue] = (pairs[right] ?? "").split("=");
    return pairs.with(left, `${leftName}=${rightValue}`).with(right, `${rightName}=${leftValue}`);
  },
  case: (pairs, random) => {
    const at = random(pairs.length);
    const pair = pairs[at] ?? "";
    return pairs.with(at, random(2) === 0 ? pair.toLowerCase() : pair.toUpperCase());
  },
  encode: (pairs, random) => changeCharacter(pairs, random, (c) => `%${c.charCodeAt(0).toString(16).padStart(2, "0")}`),
  decode: (pairs, random) => {
    const at = random(pairs.length);
    const pair = pairs[at] ?? "";
    return pairs.with(
      at,
      pair.replace(/%[0-7][0-9A-F]/, (text) => (text === "%23" ? text : decodeURIComponent(text))),
    );
  },
  replace: (pairs, random) =>
    changeCharacter(pairs, random, () => String.fromCharCode(33 + random(94)).replace(/[#]/, "x")),
  insert: (pairs, random) => changeCharacter(pairs, random, (c) => c + String.fromCharCode(48 + random(10))),
  drop: (pairs, random) => changeCharacter(pairs, random, () => ""),
  join: (pairs, random) => {
    const at = random(pairs.length - 1);
    return pairs.toSpliced(at, 2, `${pairs[at]}${[";", "&&", "%26", "?", "#"][random(5)]}${pairs[at + 1]}`);
  },
};

function changeCharacter(pairs: string[], random: Random, change: (character: string) => string): string[] {
  const at = random(pairs.length);
  const pair = pairs[at] ?? "";
  const index = random(pair.length);
  return pairs.with(at, pair.slice(0, index) + change(pair[index] ?? "") + pair.slice(index + 1));
}

/** What a link says, whatever its order and spelling. */
const meaningOf = (url: string) => {
  const { origin, pathname, search } = new URL(url);
  const pairs = search
    .slice(1)
    .split("&")
    .map((pair) => {
      const [name = "", ...rest] = pair.split("=");
      try {
        return [name, decodeURIComponent(rest.join("=").replaceAll("+", " "))];
      } catch {
        return [pair];
      }
    });
  return JSON.stringify([origin, pathname, pairs.map((pair) => JSON.stringify(pair)).toSorted()]);
};

async function outcome(url: string, method: string, at = now): Promise<string> {
  const request = new Request(url, { method, headers: { "CF-Connecting-IP": address } });
  try {
    return (await verifyLink(linkKey, request, at, placeOf(request.url))) === null ? "none" : "open";
  } catch (error) {
    if (error instanceof Problem) return error.code;
    throw error;
  }
}

test(`${LINKS * MUTATIONS} changed links`, async () => {
  const random = createRandom(20_261_020);
  const kinds = Object.keys(mutations);
  const refused = new Map<string, number>();
  for (let count = 0; count < LINKS; count++) {
    const request = randomRequest(random);
    const url = await signLink(linkKey, request);
    expect([url, await outcome(url, request.method)]).toEqual([url, "open"]);
    const [address = "", search = ""] = url.split("?");
    for (let round = 0; round < MUTATIONS; round++) {
      const kind = kinds[round % kinds.length] ?? "";
      const changed = `${address}?${mutations[kind]?.(search.split("&"), random).join("&")}`;
      const isSame = meaningOf(changed) === meaningOf(url);
      const answer = await outcome(changed, request.method);
      expect([url, changed, answer]).toEqual([url, changed, isSame ? "open" : "link_invalid"]);
      if (!isSame) refused.set(kind, (refused.get(kind) ?? 0) + 1);
    }
  }
  // Reordering and decoding never change what a link says; everything else does more often than not.
  expect(new Set(refused.keys())).toEqual(new Set(kinds.filter((kind) => kind !== "reorder" && kind !== "decode")));
});

test("another method, host, path or moment", async () => {
  const random = createRandom(7);
  for (let count = 0; count < LINKS; count++) {
    const request = randomRequest(random);
    const url = await signLink(linkKey, request);
    const moved = (change: (url: URL) => void) => {
      const other = new URL(url);
      change(other);
      return other.href;
    };
    const later = (seconds: number) => new Date(now.getTime() + seconds * 1000);
    expect(await outcome(url, "HEAD")).toBe("open");
    if (request.method === "HEAD") expect(await outcome(url, "GET")).toBe("link_invalid");
    expect(await outcome(url, "POST")).toBe("link_invalid");
    expect(
      await outcome(
        moved((other) => (other.host = "files.example.org")),
        request.method,
      ),
    ).toBe("link_invalid");
    expect(
      await outcome(
        moved((other) => (other.port = "8443")),
        request.method,
      ),
    ).toBe("link_invalid");
    expect(
      await outcome(
        moved((other) => (other.pathname += "x")),
        request.method,
      ),
    ).toBe("link_invalid");
    expect(
      await outcome(
        moved((other) => (other.pathname = "/files/b.png")),
        request.method,
      ),
    ).toBe("link_invalid");
    expect(await outcome(url, request.method, later(-301))).toBe("link_invalid");
    expect(await outcome(url, request.method, later(-300))).toBe("open");
    expect(await outcome(url, request.method, later(request.expiresSeconds - 1))).toBe("open");
    expect(await outcome(url, request.method, later(request.expiresSeconds))).toBe("link_expired");
  }
});
