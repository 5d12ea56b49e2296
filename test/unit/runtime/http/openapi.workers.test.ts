/** `/openapi.json` in front of a Worker. */
import { describe, expect, test } from "vitest";
import { withOpenApi } from "../../../../src/runtime/http/openapi.ts";

const document = { etag: '"abc"', text: '{"openapi":"3.1.1"}' };
const behind = {
  name: "behind",
  fetch: (request: Request, environment: string) => new Response(`${request.method} ${environment}`, { status: 201 }),
};
const worker = withOpenApi(behind, document);

async function call(path: string, init?: RequestInit): Promise<readonly [number, string]> {
  const response = worker.fetch(new Request(`https://uploads.example${path}`, init), "env");
  return [response.status, await response.text()];
}

describe("the document", () => {
  test("is answered to everybody, on every page", async () => {
    const { status, headers } = worker.fetch(new Request("https://uploads.example/openapi.json?x"), "env");
    expect([status, Object.fromEntries(headers)]).toEqual([
      200,
      {
        "access-control-allow-origin": "*",
        "cache-control": "no-cache",
        "content-type": "application/json",
        etag: '"abc"',
        "x-content-type-options": "nosniff",
      },
    ]);
    expect(await call("/openapi.json")).toEqual([200, document.text]);
    expect(await call("/openapi.json", { method: "HEAD" })).toEqual([200, ""]);
  });

  test.each([
    ['"abc"', 304],
    ['W/"abc"', 304],
    ['"other", "abc"', 304],
    ["*", 304],
    ['"other"', 200],
  ])("If-None-Match: %s", async (known, status) => {
    expect((await call("/openapi.json", { headers: { "If-None-Match": known } }))[0]).toBe(status);
  });
});

test.each([
  ["POST", "/openapi.json"],
  ["OPTIONS", "/openapi.json"],
  ["GET", "/openapi.jsonx"],
  ["GET", "/x/openapi.json"],
  ["GET", "/openapi%2Ejson"],
  ["GET", "//openapi.json"],
])("%s %s is the Worker's", async (method, path) => {
  expect(await call(path, { method })).toEqual([201, `${method} env`]);
});

test("other handlers stay", () => {
  expect(worker.name).toBe("behind");
});
