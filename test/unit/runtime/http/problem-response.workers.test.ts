import { describe, expect, test } from "vitest";
import { problemResponse } from "../../../../src/runtime/http/problem-response.ts";
import { Problem, problems, type ProblemCode, toProblem } from "../../../../src/contract/problem.ts";

const codes = Object.keys(problems) as ProblemCode[];

/** All that goes over the wire. */
async function wire(problem: Problem, requestId = "r1"): Promise<string> {
  const response = problemResponse(problem, requestId);
  return JSON.stringify([response.status, [...response.headers], await response.text()]);
}

test.each(codes)("%s", async (code) => {
  const response = problemResponse(new Problem(code), "r1");
  const { status, title } = problems[code];
  expect(response.status).toBe(status);
  expect(response.headers.get("Content-Type")).toBe("application/problem+json");
  expect(response.headers.get("Cache-Control")).toBe("no-store");
  expect(response.headers.get("X-Request-Id")).toBe("r1");
  expect(await response.json()).toEqual({
    type: "about:blank",
    title,
    status,
    code,
    request_id: "r1",
    success: false,
    message: title,
    data: null,
  });
});

describe("what a problem adds", () => {
  test("detail, members and headers", async () => {
    const problem = new Problem("file_too_large", {
      detail: "At most 5 bytes.",
      members: { limit: 5, field: "photo" },
      headers: { "Retry-After": "5" },
    });
    const response = problemResponse(problem, "r1");
    expect(response.headers.get("Retry-After")).toBe("5");
    expect(await response.json()).toMatchObject({
      detail: "At most 5 bytes.",
      message: "At most 5 bytes.",
      limit: 5,
      field: "photo",
    });
  });

  test("cannot displace what clients rely on", async () => {
    const members = {
      status: 200,
      code: "x",
      success: "true",
      data: "x",
      request_id: "x",
      message: "x",
      type: "x",
      title: "x",
    };
    const headers = { "cache-control": "public", "content-type": "text/html", "x-request-id": "x" };
    const displaced = problemResponse(new Problem("file_missing", { members, headers }), "r1");
    const plain = problemResponse(new Problem("file_missing"), "r1");
    expect([...displaced.headers]).toEqual([...plain.headers]);
    expect(await displaced.json()).toEqual(await plain.json());
  });
});

test("every 401 is the same but for the request id", async () => {
  const rich = new Problem("unauthorized", {
    detail: "The token expired.",
    reason: "exp",
    members: { claim: "exp" },
    headers: { "WWW-Authenticate": 'Bearer error="invalid_token"', "X-Why": "exp" },
  });
  const plain = await wire(new Problem("unauthorized"));
  expect(await wire(rich)).toBe(plain);
  expect(await wire(rich, "r2")).toBe(plain.replaceAll("r1", "r2"));
  expect(plain).toContain('"www-authenticate","Bearer"');
});

describe("what is no problem", () => {
  const secret = "SELECT secret FROM t";
  test.each([new Error(secret), new TypeError(secret), secret, { message: secret }, null, undefined, 7])(
    "%s",
    async (error) => {
      const problem = toProblem(error);
      expect(problem.code).toBe("internal");
      expect(problem.cause).toBe(error);
      expect(await wire(problem)).toBe(await wire(new Problem("internal")));
    },
  );

  test("a problem stays itself, its reason and cause off the wire", async () => {
    const problem = new Problem("database_unavailable", { reason: secret, cause: new Error(secret) });
    expect(toProblem(problem)).toBe(problem);
    expect(await wire(problem)).not.toContain("SELECT");
  });
});
