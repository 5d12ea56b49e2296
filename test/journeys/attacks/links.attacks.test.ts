/** Signed links made to open more than they were given for: other files, longer, oftener, from elsewhere, as another type. */
import { env } from "cloudflare:workers";
import { expect } from "vitest";
import { signLink } from "../../../src/runtime/links/signed-link.ts";
import { readObjectKey } from "../../../src/runtime/storage/object-key.ts";
import type { ProblemCode } from "../../../src/contract/problem.ts";
import { suite, type Check } from "./support/suite.ts";
import { expectRefused } from "./support/verdicts.ts";
import { identify, openWorld, type Answer } from "./support/world.ts";

const world = openWorld();

const doors: readonly (readonly [string, () => string])[] = [
  ["/files/… signed, file API", () => world.target.signedUrl],
  ["/files/… signed, ABI", () => world.target.abiSignedUrl],
];

type Change = (url: URL) => string;

const set =
  (name: string, value: string): Change =>
  (url) => {
    url.searchParams.set(name, value);
    return url.href;
  };
const without =
  (name: string): Change =>
  (url) =>
    `${url.origin}${url.pathname}?${url.search
      .slice(1)
      .split("&")
      .filter((pair) => !pair.startsWith(`${name}=`))
      .join("&")}`;
const twice =
  (name: string): Change =>
  (url) =>
    `${url.href}&${
      url.search
        .slice(1)
        .split("&")
        .find((pair) => pair.startsWith(`${name}=`)) ?? ""
    }`;
const text =
  (change: (href: string) => string): Change =>
  (url) =>
    change(url.href);
const otherPath =
  (pathOf: () => string): Change =>
  (url) =>
    `${new URL(pathOf(), url.origin).href}${url.search}`;

const parameters = [
  "X-Amz-Algorithm",
  "X-Amz-Credential",
  "X-Amz-Date",
  "X-Amz-Expires",
  "X-Amz-SignedHeaders",
  "X-Sluice-Epoch",
  "X-Sluice-Link",
  "X-Amz-Signature",
];
/** The signature of the other of the two links. */
const exchanged: Change = (url) => {
  const other = doors.map(([, urlOf]) => new URL(urlOf())).find(({ pathname }) => pathname !== url.pathname);
  return set("X-Amz-Signature", other?.searchParams.get("X-Amz-Signature") ?? "")(url);
};

const changes: readonly (readonly [string, Change])[] = [
  ...parameters.map((name) => [`without ${name}`, without(name)] as const),
  ...parameters.map((name) => [`${name} twice`, twice(name)] as const),
  ...parameters.map(
    (name) => [`${name} in lower case`, text((href) => href.replace(`${name}=`, `${name.toLowerCase()}=`))] as const,
  ),
  ...parameters.map(
    (name) =>
      [`${name} percent-encoded`, text((href) => href.replace(`${name}=`, `${name.replace("X", "%58")}=`))] as const,
  ),
  ...parameters.map(
    (name) => [`${name} empty`, text((href) => href.replace(new RegExp(`${name}=[^&]*`), `${name}=`))] as const,
  ),
  ["a longer life", set("X-Amz-Expires", "604800")],
  ["a life without end", set("X-Amz-Expires", "99999999")],
  ["a negative life", set("X-Amz-Expires", "-1")],
  ["a life with a leading zero", text((href) => href.replace("X-Amz-Expires=", "X-Amz-Expires=0"))],
  ["a later day", text((href) => href.replace(/X-Amz-Date=\d{4}/, "X-Amz-Date=2099"))],
  ["a day of letters", set("X-Amz-Date", "today")],
  ["another algorithm", set("X-Amz-Algorithm", "AWS4-HMAC-SHA1")],
  ["no algorithm", set("X-Amz-Algorithm", "none")],
  ["more signed headers", set("X-Amz-SignedHeaders", "host;range")],
  ["no signed headers", set("X-Amz-SignedHeaders", "")],
  ["another region", text((href) => href.replace("%2Fauto%2F", "%2Feu%2F"))],
  ["another service", text((href) => href.replace("%2Fs3%2F", "%2Fec2%2F"))],
  ["another key's name", text((href) => href.replace("Credential=sluice", "Credential=other"))],
  ["a later epoch", set("X-Sluice-Epoch", "1")],
  ["a negative epoch", set("X-Sluice-Epoch", "-1")],
  ["an epoch of 2^60", set("X-Sluice-Epoch", "1152921504606846976")],
  ["another link's id", set("X-Sluice-Link", "V1StGXR8_Z5jdHi6B-myT")],
  ["an id in SQL", set("X-Sluice-Link", "' OR 1=1 --' OR 1=1 -")],
  ["a count added", set("X-Sluice-Max-Downloads", "1000")],
  ["a binding added", set("X-Sluice-Bind", "ip")],
  ["an address added", set("X-Sluice-Ip", "127.0.0.1")],
  ["a type added", set("response-content-type", "text/html")],
  ["a harmless type added", set("response-content-type", "text/plain")],
  ["a disposition added", set("response-content-disposition", "inline")],
  ["a cache rule added", set("response-cache-control", "public")],
  ["a version added", set("versionId", "1")],
  ["a security token added", set("X-Amz-Security-Token", "x")],
  ["a parameter of a prototype", set("__proto__", "x")],
  ["an unknown parameter", set("utm_source", "x")],
  [
    "the signature in capitals",
    text((href) => href.replace(/Signature=(\w+)/, (_, mac: string) => `Signature=${mac.toUpperCase()}`)),
  ],
  ["the signature cut short", text((href) => href.slice(0, -1))],
  ["the signature and a digit", text((href) => `${href}0`)],
  ["the signature of zeros", set("X-Amz-Signature", "0".repeat(64))],
  [
    "the signature changed in its first digit",
    text((href) => href.replace(/Signature=(\w)/, (_, digit: string) => `Signature=${digit === "0" ? "1" : "0"}`)),
  ],
  [
    "the signature changed in its last digit",
    text((href) => href.replace(/.$/, (digit) => (digit === "0" ? "1" : "0"))),
  ],
  ["another file's signature", exchanged],
  ["the public file", otherPath(() => world.target.publicUrl)],
  ["a file that never was", otherPath(() => "/files/private/ann/nothing.png")],
  ["Ben's folder", text((href) => href.replace("/ann/", "/ben/"))],
  ["a dot in the path", text((href) => href.replace("/ann/", "/ann%2F"))],
  ["a slash behind the path", text((href) => href.replace("?", "/?"))],
  ["two question marks", text((href) => href.replace("?", "??"))],
  ["semicolons", text((href) => href.replaceAll("&", ";"))],
  ["an empty pair", text((href) => href.replace("&", "&&"))],
  ["a plus for a blank", text((href) => `${href}&x-id=Get+Object`)],
  ["another host", text((href) => href.replace("uploads.example", "other.example"))],
  ["another port", text((href) => href.replace("uploads.example", "uploads.example:8443"))],
  ["a host below", text((href) => href.replace("uploads.example", "a.uploads.example"))],
];

const refusedLink = (answer: Answer, ...codes: readonly ProblemCode[]) =>
  expectRefused({ envelope: "abi" }, answer, ...codes);

suite(
  "11 links changed",
  doors.flatMap(([door, urlOf]) =>
    changes.map(([variant, change]): Check => ({
      door,
      variant,
      run: async () => {
        const changed = change(new URL(urlOf()));
        if (changed === urlOf()) throw new Error("This changes nothing");
        refusedLink(await world.ask(changed), "link_invalid");
      },
    })),
  ),
  { leavesNothing: true },
);

suite(
  "11 links used otherwise",
  doors.flatMap(([door, urlOf]) => [
    ...["HEAD", "POST", "PUT", "DELETE", "PATCH"].map((method): Check => ({
      door,
      variant: method,
      run: async () => {
        const answer = await world.ask(urlOf(), { method });
        // Tells less than what the link opens.
        expect([answer.status, answer.text]).toEqual(method === "HEAD" ? [200, ""] : [405, answer.text]);
      },
    })),
    {
      door,
      variant: "its signature at the file API",
      run: async () => {
        const answer = await world.ask(`/v1/upload${new URL(urlOf()).search}`);
        expect(answer.status).toBe(401);
      },
    },
    {
      door,
      variant: "parameters in another order open the same",
      run: async () => {
        const url = new URL(urlOf());
        const answer = await world.ask(
          `${url.origin}${url.pathname}?${url.search.slice(1).split("&").toReversed().join("&")}`,
        );
        expect(answer.status).toBe(200);
        expect(answer.headers.get("cache-control")).toBe("private, no-store, no-transform");
      },
    },
  ]),
);

/** Signed with the right or another secret, at moments and with terms that no route gives. */
const signed = async (change: Partial<Parameters<typeof signLink>[1]>, secret = env.LINK_SECRET): Promise<string> => {
  const key = readObjectKey(new URL(world.target.privateUrl).pathname.slice("/files/".length));
  if (key === null) throw new Error("A stored file has a key");
  const request = {
    base: "https://uploads.example",
    key,
    method: "GET" as const,
    expiresSeconds: 60,
    now: new Date(),
  };
  return signLink({ accessKeyId: "sluice", secret }, { ...request, ...change });
};
const fromNow = (milliseconds: number) => new Date(Date.now() + milliseconds);

const made: readonly (readonly [string, () => Promise<string>, ProblemCode | null])[] = [
  ["another secret", () => signed({}, "x".repeat(32)), "link_invalid"],
  ["the tokens' secret", () => signed({}, env.JWT_SECRET_KEY), "link_invalid"],
  ["over a second ago", () => signed({ now: fromNow(-62_000) }), "link_expired"],
  ["over a week ago", () => signed({ now: fromNow(-8 * 86_400_000), expiresSeconds: 604_800 }), "link_expired"],
  ["still good for a second", () => signed({ now: fromNow(-50_000) }), null],
  ["from six minutes ahead", () => signed({ now: fromNow(6 * 60_000) }), "link_invalid"],
  ["from four minutes ahead", () => signed({ now: fromNow(4 * 60_000) }), null],
  ["for HEAD", () => signed({ method: "HEAD" }), "link_invalid"],
  ["for another host", () => signed({ base: "https://evil.example" }), "link_invalid"],
  ["of an epoch that is over", () => signed({ epoch: 7 }), "link_revoked"],
  ["bound to an address, from nowhere", () => signed({ address: "203.0.113.7" }), "link_invalid"],
  ["counted without a row", () => signed({ id: "V1StGXR8_Z5jdHi6B-myT", maxDownloads: 5 }), "link_used_up"],
];
suite(
  "11 links made elsewhere",
  made.map(([variant, make, code]) => ({
    door: "/files/… signed, file API",
    variant,
    run: async () => {
      const url = (await make()).replace("https://evil.example", "https://uploads.example");
      const answer = await world.ask(url);
      if (code === null) expect(answer.status, answer.text).toBe(200);
      else refusedLink(answer, code);
    },
  })),
  { leavesNothing: true },
);

const forged: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  ["no address", {}],
  ["X-Forwarded-For", { "x-forwarded-for": "203.0.113.7" }],
  ["X-Real-IP", { "x-real-ip": "203.0.113.7" }],
  ["True-Client-IP", { "true-client-ip": "203.0.113.7" }],
  ["Forwarded", { forwarded: "for=203.0.113.7" }],
  ["X-Client-IP", { "x-client-ip": "203.0.113.7" }],
  ["CF-Connecting-IPv6", { "cf-connecting-ipv6": "203.0.113.7" }],
  ["CF-Pseudo-IPv4", { "cf-pseudo-ipv4": "203.0.113.7" }],
  ["another address", { "cf-connecting-ip": "203.0.113.8" }],
  [
    "another address, and the right one forwarded",
    { "cf-connecting-ip": "203.0.113.8", "x-forwarded-for": "203.0.113.7" },
  ],
  ["two addresses", { "cf-connecting-ip": "203.0.113.8, 203.0.113.7" }],
  ["with a port", { "cf-connecting-ip": "203.0.113.7:80" }],
  ["with leading zeros", { "cf-connecting-ip": "203.000.113.007" }],
  ["in octal", { "cf-connecting-ip": "0313.0.0161.07" }],
  ["as one number", { "cf-connecting-ip": "3405803783" }],
  ["short", { "cf-connecting-ip": "203.0.28935" }],
  ["a name", { "cf-connecting-ip": "localhost" }],
];
suite(
  "24 links bound to an address",
  [() => world.target.publicId, () => world.target.privateId].flatMap((idOf, index) => {
    const door = index === 0 ? "/files/… public, bound link" : "/files/… private, bound link";
    const bound = async (): Promise<string> => {
      const answer = await world.ask(`/v1/upload/${idOf()}/links`, {
        method: "POST",
        headers: { ...(await identify("authorization", "ann")), "content-type": "application/json" },
        body: JSON.stringify({ ip: "203.0.113.7" }),
      });
      return (answer.json["data"] as { url: string }).url;
    };
    return [
      ...forged.map(([variant, headers]): Check => ({
        door,
        variant,
        run: async () => refusedLink(await world.ask(await bound(), { headers }), "link_invalid"),
      })),
      ...["203.0.113.7", "::ffff:203.0.113.7", "::FFFF:cb00:7107"].map((address): Check => ({
        door,
        variant: `opens from ${address}`,
        run: async () => {
          const url = await bound();
          expect(url).not.toContain("203.0.113.7");
          expect((await world.ask(url, { headers: { "cf-connecting-ip": address } })).status).toBe(200);
        },
      })),
    ];
  }),
);
