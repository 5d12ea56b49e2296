import { expect, test } from "vitest";
import type { Log } from "../../../src/runtime/log.ts";
import { as, callerOf, createCaller, dataOf, expectProblem, ORIGIN, token, upload } from "../../support/app.ts";
import { buildOf } from "../../support/build.ts";
import { useFreshStorage } from "../../support/database.ts";
import { png } from "../../support/pictures.ts";
import { planOf, queryStep, uploadStep } from "../../support/plans.ts";

useFreshStorage();

const picture = { fileName: "a.png", type: "image/png", body: png([200, 30, 30]) };
const plan = planOf([queryStep({ sql: "SELECT 1 AS n" })], { id: "Answer_01", resource: "team/answer" });
const call = createCaller([plan, planOf([uploadStep()], { id: "up-01", resource: "up" })]);

test.each(["/team/answer", "/Answer_01"])("%s is the endpoint's address", async (path) => {
  expect(await dataOf(await call(path, { method: "POST", headers: await as("u") }))).toEqual({ n: 1 });
});

test.each(["/", "/nothing", "/team", "/team/answer/", "/TEAM/answer", "/team%2fanswer", "/%", "/__proto__"])(
  "%s is no resource",
  async (path) => {
    await expectProblem(await call(path, { method: "POST", headers: await as("u") }), 404, "resource_not_found");
  },
);

test.each(["GET", "PUT", "PATCH", "DELETE"])("%s is not enabled", async (method) => {
  const response = await call("/team/answer", { method, headers: await as("u") });
  await expectProblem(response, 405, "method_not_allowed");
  expect(response.headers.get("allow")).toBe("POST, OPTIONS");
});

test("OPTIONS says what an endpoint takes, and nothing of an address that has none", async () => {
  const allowOf = async (path: string) => (await call(path, { method: "OPTIONS" })).headers.get("allow");
  expect([await allowOf("/team/answer"), await allowOf("/nothing")]).toEqual(["POST, OPTIONS", null]);
});

test("the deployment can enable GET", async () => {
  const both = createCaller([plan], { ALLOWED_HTTP_METHODS: "POST|GET" });
  expect(await dataOf(await both("/team/answer", { headers: await as("u") }))).toEqual({ n: 1 });
});

test.each([
  ["LINK_SECRET", "short"],
  ["LINK_SECRET", undefined],
  ["ALLOWED_HTTP_METHODS", "POST|TRACE"],
  ["MAX_REQUEST_BYTES", "lots"],
  ["DOWNLOAD_LINK_SECONDS", "604801"],
  ["PUBLIC_BASE_URL", "ftp://x"],
  ["PUBLIC_BASE_URL", "https://x/path?query"],
  ["PUBLIC_BASE_URL", "https://x/path#fragment"],
  ["FILE_API", "yes"],
  ["GALLERY", "1"],
])("the setting %s = %j is refused without a word of it", async (name, value) => {
  const response = await createCaller([plan], { [name]: value })("/team/answer", {
    method: "POST",
    headers: await as("u"),
  });
  const problem = await expectProblem(response, 500, "misconfigured");
  expect(JSON.stringify(problem)).not.toContain(name);
});

test.each([
  ["https://files.example", "https://files.example"],
  ["https://files.example/", "https://files.example"],
  ["https://files.example/a/b-c.d~e_f", "https://files.example/a/b-c.d~e_f"],
  [" http://localhost:8787/media/ ", "http://localhost:8787/media"],
])("PUBLIC_BASE_URL = %j is what addresses begin with", async (setting, base) => {
  const based = createCaller([planOf([uploadStep()])], { PUBLIC_BASE_URL: setting });
  const form = new FormData();
  form.set("file", new File([Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10)], "a.png", { type: "image/png" }));
  const [row] = await dataOf<{ url: string; download_url: string }[]>(
    await based("/test", { method: "POST", headers: await as("u"), body: form }),
  );
  expect(row?.url.slice(0, base.length + 17)).toBe(`${base}/files/gallery/u/`);
  expect(row?.download_url).toContain(`${row?.url ?? ""}?X-Amz-Algorithm=`);
});

test("no answer is to be read as another type than it says", async () => {
  const authorization = { authorization: `Bearer ${await token({ id: "u" })}` };
  const all = createCaller([plan, planOf([uploadStep()], { id: "up-01", resource: "up" })]);
  const [row] = await dataOf<{ url: string }[]>(await upload(all, "/up", await as("u"), [picture]));
  const file = new URL(row?.url ?? "").pathname;
  const etag = (await all(file, { method: "HEAD" })).headers.get("etag") ?? "";
  const broken = createCaller([plan], { LINK_SECRET: undefined });
  const calls: readonly (readonly [number, Promise<Response>])[] = [
    [200, all("/team/answer", { method: "POST", headers: await as("u") })],
    [401, all("/team/answer", { method: "POST" })],
    [405, all("/team/answer")],
    [404, all("/nothing")],
    [204, all("/nothing", { method: "OPTIONS" })],
    [500, broken("/team/answer", { method: "POST" })],
    [200, all("/healthz")],
    [200, all("/healthz", { method: "HEAD" })],
    [503, broken("/healthz")],
    [404, all("/jobs/none", { headers: await as("u") })],
    [405, all(`/jobs/${"0".repeat(32)}`, { method: "POST" })],
    [200, all("/v1/upload", { headers: authorization })],
    [401, all("/v1/upload")],
    [200, all(file)],
    [200, all(file, { method: "HEAD" })],
    [206, all(file, { headers: { range: "bytes=0-0" } })],
    [304, all(file, { headers: { "if-none-match": etag } })],
    [416, all(file, { headers: { range: "bytes=9999-" } })],
    [404, all("/files/nothing.png")],
  ];
  for (const [status, call] of calls) {
    const response = await call;
    await response.arrayBuffer();
    expect([response.status, response.headers.get("x-content-type-options")]).toEqual([status, "nosniff"]);
  }
});

test("CORS lets in exact origins only, also on errors, and never with credentials", async () => {
  const cors = createCaller([plan], { ALLOWED_ORIGINS: "https://app.example|http://localhost:5173" });
  const preflight = await cors("/team/answer", {
    method: "OPTIONS",
    headers: {
      origin: "https://app.example",
      "access-control-request-method": "POST",
      "access-control-request-headers": "x-access-token",
    },
  });
  expect(preflight.status).toBe(204);
  expect(preflight.headers.get("access-control-allow-origin")).toBe("https://app.example");
  expect(preflight.headers.get("access-control-allow-headers")).toContain("x-access-token");
  expect(preflight.headers.get("access-control-allow-credentials")).toBeNull();
  expect(preflight.headers.get("vary")).toBe("Access-Control-Request-Headers, Origin");

  const refused = await cors("/nothing", { method: "POST", headers: { origin: "http://localhost:5173" } });
  expect(refused.status).toBe(404);
  expect(refused.headers.get("access-control-allow-origin")).toBe("http://localhost:5173");
  expect(refused.headers.get("access-control-expose-headers")).toContain("ETag");
  expect(refused.headers.get("x-request-id")).toBeTruthy();
  // A cache must not give one origin's answer to another.
  expect(refused.headers.get("vary")).toBe("Origin");

  for (const origin of ["https://evil.example", "https://app.example.evil", "null"]) {
    const response = await cors("/team/answer", { method: "OPTIONS", headers: { origin } });
    expect(response.headers.get("access-control-allow-origin")).toBeNull();
  }
  expect(
    (await call("/team/answer", { method: "OPTIONS", headers: { origin: "https://app.example" } })).headers.get(
      "access-control-allow-origin",
    ),
  ).toBeNull();
});

test("an origin that is refused is told once, by its name and with the setting", async () => {
  const lines: unknown[] = [];
  const log: Log = (_level, event, details) => void lines.push({ event, ...details });
  const call = callerOf(buildOf([plan]), { ALLOWED_ORIGINS: "https://app.example" }, { log });
  const ask = (origin: string) => call("/team/answer", { method: "OPTIONS", headers: { origin } });
  for (const origin of ["https://evil.example", ORIGIN, "https://evil.example", "https://app.example", "null"]) {
    await ask(origin);
  }
  await ask(`https://${"x".repeat(5000)}.example`);
  const told = { event: "origin_refused", reason: "ALLOWED_ORIGINS does not name it" };
  const origins = ["https://evil.example", "null", `https://${"x".repeat(192)}`];
  expect(lines).toMatchObject(origins.map((origin) => ({ ...told, origin })));
  expect(lines).toHaveLength(origins.length);
  lines.length = 0;
  for (let count = 0; count < 150; count++) await ask(`https://${String(count)}.example`);
  expect(lines).toHaveLength(97);
});
