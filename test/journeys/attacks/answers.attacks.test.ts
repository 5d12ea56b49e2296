/** What every answer carries, whoever asks and whatever comes out: who may read it, who may keep it, what it may be taken for. */
import { env } from "cloudflare:workers";
import { expect } from "vitest";
import { allDoors, openDoors, publicFileDoor, queryDoors, signedFileDoor, type Door } from "./support/doors.ts";
import { across, suite } from "./support/suite.ts";
import { expectRefused } from "./support/verdicts.ts";
import { identify, knock, newCaller, openWorld, type Answer, type World } from "./support/world.ts";

const world = openWorld();
const shared = world.beside({ ALLOWED_ORIGINS: "https://app.example|http://localhost:5173" });
const doors = allDoors("narrow");

/** What changes Ann's files is asked by somebody else. */
const callerAt = ({ method, name }: Door): string =>
  method === "DELETE" || name === "delete_files" ? newCaller() : "ann";

const ask = async (at: World, door: Door, headers: Readonly<Record<string, string>> = {}): Promise<Answer> =>
  knock(at, door, { ...(await identify(door.tokenIn, callerAt(door))), ...headers });

const cacheControlOf = ({ headers }: Answer) => headers.get("cache-control") ?? "none";

suite("21 who may keep an answer", [
  ...doors.map((door) => ({
    door: door.name,
    variant: "a right request",
    run: async () => {
      const kept = cacheControlOf(await ask(world, door));
      if (door === publicFileDoor) expect(kept).toMatch(/^public, max-age=\d+, immutable, no-transform$/);
      else if (door === signedFileDoor) expect(kept).toBe("private, no-store, no-transform");
      // By the caller alone, who asks whether it is still so.
      else if (door === queryDoors.findByPath || door === queryDoors.findByQuery)
        expect(kept).toBe("private, no-cache");
      // A preflight is kept by its own header.
      else if (door.method !== "OPTIONS") expect(kept).toBe("no-store");
    },
  })),
  ...doors
    .filter(({ tokenIn }) => tokenIn !== null)
    .map((door) => ({
      door: door.name,
      variant: "without a token",
      run: async () => expect(cacheControlOf(await knock(world, door, {}))).toBe("no-store"),
    })),
  ...doors
    .filter(({ method }) => method !== "OPTIONS")
    .map((door) => ({
      door: door.name,
      variant: "a method that is not there",
      run: async () => {
        const headers = await identify(door.tokenIn, "ann");
        const answer = await world.ask(door.path(world.target), { method: "PUT", headers });
        expect(cacheControlOf(answer)).toBe("no-store");
        expect(answer.status).toBeGreaterThanOrEqual(400);
      },
    })),
  ...[
    ["a private file without a link", () => world.target.privateUrl],
    ["a file that never was", () => "/files/public/ann/nothing.png"],
    ["a link that was changed", () => `${world.target.signedUrl.slice(0, -1)}x`],
    ["a folder", () => "/files/public/ann"],
  ].map(([variant, path]) => ({
    door: publicFileDoor.name,
    variant: variant as string,
    run: async () => expect(cacheControlOf(await world.ask((path as () => string)()))).toBe("no-store"),
  })),
  ...["if-none-match", "range", "if-modified-since", "authorization", "cookie"].map((header) => ({
    door: signedFileDoor.name,
    variant: `with ${header}`,
    run: async () => {
      const { headers } = await world.ask(world.target.signedUrl);
      const values: Readonly<Record<string, string>> = {
        "if-none-match": headers.get("etag") ?? "",
        range: "bytes=0-1",
        "if-modified-since": headers.get("last-modified") ?? "",
      };
      const answer = await world.ask(world.target.signedUrl, { headers: { [header]: values[header] ?? "x" } });
      expect(cacheControlOf(answer)).toBe("private, no-store, no-transform");
    },
  })),
]);

suite("2 answers are taken for nothing else", [
  ...doors.map((door) => ({
    door: door.name,
    variant: "a right request",
    run: async () => expect((await ask(world, door)).headers.get("x-content-type-options")).toBe("nosniff"),
  })),
  ...doors.map((door) => ({
    door: door.name,
    variant: "a wrong method",
    run: async () => {
      const answer = await world.ask(door.path(world.target), { method: "PATCH" });
      expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
      expect(answer.headers.get("content-type")).toMatch(/^application\/(?:problem\+)?json$/);
    },
  })),
]);

const origins: readonly string[] = [
  "https://evil.example",
  "https://app.example.evil.example",
  "https://evil-app.example",
  "https://app.example:8443",
  "http://app.example",
  "https://app.example/",
  "https://APP.example",
  "https://app.example@evil.example",
  "null",
  "*",
];
const allowedOrigin = ({ headers }: Answer) => headers.get("access-control-allow-origin");
suite(
  "18 foreign origins",
  doors.flatMap((door) => [
    ...origins.map((origin) => ({
      door: door.name,
      variant: origin,
      run: async () => {
        const answer = await knock(shared, door, { origin });
        expect(allowedOrigin(answer)).toBeNull();
        const preflight = await shared.ask(door.path(shared.target), {
          method: "OPTIONS",
          headers: { origin, "access-control-request-method": door.method },
        });
        expect(allowedOrigin(preflight)).toBeNull();
      },
    })),
    // Whoever watches a deployment is no page.
    ...(door.name === "/healthz"
      ? []
      : [
          {
            door: door.name,
            variant: "an allowed one, which no cache gives to another",
            run: async () => {
              const answer = await knock(shared, door, { origin: "https://app.example" });
              expect(allowedOrigin(answer)).toBe("https://app.example");
              expect(answer.headers.get("vary")).toContain("Origin");
            },
          },
        ]),
    {
      door: door.name,
      variant: "none is allowed by itself",
      run: async () => expect(allowedOrigin(await knock(world, door, { origin: "https://app.example" }))).toBeNull(),
    },
  ]),
);

/** A page of another origin can send these without being asked: none carries a token. */
const simple: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  [
    "a form of another page",
    { "content-type": "multipart/form-data; boundary=x", origin: "https://evil.example", cookie: "session=ann" },
  ],
  ["a form of text", { "content-type": "text/plain", origin: "null", cookie: "session=ann" }],
  ["a form of fields", { "content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "cross-site" }],
];
suite(
  "18 forged requests of other pages",
  across(
    doors.filter(({ tokenIn }) => tokenIn !== null),
    simple,
    async (door, headers) => {
      expectRefused(door, await world.ask(door.path(world.target), { method: door.method, headers }), "unauthorized");
    },
  ),
  { leavesNothing: true },
);

const overrides: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  ["X-HTTP-Method-Override", { "x-http-method-override": "DELETE" }],
  ["X-Method-Override", { "x-method-override": "PUT" }],
  ["X-Original-URL", { "x-original-url": "/v1/upload" }],
  ["X-Rewrite-URL", { "x-rewrite-url": "/v1/upload" }],
  ["X-Forwarded-Host", { "x-forwarded-host": "evil.example" }],
  ["Forwarded", { forwarded: "for=127.0.0.1;host=evil.example;proto=http" }],
  ["X-Forwarded-Proto", { "x-forwarded-proto": "http" }],
  ["X-Request-Id", { "x-request-id": "forged-line" }],
  ["X-Real-IP", { "x-real-ip": "127.0.0.1" }],
  ["a header of the cache's", { pragma: "no-cache", "x-cache-key": "/healthz" }],
];
suite(
  "21 headers that other servers obey",
  across(openDoors, overrides, async (door, headers) => {
    const [plain, forged] = [await knock(world, door, {}), await knock(world, door, headers)];
    expect([forged.status, forged.headers.get("cache-control")]).toEqual([
      plain.status,
      plain.headers.get("cache-control"),
    ]);
    expect(forged.text).not.toContain("evil.example");
    expect(forged.headers.get("x-request-id")).not.toContain("forged");
  }),
  { leavesNothing: true },
);

suite("23 what an answer tells", [
  {
    door: "/healthz",
    variant: "liveness and nothing else",
    run: async () => {
      const { json } = await world.ask("/healthz");
      expect(Object.keys(json)).toEqual(["status"]);
    },
  },
  ...["server", "x-powered-by", "via", "cf-worker"].flatMap((name) =>
    doors.map((door) => ({
      door: door.name,
      variant: `no header ${name}`,
      run: async () => expect((await knock(world, door, {})).headers.get(name)).toBeNull(),
    })),
  ),
]);

suite(
  "31 kept answers of calls hold no link",
  doors
    .filter(({ name }) => name.startsWith("UPLOAD") && name !== "UPLOAD, open")
    .map((door) => ({
      door: door.name,
      variant: "an idempotent call",
      run: async () => {
        const caller = newCaller();
        const headers = { ...(await identify(door.tokenIn, caller)), "idempotency-key": caller };
        expect((await knock(world, door, headers)).status).toBeLessThan(300);
        const kept = await env.DB.prepare("SELECT answer FROM sluice_idempotency_keys WHERE key = ?")
          .bind(caller)
          .first<string>("answer");
        expect(kept).not.toContain("X-Amz-Signature");
      },
    })),
);
