/** Many calls at once, some of which never end: who is served, and what an isolate keeps of them. */
import { describe, expect, test } from "vitest";
import type { Plan } from "../../../../src/contract/plan.ts";
import {
  as,
  createCaller,
  expectProblem,
  formBody,
  MULTIPART,
  upload,
  type Call,
  type FormPart,
} from "../../../support/app.ts";
import { readStored, useFreshStorage } from "../../../support/database.ts";
import { png } from "../../../support/pictures.ts";
import { planOf, queryStep, uploadStep } from "../../../support/plans.ts";

useFreshStorage();

const red: FormPart = { fileName: "red.png", type: "image/png", body: png([200, 30, 30]) };
const plan = planOf([uploadStep()]);
const open: Plan = planOf([uploadStep({ folder: [{ from: "literal", value: "open" }] })], {
  authentication: null,
});
const asking = planOf([queryStep({ sql: "SELECT 1 AS one" })]);

interface SlowCall {
  readonly answer: Promise<Response>;
  /** The client goes away. */
  readonly leave: () => void;
}

/** Sends the form's beginning, then a byte now and then. */
function sendSlowly(call: Call, headers: Record<string, string>): SlowCall {
  const form = formBody([{ ...red, body: new Uint8Array(100_000) }]);
  let at = 300;
  let leave = () => {};
  const body = new ReadableStream({
    start(controller) {
      controller.enqueue(form.slice(0, at));
      const timer = setInterval(() => controller.enqueue(form.slice(at, ++at)), 200);
      leave = () => {
        clearInterval(timer);
        controller.error(new Error("gone"));
      };
    },
    cancel: () => leave(),
  });
  const answer = call("/test", { method: "POST", headers: { ...MULTIPART, ...headers }, body });
  return { answer, leave: () => leave() };
}

/** Counts statuses. */
const count = (responses: readonly Response[]) =>
  Object.fromEntries([...Map.groupBy(responses, ({ status }) => status)].map(([status, all]) => [status, all.length]));

/** Those that have an answer by now. */
async function answered(calls: readonly SlowCall[]): Promise<Response[]> {
  const late = scheduler.wait(200).then(() => null);
  const answers = await Promise.all(calls.map(({ answer }) => Promise.race([answer, late])));
  return answers.filter((answer) => answer !== null);
}

describe("twelve slow senders of one caller", () => {
  test.each([
    ["accounts", plan, () => as("slow"), () => as("other")],
    [
      "addresses",
      open,
      async () => ({ "cf-connecting-ip": "203.0.113.7" }),
      async () => ({ "cf-connecting-ip": "203.0.113.8" }),
    ],
    [
      "addresses of one IPv6 network, and of another",
      open,
      async (index: number) => ({ "cf-connecting-ip": `2001:db8:0:1::${index + 1}` }),
      async () => ({ "cf-connecting-ip": "2001:db8:0:2::1" }),
    ],
  ])("do not keep others out: %s", async (_title, ofPlan, slowHeaders, otherHeaders) => {
    const call = createCaller([ofPlan]);
    const slow: SlowCall[] = [];
    for (let index = 0; index < 12; index++) slow.push(sendSlowly(call, await slowHeaders(index)));
    // Four of them find what is left kept for others.
    expect(count(await answered(slow))).toEqual({ 503: 4 });
    const headers = await otherHeaders();
    const responses = await Promise.all(Array.from({ length: 6 }, () => upload(call, "/test", headers, [red])));
    expect(count(responses)).toEqual({ 200: 6 });
    // Whoever had to go for them was one of the slow ones.
    expect(new Set([503, 408, ...(await answered(slow)).map(({ status }) => status)])).toEqual(new Set([503, 408]));
    for (const { leave } of slow) leave();
    await Promise.all(slow.map(({ answer }) => answer));
    // Nothing of theirs stays.
    expect((await readStored()).files.map(({ status }) => status)).toEqual(Array.from({ length: 6 }, () => "stored"));
  });
});

test("six uploads of one caller at once find room", async () => {
  const call = createCaller([plan]);
  const headers = await as("u");
  const responses = await Promise.all(Array.from({ length: 6 }, () => upload(call, "/test", headers, [red])));
  expect(count(responses)).toEqual({ 200: 6 });
});

test("a client that sends a byte now and then is not silent", async () => {
  const call = createCaller([plan], { MAX_IDLE_SECONDS: "1" });
  const body = formBody([red]);
  const step = Math.ceil(body.length / 5);
  let at = 0;
  const steady = new ReadableStream({
    async pull(controller) {
      await scheduler.wait(400);
      controller.enqueue(body.slice(at, (at += step)));
      if (at >= body.length) controller.close();
    },
  });
  const response = await call("/test", { method: "POST", headers: { ...MULTIPART, ...(await as("u")) }, body: steady });
  expect(response.status).toBe(200);
});

test("a silent client is told so, also where a limit has the same number", async () => {
  const call = createCaller([plan], { MAX_IDLE_SECONDS: "1", MAX_FIELD_BYTES: "1" });
  const silent = new ReadableStream({
    start: (controller) => controller.enqueue(formBody([{ name: "a", body: "" }]).slice(0, 80)),
  });
  const response = await call("/test", { method: "POST", headers: { ...MULTIPART, ...(await as("u")) }, body: silent });
  expect(await expectProblem(response, 408, "client_too_slow")).toMatchObject({ limit: 1 });
});

describe("the fields of a form", () => {
  const send = async (parts: readonly FormPart[], more: Record<string, string> = {}) =>
    upload(createCaller([asking], more), "/test", await as("u"), parts);
  const field = (bytes: number, name = "a"): FormPart => ({ name, body: "x".repeat(bytes) });

  test.each([
    ["at the limit, names counted", [field(50, "ab"), field(45, "cde")], 200],
    ["one byte over it", [field(50, "ab"), field(46, "cde")], 413],
    ["one byte of a name over it", [field(50, "ab"), field(45, "cdef")], 413],
    ["a name alone", [field(0, "x".repeat(101))], 413],
    ["the same name again and again", Array.from({ length: 34 }, () => field(2)), 413],
  ])("%s", async (_title, parts, status) => {
    const response = await send(parts, { MAX_FORM_BYTES: "100" });
    if (status === 200) expect(response.status).toBe(200);
    else expect(await expectProblem(response, 413, "body_too_large")).toMatchObject({ limit: 100 });
  });

  test("999 of the largest ones are refused after two MiB", async () => {
    const response = await send(Array.from({ length: 999 }, (_, index) => field(65_536, `f${index}`)));
    expect(await expectProblem(response, 413, "body_too_large")).toMatchObject({ limit: 2 * 1024 * 1024 });
  });
});

describe("memory", () => {
  const call = createCaller([asking], {
    MAX_MEMORY_BYTES: String(8 * 1024 * 1024),
    MAX_JSON_BYTES: String(800 * 1024),
  });
  const headersOf = async (id: string) => ({ ...(await as(id)), "content-type": "application/json" });
  /** Valued at ten times its text. */
  const text = (bytes: number) => JSON.stringify("x".repeat(bytes - 2));
  const send = async (id: string, bytes: number) =>
    call("/test", { method: "POST", headers: await headersOf(id), body: text(bytes) });

  test("what one caller's calls hold is not held from others, and is free when they end", async () => {
    let end = () => {};
    const hanging = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode(text(400_000)));
        end = () => controller.close();
      },
    });
    const first = call("/test", { method: "POST", headers: await headersOf("u"), body: hanging });
    await scheduler.wait(100);
    const second = await send("u", 300_000);
    await expectProblem(second, 503, "overloaded");
    expect(second.headers.get("retry-after")).toBe("3");
    expect((await send("v", 300_000)).status).toBe(200);
    end();
    expect((await first).status).toBe(200);
    expect((await send("u", 300_000)).status).toBe(200);
  });

  test("an only call may use all of it", async () => {
    expect((await send("u", 800 * 1024)).status).toBe(200);
  });
});
