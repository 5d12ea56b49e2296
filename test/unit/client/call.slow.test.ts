/** Calls against servers that answer as no Sluice should: other versions, proxies, silence. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { createClient, SluiceError, type ClientOptions } from "../../../src/client/client.ts";
import type { EndpointTable, FileInput } from "../../../src/client/client.ts";

interface Endpoints {
  readonly add: {
    readonly path: { readonly id: string };
    readonly query: { readonly limit?: number; readonly shop?: string };
    readonly body: { readonly title: string; readonly tags?: readonly string[]; readonly size?: number };
    readonly files: { readonly photo: FileInput; readonly pages?: readonly FileInput[] };
    readonly answer: { readonly id: string } | null;
    readonly problem: "unauthorized" | "payload_invalid";
  };
  readonly say: {
    readonly body: { readonly title: string };
    readonly answer: string;
    readonly problem: "unauthorized";
  };
  readonly read: { readonly answer: readonly string[]; readonly problem: "internal" };
  readonly open: {
    readonly body: { readonly title: string };
    readonly answer: null;
    readonly problem: "payload_invalid";
  };
}

const endpoints: EndpointTable<Endpoints> = {
  add: {
    method: "POST",
    resource: "receipts/:id/all",
    token: "Authorization",
    body: "form",
    files: {
      photo: { max: 1, bytes: 1000, types: ["image/jpg", "image/webp"] },
      pages: { max: 2, bytes: 1000, types: ["*/*"] },
    },
    background: true,
  },
  say: { method: "POST", resource: "say", token: "x-access-token", body: "json" },
  read: { method: "GET", resource: "read", token: null, body: null },
  open: { method: "POST", resource: "open", token: null, body: "json" },
};

interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** One answer; the last one goes on. A function does what it likes. */
type Answer =
  readonly [status: number, body: unknown, headers?: Record<string, string>] | ((response: ServerResponse) => void);

let answers: Answer[] = [];
let seen: Seen[] = [];
const unheard: unknown[] = [];
const hear = (error: unknown) => void unheard.push(error);
const server = createServer((request, response) => {
  const parts: Buffer[] = [];
  request.on("data", (part: Buffer) => parts.push(part));
  request.on("end", () => {
    const { method = "", url = "", headers } = request;
    seen.push({ method, url, headers, body: Buffer.concat(parts).toString() });
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    if (typeof answer === "function") return answer(response);
    const [status, body, more = {}] = answer ?? [200, ok(null)];
    response.writeHead(status, more).end(typeof body === "string" ? body : JSON.stringify(body));
  });
});
let origin = "";

const ok = (data: unknown) => ({ success: true, message: "OK", data });
const problem = (code: string, status: number, more: object = {}) => ({
  code,
  status,
  title: `It is ${code}`,
  ...more,
});

beforeAll(async () => {
  process.on("unhandledRejection", hear);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(() => {
  answers = [[200, ok("said")]];
  seen = [];
});
afterEach(() => expect(unheard).toEqual([]));
afterAll(() => {
  process.off("unhandledRejection", hear);
  server.closeAllConnections();
  server.close();
});

const clientOf = (options: Partial<ClientOptions<Endpoints>> = {}) =>
  createClient<Endpoints>(origin, { endpoints, ...options, token: options.token ?? "good" });
const say = (options: Parameters<ReturnType<typeof clientOf>["call"]>[2] = {}, client = clientOf()) =>
  client.call("say", { body: { title: "hello" } }, options).catch((error: unknown) => error as SluiceError);
const photo = new File(["bytes"], 'a "b"\r\n.jpg', { type: "image/jpeg", lastModified: 5 });

test("a form: address, text before files, one part for each text of a list", async () => {
  answers = [[202, { ...ok({ id: "1" }), job_id: "j1" }, { "X-Request-Id": "r1" }]];
  const sent = await clientOf().send("add", {
    path: { id: "a/b ü?" },
    query: { limit: 5, shop: "A&B" },
    body: { title: "Lunch", tags: ["x", "y"], size: 3 },
    files: { photo, pages: [photo] },
  });
  expect(sent).toEqual({ data: { id: "1" }, jobId: "j1", requestId: "r1", isReplayed: false });
  const [request] = seen;
  expect(request?.url).toBe("/receipts/a%2Fb%20%C3%BC%3F/all?limit=5&shop=A%26B");
  expect(request?.headers.authorization).toBe("Bearer good");
  const names = [...(request?.body ?? "").matchAll(/ name="([^"]*)"(?:; filename="([^"]*)")?/g)].map(
    ([, ...all]) => all,
  );
  const file = "a %22b%22%0D%0A.jpg";
  expect(names).toEqual([
    ["title", undefined],
    ["tags", undefined],
    ["tags", undefined],
    ["size", undefined],
    ["photo", file],
    ["pages", file],
  ]);
});

test.each(["", ".", ".."])("no path is left for the name %j", async (id) => {
  const call = clientOf().call("add", { path: { id }, body: { title: "" }, files: { photo } });
  await expect(call).rejects.toMatchObject({ code: "parameter_invalid", status: 422 });
  expect(seen).toEqual([]);
});

test("JSON, the token bare in its own header, a key of its own for each call", async () => {
  expect(await say()).toBe("said");
  expect(await say()).toBe("said");
  expect(seen.map(({ headers, body }) => [headers["content-type"], headers["x-access-token"], body])).toEqual([
    ["application/json", "good", '{"title":"hello"}'],
    ["application/json", "good", '{"title":"hello"}'],
  ]);
  const keys = seen.map(({ headers }) => headers["idempotency-key"]);
  expect(new Set(keys).size).toBe(2);
  await clientOf().call("read");
  expect(seen.at(-1)?.headers["idempotency-key"]).toBeUndefined();
});

test("another name for a listed type is let through to the server", async () => {
  await clientOf().call("add", { path: { id: "1" }, body: { title: "" }, files: { photo } });
  const gif = new File(["GIF"], "a.gif", { type: "image/gif" });
  const call = clientOf().call("add", { path: { id: "1" }, body: { title: "" }, files: { photo: gif } });
  await expect(call).rejects.toMatchObject({
    code: "file_type_not_allowed",
    members: { field: "photo", file: "a.gif" },
  });
  const odd = new File(["?"], "a.heic", { type: "image/heic" });
  await clientOf().call("add", { path: { id: "1" }, body: { title: "" }, files: { photo: odd } });
  expect(seen.length).toBe(2);
});

test.each<[what: string, answer: Answer, expected: object]>([
  [
    "a problem",
    [
      422,
      problem("payload_invalid", 422, { detail: "title", errors: [{ pointer: "/title", detail: "no" }] }),
      { "X-Request-Id": "r" },
    ],
    {
      code: "payload_invalid",
      status: 422,
      detail: "title",
      message: "title",
      errors: [{ pointer: "/title", detail: "no" }],
      requestId: "r",
    },
  ],
  [
    "a code of a later version",
    [418, problem("teapot", 418)],
    { code: "teapot", status: 418, message: "It is teapot" },
  ],
  ["a page of a proxy", [403, "<html>no</html>"], { code: "bad_answer", status: 403 }],
  ["a page in place of an answer", [200, "<html>log in</html>"], { code: "bad_answer", status: 200 }],
  ["JSON of somebody else", [200, { hello: 1 }], { code: "bad_answer", status: 200 }],
  ["JSON that is no object", [200, "null"], { code: "bad_answer", status: 200 }],
  ["nothing", [204, ""], { code: "bad_answer", status: 204 }],
  ["a fault of the server's", [500, problem("internal", 500)], { code: "internal", status: 500 }],
  [
    "maintenance for longer than anybody waits",
    [503, problem("maintenance", 503), { "Retry-After": "300" }],
    { code: "maintenance", retryAfter: 300 },
  ],
  ["errors that are no list", [400, problem("x", 400, { errors: { a: 1 } })], { code: "x", errors: [{ a: 1 }] }],
])("%s is a typed error, at once", async (_, answer, expected) => {
  answers = [answer];
  const error = await say();
  expect(error).toBeInstanceOf(SluiceError);
  expect(error).toMatchObject(expected);
  expect(seen.length).toBe(1);
});

test.each<[what: string, answer: Answer]>([
  ["a broken gateway", [502, "<html>bad gateway</html>"]],
  ["a Worker that was ended", [500, "error code: 1101"]],
  ["a connection that is cut", (response) => response.destroy()],
  [
    "an answer that is cut",
    (response) => response.writeHead(200, { "Content-Length": "99" }).write("{", () => response.destroy()),
  ],
  ["the other call under the key", [409, problem("idempotency_in_flight", 409), { "Retry-After": "0" }]],
  ["a busy instance", [503, problem("overloaded", 503)]],
])("after %s the same request is sent again, with the same key", async (_, answer) => {
  answers = [answer, [200, ok("said")]];
  const heard: unknown[] = [];
  expect(await say({ onRetry: (error, milliseconds) => heard.push([error.name, milliseconds > 0]) })).toBe("said");
  expect(heard).toEqual([["SluiceError", true]]);
  expect(new Set(seen.map(({ headers, body }) => `${String(headers["idempotency-key"])} ${body}`)).size).toBe(1);
  expect(seen.length).toBe(2);
});

test("Retry-After is waited for", async () => {
  answers = [
    [429, problem("rate_limited", 429), { "Retry-After": "1" }],
    [200, ok("said")],
  ];
  const began = performance.now();
  expect(await say()).toBe("said");
  expect(performance.now() - began).toBeGreaterThan(1000);
});

test("attempts end", async () => {
  answers = [[502, ""]];
  expect(await say({ retries: 2 })).toMatchObject({ code: "bad_answer", status: 502 });
  expect(seen.length).toBe(3);
});

test("without a key only what was not read is sent again", async () => {
  const call = () =>
    clientOf()
      .call("open", { body: { title: "x" } })
      .catch((error: unknown) => error);
  answers = [(response) => response.destroy()];
  expect(await call()).toMatchObject({ code: "network", status: 0 });
  answers = [[503, problem("database_unavailable", 503), { "Retry-After": "1" }]];
  expect(await call()).toMatchObject({ code: "database_unavailable" });
  expect(seen.length).toBe(2);
  answers = [
    [503, problem("overloaded", 503)],
    [200, ok(null)],
  ];
  expect(await call()).toBe(null);
  expect(
    seen.every(({ headers }) => headers["idempotency-key"] === undefined && headers.authorization === undefined),
  ).toBe(true);
});

test("an endpoint that owns no keys is called without one, and then not twice", async () => {
  answers = [[422, problem("idempotency_key_invalid", 422)], (response) => response.destroy()];
  expect(await say()).toMatchObject({ code: "network" });
  expect(seen.map(({ headers }) => headers["idempotency-key"] === undefined)).toEqual([false, true]);
});

test("a server that calls every key used ends the call", async () => {
  answers = [[422, problem("idempotency_key_reused", 422)]];
  expect(await say()).toMatchObject({ code: "idempotency_key_reused" });
  expect(seen.length).toBe(2);
  expect(await say({ idempotencyKey: "mine" })).toMatchObject({ code: "idempotency_key_reused" });
  expect(seen.at(-1)?.headers["idempotency-key"]).toBe("mine");
  expect(seen.length).toBe(3);
});

test("a token that is refused is asked for once more, by one of all that wait", async () => {
  const asked: boolean[] = [];
  const client = clientOf({
    token: async (isRefused) => {
      asked.push(isRefused);
      await new Promise((resolve) => setTimeout(resolve, 20));
      return isRefused ? "fresh" : "stale";
    },
  });
  answers = [
    (response) => {
      const isFresh = response.req.headers["x-access-token"] === "fresh";
      const body = isFresh ? ok("said") : problem("unauthorized", 401);
      setTimeout(() => response.writeHead(isFresh ? 200 : 401).end(JSON.stringify(body)), 20);
    },
  ];
  expect(await Promise.all([say({}, client), say({}, client), say({}, client)])).toEqual(["said", "said", "said"]);
  expect(asked).toEqual([false, true]);
  const stuck = clientOf({ token: () => "stale" });
  expect(await say({}, stuck)).toMatchObject({ code: "unauthorized", status: 401 });
  expect(await say({}, clientOf({ token: "stale" }))).toMatchObject({ code: "unauthorized" });
});

test.each<[what: string, token: () => string | Promise<string>]>([
  [
    "throws",
    () => {
      throw new Error("no session");
    },
  ],
  ["rejects", () => Promise.reject(new Error("no session"))],
  ["gives what cannot stand in a header", () => "a\r\nX-Evil: 1"],
])("a token that %s is an error of its own", async (_, token) => {
  expect(await say({}, clientOf({ token }))).toMatchObject({ code: "token_failed" });
  expect(seen).toEqual([]);
});

test.each<[what: string, make: () => Promise<unknown>]>([
  ["a key with a line break", () => say({ idempotencyKey: "a\nb" })],
  ["a body that JSON cannot say", () => clientOf().call("say", { body: { title: 1n as unknown as string } })],
  ["an endpoint that is not in the table", () => clientOf().call("gone" as "read")],
])("%s cannot be called", async (_, make) => {
  expect(await make().catch((error: unknown) => error)).toMatchObject({ name: "SluiceError", code: "request_invalid" });
  expect(seen).toEqual([]);
});

test("silence ends", async () => {
  answers = [() => undefined];
  expect(await say({ timeout: 100, retries: 0 })).toMatchObject({ code: "timeout" });
  const deaf = clientOf({ fetch: () => new Promise(() => undefined) });
  expect(await say({ timeout: 100, retries: 0 }, deaf)).toMatchObject({ code: "timeout" });
  expect(await say({ timeout: Infinity, signal: AbortSignal.timeout(100) }, deaf)).toMatchObject({ code: "aborted" });
});

test.each<[moment: string, options: Partial<ClientOptions<Endpoints>>]>([
  ["while the token is asked for", { token: () => new Promise<string>(() => undefined) }],
  ["while it is sent", { fetch: () => new Promise(() => undefined) }],
  [
    "while the answer is read",
    { fetch: async () => ({ status: 200, headers: new Headers(), text: () => new Promise<string>(() => undefined) }) },
  ],
])("an abort %s ends it", async (_, options) => {
  const controller = new AbortController();
  const call = say({ signal: controller.signal }, clientOf(options));
  await new Promise((resolve) => setTimeout(resolve, 20));
  controller.abort("reason");
  expect(await call).toMatchObject({ code: "aborted", cause: "reason" });
});

test("what was aborted before is not begun", async () => {
  expect(await say({ signal: AbortSignal.abort() })).toMatchObject({ code: "aborted" });
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(seen).toEqual([]);
});

test("storage that is full, forbidden or broken changes nothing", async () => {
  const broken = {
    getItem: () => "{not json",
    setItem: () => {
      throw new Error("QuotaExceededError");
    },
    removeItem: () => {
      throw new Error("SecurityError");
    },
  };
  const client = clientOf({ storage: broken });
  answers = [[200, ok({ id: "1" })]];
  expect(await client.call("add", { path: { id: "1" }, body: { title: "" }, files: { photo } })).toEqual({ id: "1" });
});

test("asynchronous storage keeps the keys of several uploads at once", async () => {
  const kept = new Map<string, string>();
  const storage = {
    getItem: async (name: string) => kept.get(name) ?? null,
    setItem: async (name: string, value: string) => void kept.set(name, value),
    removeItem: async (name: string) => void kept.delete(name),
  };
  answers = [(response) => response.destroy()];
  const uploads = (client = clientOf({ storage })) =>
    Promise.all(
      ["1", "2", "3"].map((id) =>
        client
          .call("add", { path: { id }, body: { title: "" }, files: { photo } }, { retries: 0 })
          .catch((error: unknown) => (error as SluiceError).code),
      ),
    );
  expect(await uploads()).toEqual(["network", "network", "network"]);
  const keys = seen.map(({ headers }) => headers["idempotency-key"]);
  expect(new Set(keys).size).toBe(3);
  answers = [[200, ok(null)]];
  expect(await uploads(clientOf({ storage }))).toEqual([null, null, null]);
  expect(new Set(seen.map(({ headers }) => headers["idempotency-key"])).size).toBe(3);
  expect(kept.get("sluice-keys")).toBe("{}");
});

test("a job is asked for with the header of its endpoint, until it is over", async () => {
  const view = (state: string, more: object = {}) => ok({ job_id: "j", state, result: null, problem: null, ...more });
  answers = [
    [200, view("queued")],
    [200, view("done", { result: [1] })],
  ];
  expect(await clientOf().wait<number[]>("j")).toEqual([1]);
  expect(seen.map(({ method, url, headers }) => [method, url, headers.authorization])).toEqual([
    ["GET", "/jobs/j", "Bearer good"],
    ["GET", "/jobs/j", "Bearer good"],
  ]);
  answers = [[200, view("dead", { problem: { code: "row_missing", status: 422, title: "No row", detail: null } })]];
  await expect(clientOf().wait("j")).rejects.toMatchObject({ code: "row_missing", status: 422, message: "No row" });
  answers = [[200, view("queued")]];
  await expect(clientOf().wait("j", { signal: AbortSignal.timeout(100) })).rejects.toMatchObject({ code: "aborted" });
});
