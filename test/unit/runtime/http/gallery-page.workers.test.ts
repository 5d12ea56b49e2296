/** The page of public/, from the real binding: there only where GALLERY and the file API are on. */
import { expect, test } from "vitest";
import type { Build } from "../../../../src/runtime/build.ts";
import { as, callerOf, dataOf, expectProblem } from "../../../support/app.ts";
import { buildOf, buildWithout } from "../../../support/build.ts";
import { useFreshStorage } from "../../../support/database.ts";
import { planOf, queryStep } from "../../../support/plans.ts";

useFreshStorage();

/** Named as a file of the page is. */
const plan = planOf([queryStep({ sql: "SELECT 1 AS n" })], { resource: "gallery.js" });
const on = (bindings: Record<string, unknown> = {}, build: Build = buildOf([])) =>
  callerOf(build, { GALLERY: "on", ...bindings });

test.each([
  ["/", "text/html", "default-src 'none'"],
  ["/gallery.js", "text/javascript", "default-src 'none'"],
  // Of what is no page it would be ignored.
  ["/gallery-page/styles/base.css", "text/css", ""],
])("%s comes with its policy and a request id", async (path, type, policy) => {
  const answer = await on()(path);
  expect([answer.status, answer.headers.get("content-type")]).toEqual([200, expect.stringContaining(type)]);
  expect(answer.headers.get("content-security-policy") ?? "").toContain(policy);
  expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
  expect(answer.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
  expect((await answer.text()).length).toBeGreaterThan(500);
  const head = await on()(path, { method: "HEAD" });
  expect([head.status, await head.text()]).toEqual([200, ""]);
});

test("a browser that has it is told so", async () => {
  const first = await on()("/");
  await first.body?.cancel();
  const again = await on()("/", { headers: { "if-none-match": first.headers.get("etag") ?? "" } });
  expect(again.status).toBe(304);
});

test.each<readonly [string, Parameters<typeof on>]>([
  ["without GALLERY", [{ GALLERY: undefined }]],
  ["GALLERY = off", [{ GALLERY: "off" }]],
  ["without the file API", [{ FILE_API: "off" }, buildWithout("fileApi", [])]],
  ["without [assets]", [{ ASSETS: undefined }]],
])("%s there is no page", async (_title, options) => {
  for (const path of ["/", "/index.html", "/gallery.js", "/_headers"]) {
    await expectProblem(await on(...options)(path), 404, "resource_not_found");
  }
});

test.each([
  ["GET", "/nothing.js"],
  ["GET", "/_headers"],
  ["GET", "/..%2fwrangler.toml"],
  ["POST", "/"],
  ["DELETE", "/gallery.js"],
])("%s %s is nothing of the page", async (method, path) => {
  await expectProblem(await on()(path, { method }), 404, "resource_not_found");
});

test("an endpoint goes before a file of its name", async () => {
  const call = on({}, buildOf([plan]));
  expect(await dataOf(await call("/gallery.js", { method: "POST", headers: await as("u") }))).toEqual({ n: 1 });
  await expectProblem(await call("/gallery.js"), 405, "method_not_allowed");
});
