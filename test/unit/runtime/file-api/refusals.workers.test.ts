/** Bad input on every route, and that nobody learns of other people's files. */
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { createCaller, MULTIPART, token } from "../../../support/app.ts";
import { readStored, useFreshStorage } from "../../../support/database.ts";
import { png } from "../../../support/pictures.ts";
import { dataOf, expectRefusal, fileRoutes, listOf, red, UPLOADED, uploadedBy, user, wire } from "./support.ts";
import { OTHER_JWT_SECRET_KEY } from "../../../support/secrets.ts";

useFreshStorage();

const call = createCaller([]);
const ann = user("ann");
const ben = user("ben");

const strangeIds = [
  "000000000000000000000000",
  "0",
  "68123BADAA855CA20CDF6451",
  "68123badaa855ca20cdf645",
  "68123badaa855ca20cdf64511",
  "68123badaa855ca20cdf645g",
  "%00",
  "..%2f",
  "' OR 1=1 --",
  "null",
  "__proto__",
  "😀",
  "a".repeat(2000),
];

test("two users × every route × every identifier: only one's own files exist", async () => {
  const files = {
    ann: [await uploadedBy(ann), await uploadedBy(ann, [red], "/v1/upload/private")],
    ben: [await uploadedBy(ben), await uploadedBy(ben, [red], "/v1/upload/private")],
  };
  const before = await readStored();
  const missing = new Map<string, string>();
  let compared = 0;
  for (const [name, caller] of [["ann", ann] as const, ["ben", ben] as const]) {
    const foreign = files[name === "ann" ? "ben" : "ann"].map((file) => file._id);
    for (const [method, path] of fileRoutes) {
      const route = `${method} ${path(":id")}`;
      const unknown = await caller.send(path("ffffffffffffffffffffffff"), { method });
      missing.set(route, missing.get(route) ?? (await wire(unknown.clone())));
      await expectRefusal(unknown, 404, "file_not_found");
      for (const id of [...foreign, ...strangeIds]) {
        expect(await wire(await caller.send(path(id), { method })), `${name} ${route} ${id}`).toBe(missing.get(route));
        compared += 1;
      }
    }
    const page = await listOf(caller);
    expect(page.data.map((file) => file.uploaded_by)).toEqual([name, name]);
  }
  expect(compared).toBe(2 * fileRoutes.length * (2 + strangeIds.length));
  expect(await readStored()).toEqual(before);
});

test.each<[string, Record<string, string>]>([
  ["no token", {}],
  ["a bare token", { authorization: "TOKEN" }],
  ["another header", { "x-access-token": "TOKEN" }],
  ["Basic", { authorization: "Basic TOKEN" }],
  ["another key", { authorization: "Bearer FORGED" }],
  ["an expired token", { authorization: "Bearer EXPIRED" }],
  ["a token of nobody", { authorization: "Bearer NOBODY" }],
  ["a token whose id is no name", { authorization: "Bearer STRANGE" }],
])("%s is unauthorized on every route, always alike", async (_, headers) => {
  const tokens: Record<string, string> = {
    TOKEN: await token({ id: "ann" }),
    FORGED: await token({ id: "ann" }, { secret: OTHER_JWT_SECRET_KEY }),
    EXPIRED: await token({ id: "ann" }, { expires: -1 }),
    NOBODY: await token({ name: "ann" }),
    STRANGE: await token({ id: { name: "ann" } }),
  };
  const filled = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, value.replace(/[A-Z]{5,}/, (word) => tokens[word] ?? word)]),
  );
  const id = "68123badaa855ca20cdf6451";
  const calls = [...fileRoutes, ["GET", () => "/v1/upload"] as const, ["POST", () => "/v1/upload/private"] as const];
  const answers = [];
  for (const [method, path] of calls) answers.push(await call(path(id), { method, headers: filled }));
  for (const answer of answers.map((answer) => answer.clone())) await expectRefusal(answer, 401, "unauthorized");
  expect(new Set(await Promise.all(answers.map(wire))).size).toBe(1);
});

test.each([
  ["PUT", "/v1/upload", "GET, HEAD, POST, OPTIONS"],
  ["DELETE", "/v1/upload", "GET, HEAD, POST, OPTIONS"],
  ["GET", "/v1/upload/private", "POST, OPTIONS"],
  ["POST", "/v1/upload/68123badaa855ca20cdf6451", "GET, HEAD, PATCH, DELETE, OPTIONS"],
  ["PUT", "/v1/upload/68123badaa855ca20cdf6451", "GET, HEAD, PATCH, DELETE, OPTIONS"],
  ["POST", "/v1/upload/url/68123badaa855ca20cdf6451", "GET, HEAD, OPTIONS"],
  ["GET", "/v1/upload/68123badaa855ca20cdf6451/restore", "POST, OPTIONS"],
])("%s %s is not allowed", async (method, path, allow) => {
  const response = await ann.send(path, { method });
  expect(response.headers.get("allow")).toBe(allow);
  await expectRefusal(response, 405, "method_not_allowed");
});

test.each(["/v1/upload", "/v1/upload/68123badaa855ca20cdf6451"])("HEAD %s is GET without a body", async (path) => {
  const [get, head] = [await ann.send(path), await ann.send(path, { method: "HEAD" })];
  expect([head.status, head.headers.get("content-type")]).toEqual([get.status, get.headers.get("content-type")]);
  expect(await head.text()).toBe("");
});

test.each(["/v1/upload/a/b", "/v1/upload/a/b/c", "/v1/upload/private/x", "/v1/upload//x/", "/v1/upload/url/a/b"])(
  "%s is no resource",
  async (path) => {
    await expectRefusal(await ann.send(path), 404, "resource_not_found");
  },
);

test.each(["page", "limit"])("%s has bounds", async (name) => {
  const most = name === "page" ? 1_000_000_000 : 1000;
  const wrong = ["0", "-1", String(most + 1), "1.5", "1e3", "0x10", "", " 1", "abc", "9".repeat(30), "٣"];
  for (const value of wrong) {
    const refused = await ann.send(`/v1/upload?${name}=${encodeURIComponent(value)}`);
    expect(await expectRefusal(refused, 422, "parameter_invalid"), value).toMatchObject({ parameter: name });
  }
  for (const value of [1, most]) expect((await listOf(ann, `?${name}=${value}`)).data).toEqual([]);
});

test("a page behind the last is empty and still counts", async () => {
  await uploadedBy(ann);
  expect(await listOf(ann, "?page=1000000000")).toEqual({ count: 1, pages: 1, data: [], nextCursor: null });
});

test.each([
  "limit=1&limit=1",
  "Page=1",
  "sort=date",
  "expires=5",
  "type=png",
  "type=*/*",
  "type=image/",
  "visibility=Public",
  "from=yesterday",
  "from=2026-02-30",
  "from=2026-02-30T10:00:00Z",
  "from=2026-01-31T10:00",
  "to=+99999-01-01",
  "to=2026-13-01",
  "to=1700000000",
  `prefix=${"x".repeat(2049)}`,
  "cursor=x",
  "cursor=&page=1",
  "cursor[]=x",
])("a list does not take ?%s", async (query) => {
  await expectRefusal(await ann.send(`/v1/upload?${query}`), 422, "parameter_invalid");
});

test("expires has bounds, at each and one over", async () => {
  const { _id: id } = await uploadedBy(ann);
  for (const value of ["0", "-1", "604801", "abc", "", "1.5", "1e2", "+5", "300&expires=300"]) {
    const refused = await ann.send(`/v1/upload/url/${id}?expires=${value}`);
    expect(await expectRefusal(refused, 422, "parameter_invalid")).toMatchObject({ parameter: "expires" });
  }
  for (const value of [1, 604_800]) {
    const url = await dataOf<string>(await ann.send(`/v1/upload/url/${id}?expires=${value}`));
    expect(new URL(url).searchParams.get("X-Amz-Expires")).toBe(String(value));
  }
});

test("disposition is one that a header can carry", async () => {
  const { _id: id } = await uploadedBy(ann);
  for (const value of ["x", "inline\r\nSet-Cookie: a=b", "attachment; filename=", "attachment; name=x", ""]) {
    const refused = await ann.send(`/v1/upload/url/${id}?disposition=${encodeURIComponent(value)}`);
    expect(await expectRefusal(refused, 422, "parameter_invalid"), value).toMatchObject({ parameter: "disposition" });
  }
  const asked = encodeURIComponent('attachment; filename="résumé.png"');
  const url = await dataOf<string>(await ann.send(`/v1/upload/url/${id}?disposition=${asked}`));
  const opened = await call(url);
  expect(opened.headers.get("content-disposition")).toBe(
    "attachment; filename=\"r_sum_.png\"; filename*=UTF-8''r%C3%A9sum%C3%A9.png",
  );
  await opened.body?.cancel();
});

test("what an upload refuses leaves nothing", async () => {
  const settings = { FILE_API_MAX_BYTES: "200", FILE_API_TYPES: "image/png, text/plain" };
  const strict = user("ann", createCaller([], settings));
  const within = { ...red, body: png([1, 2, 3], 4, 3, 200 - png([1, 2, 3], 4, 3, 1).length + 1) };
  expect((within.body as Uint8Array).length).toBe(200);
  const over = { ...red, body: png([1, 2, 3], 4, 3, 200 - png([1, 2, 3], 4, 3, 1).length + 2) };
  await expectRefusal(await strict.upload([over]), 413, "file_too_large");
  await expectRefusal(await strict.upload([red, red]), 422, "too_many_files");
  await expectRefusal(await strict.upload([]), 422, "file_missing");
  await expectRefusal(await strict.upload([{ name: "file", body: "text" }]), 422, "file_missing");
  await expectRefusal(await strict.upload([{ ...red, type: "image/jpeg" }]), 415, "file_type_mismatch");
  const pdf = { fileName: "a.pdf", body: "%PDF-1.7\n" };
  await expectRefusal(await strict.upload([pdf]), 415, "file_type_not_allowed");
  const headers = { "content-type": "application/json" };
  const json = await strict.send("/v1/upload", { method: "POST", headers, body: "{}" });
  await expectRefusal(json, 415, "content_type_unsupported");
  const cut = await strict.send("/v1/upload", { method: "POST", headers: MULTIPART, body: "--x" });
  await expectRefusal(cut, 400, "body_malformed");
  expect(await readStored()).toEqual({ objects: [], files: [], gallery: [] });
  await dataOf(await strict.upload([within]), UPLOADED);
});

test.each(["..", "a/b", "", "a\u0000b", "x".repeat(256)])("the owner %j can be no folder", async (id) => {
  await expectRefusal(await user(id).upload(), 401, "unauthorized");
  expect(await readStored()).toEqual({ objects: [], files: [], gallery: [] });
});

test("the longest owner that can", async () => {
  expect((await uploadedBy(user("x".repeat(255)))).uploaded_by).toHaveLength(255);
});

test.each([
  ["FILE_API_MAX_BYTES", "0"],
  ["FILE_API_MAX_BYTES", "many"],
  ["FILE_API_TYPES", "png"],
  ["RETENTION_SECONDS", "-1"],
])("%s=%s is misconfigured, in the same envelope", async (name, value) => {
  await expectRefusal(await user("ann", createCaller([], { [name]: value })).send("/v1/upload"), 500, "misconfigured");
});

test.each(["DELETE", "PATCH"])("a browser of an allowed origin may %s", async (method) => {
  const open = createCaller([], { ALLOWED_ORIGINS: "https://app.example" });
  const preflight = await open("/v1/upload/x", {
    method: "OPTIONS",
    headers: {
      origin: "https://app.example",
      "access-control-request-method": method,
      "access-control-request-headers": "authorization,idempotency-key",
    },
  });
  expect(preflight.headers.get("access-control-allow-methods")).toContain(method);
  expect(preflight.headers.get("access-control-allow-headers")).toContain("idempotency-key");
});

test("a database that fails is said in the same envelope", async () => {
  const broken = { ...env.DB, prepare: () => ({ bind: () => ({}) }), batch: () => Promise.reject(new Error("down")) };
  const someone = user("ann", createCaller([], { DB: broken }));
  await expectRefusal(await someone.send("/v1/upload"), 503, "database_unavailable");
});
