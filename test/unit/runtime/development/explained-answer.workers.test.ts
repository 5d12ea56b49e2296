/** What a development server says of calls that no endpoint takes. */
import { describe, expect, test, vi } from "vitest";
import { nearest } from "../../../../src/compiler/text/suggest.ts";
import { explainAnswer, type Compiled } from "../../../../src/runtime/development/explained-answer.ts";
import { createCaller, ORIGIN } from "../../../support/app.ts";
import { planOf, uploadStep } from "../../../support/plans.ts";

const plans = [
  planOf([uploadStep()], { id: "upload-01", resource: "upload-gallery" }),
  planOf([uploadStep()], { id: "avatar-01", resource: "avatars/own" }),
];
const fault = 'abis/mine.json:4:3: unknown property "resourse"';
const uncompiled = [{ file: "abis/mine.json", routes: ["mine-01", "my-gallery"], fault }];
const call = createCaller(plans);

async function explained(path: string, init: RequestInit = { method: "POST" }, compiled: Partial<Compiled> = {}) {
  const given = await call(path, init);
  const before = given.clone();
  const request = new Request(new URL(path, ORIGIN), init);
  const answer = await explainAnswer(given, request, { plans, uncompiled, nearest, ...compiled });
  return { before, answer, body: (await answer.clone().json()) as Record<string, unknown> };
}

describe("404", () => {
  test("says what there is, and what is near", async () => {
    const { answer, body } = await explained("/upload-galery", { method: "POST", headers: { Origin: ORIGIN } });
    const detail =
      "No ABI defines /upload-galery: there are /avatars/own, /upload-gallery. Did you mean /upload-gallery?";
    expect(answer.status).toBe(404);
    expect(body).toMatchObject({ code: "resource_not_found", detail, message: detail, success: false });
    expect(body["routes"]).toEqual(["/avatars/own", "/upload-gallery"]);
    expect(body["request_id"]).toBe(answer.headers.get("X-Request-Id"));
  });

  test("without an endpoint, and without a near one", async () => {
    expect((await explained("/x", undefined, { plans: [] })).body["detail"]).toBe(
      "No ABI defines /x: abis/ has no endpoint.",
    );
    expect(String((await explained("/qqqqqqqqqq")).body["detail"])).not.toContain("Did you mean");
  });
});

test("405 says which methods the route takes", async () => {
  const { answer, body } = await explained("/upload-gallery", { method: "DELETE" });
  expect([answer.status, body["code"]]).toEqual([405, "method_not_allowed"]);
  expect(body["detail"]).toBe(`DELETE /upload-gallery: this route takes ${String(answer.headers.get("Allow"))}`);
});

test.each(["/my-gallery", "/mine-01", "/media/my-gallery"])(
  "what has faults is 500 with the fault: %s",
  async (path) => {
    const log = vi.spyOn(console, "error").mockImplementation(() => undefined);
    const { answer, body } = await explained(path);
    expect(answer.status).toBe(500);
    expect(body).toMatchObject({ code: "not_compiled", status: 500, detail: fault, message: fault, success: false });
    const line = { event: "problem", code: "not_compiled", reason: `abis/mine.json was not compiled: ${fault}` };
    expect(log.mock.calls.map(([text]) => JSON.parse(String(text)) as unknown)).toContainEqual(line);
    log.mockRestore();
  },
);

test("what has faults is found by names in its resource, and beside an endpoint of another method", async () => {
  const log = vi.spyOn(console, "error").mockImplementation(() => undefined);
  const routes = ["receipts/:id/file", "upload-gallery"];
  const broken = { uncompiled: [{ file: "abis/mine.json", routes, fault }] };
  const statusOf = async (path: string, init: RequestInit = {}) => (await explained(path, init, broken)).answer.status;
  expect(await statusOf("/receipts/r1/file")).toBe(500);
  expect(await statusOf("/receipts//file")).toBe(404);
  expect(await statusOf("/receipts/r1/file/x")).toBe(404);
  expect(await statusOf("/upload-gallery", { method: "DELETE" })).toBe(500);
  expect(await statusOf("/avatars/own", { method: "DELETE" })).toBe(405);
  log.mockRestore();
});

test.each<[path: string, init: RequestInit]>([
  ["/files/none", {}],
  ["/v1/upload/none/none", {}],
  ["/not-my-gallery", { method: "HEAD" }],
  ["/healthz", {}],
])("any other answer stays as it is: %s", async (path, init) => {
  const given = await call(path, init);
  const request = new Request(new URL(path, ORIGIN), init);
  expect(await explainAnswer(given, request, { plans, uncompiled, nearest })).toBe(given);
});
