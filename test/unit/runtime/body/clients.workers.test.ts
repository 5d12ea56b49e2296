/** What clients send besides what browsers do: taken where it is honest, else told by name. */
import { expect, test } from "vitest";
import type { Plan } from "../../../../src/contract/plan.ts";
import { as, createCaller, dataOf, expectProblem, MULTIPART, upload } from "../../../support/app.ts";
import { useFreshStorage } from "../../../support/database.ts";
import { png } from "../../../support/pictures.ts";
import { planOf, queryStep, uploadStep } from "../../../support/plans.ts";

useFreshStorage();

const echo: Plan = planOf([
  queryStep({
    sql: "SELECT ?1 AS v",
    parameters: [{ value: { from: "payload", path: ["v"] }, type: "any" }],
  }),
]);
const one: Plan = planOf([queryStep({ sql: "SELECT 1 AS v" })]);
const bytes = (text: string) => new TextEncoder().encode(text);
/** Sent in chunks, without a length. */
const chunked = (...chunks: readonly Uint8Array[]) =>
  new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
const json = { "content-type": "application/json" };
const send = async (plan: Plan, headers: Record<string, string>, body: BodyInit | null) =>
  createCaller([plan])("/test", { method: "POST", headers: { ...(await as("u")), ...headers }, body });

test("a byte order mark before JSON is passed over", async () => {
  expect(await dataOf(await send(echo, json, bytes('\ufeff{"v":"a"}')))).toEqual({ v: "a" });
});

test.each([
  [json, "The JSON is not UTF-8."],
  [MULTIPART, "The text field"],
])("bad UTF-8 with %j is told by its place", async (headers, detail) => {
  const text = headers === json ? '{"v":"\xe4"}' : "";
  const form = [...bytes(`------sluice-test-boundary\r\nContent-Disposition: form-data; name="v"\r\n\r\n`), 0xe4];
  const body =
    headers === json
      ? Uint8Array.from(text, (c) => c.charCodeAt(0))
      : new Uint8Array([...form, ...bytes("\r\n------sluice-test-boundary--\r\n")]);
  const problem = await expectProblem(await send(echo, headers, body), 400, "body_malformed");
  expect(problem["detail"]).toContain(detail);
});

test("an empty body in chunks is an empty body, whatever it is declared as", async () => {
  expect(await dataOf(await send(one, {}, chunked()))).toEqual({ v: 1 });
  expect(await dataOf(await send(one, json, chunked()))).toEqual({ v: 1 });
  await expectProblem(await send(one, {}, chunked(bytes("x"))), 415, "content_type_unsupported");
});

test.each(["gzip", "br", "deflate, gzip"])("a body in %s is refused with what is accepted", async (encoding) => {
  const response = await send(echo, { ...json, "content-encoding": encoding }, bytes("{}"));
  expect(response.headers.get("accept-encoding")).toBe("identity");
  await expectProblem(response, 415, "content_type_unsupported");
});

test("the encoding that is none is taken", async () => {
  expect(await dataOf(await send(echo, { ...json, "content-encoding": "identity" }, bytes('{"v":1}')))).toEqual({
    v: 1,
  });
});

test("a form that says it is in another charset is refused by that name", async () => {
  const response = await upload(createCaller([echo]), "/test", await as("u"), [
    { name: "_charset_", body: "iso-8859-1" },
    { name: "v", body: "a" },
  ]);
  expect((await expectProblem(response, 400, "body_malformed"))["detail"]).toContain("UTF-8");
  const parts = [
    { name: "_charset_", body: "UTF-8" },
    { name: "v", body: "a" },
  ];
  expect(await dataOf(await upload(createCaller([echo]), "/test", await as("u"), parts))).toEqual({ v: "a" });
});

test("a file without a name is a file by its type", async () => {
  const storing = planOf([uploadStep()]);
  const response = await upload(createCaller([storing]), "/test", await as("u"), [
    { name: "file", type: "image/png", body: png([200, 30, 30]) },
  ]);
  expect(await dataOf(response)).toMatchObject([{ original_file_name: "unnamed", file_type: "image/png" }]);
});
