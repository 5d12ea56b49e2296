/** The object that counts: its window, its one row, its clock; and what becomes of calls when it fails. */
import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { expectProblem } from "../../../support/app.ts";
import { useFreshStorage } from "../../../support/database.ts";
import { createMemory, MOST_KNOWN } from "../../../../src/runtime/rate-limits/known-identifiers.ts";
import { from, openIsolate, tally, times, useFreshObjects } from "./counting.ts";
import { tableOf } from "./endpoints.ts";

useFreshStorage();
useFreshObjects();
beforeEach(async () => {
  await env.DB.exec(tableOf());
});

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Alarms of the past would ring at once. */
const began = Date.UTC(2100, 0, 1);

/** The clock of the object, and of the isolate. */
const setClock = (milliseconds: number) => vi.setSystemTime(began + milliseconds);

beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"], now: began }));
afterEach(() => vi.useRealTimers());

describe("the object", () => {
  const open = () => env.RATE_LIMITS.getByName(crypto.randomUUID());
  type Stub = ReturnType<typeof open>;
  const rowsOf = (stub: Stub) => runInDurableObject(stub, (_, { storage }) => [...storage.kv.list()]);
  const alarmOf = (stub: Stub) => runInDurableObject(stub, (_, { storage }) => storage.getAlarm());
  /** Without what the way from object to caller adds. */
  const take = async (stub: Stub, limit = 2, length = MINUTE) => {
    const { isAllowed, remaining, milliseconds } = await stub.take(limit, length);
    return [isAllowed, remaining, milliseconds];
  };

  test("begins a window with its first call, and another one when that is over", async () => {
    const stub = open();
    expect(await take(stub)).toEqual([true, 1, MINUTE]);
    setClock(10_000);
    expect(await take(stub)).toEqual([true, 0, 50_000]);
    setClock(MINUTE - 1);
    expect(await take(stub)).toEqual([false, 0, 1]);
    setClock(MINUTE);
    expect(await take(stub)).toEqual([true, 1, MINUTE]);
  });

  test("has one row and an alarm, and nothing once that has rung", async () => {
    const stub = open();
    for (let count = 0; count < 5; count++) await take(stub);
    expect(await rowsOf(stub)).toEqual([["window", { starts: began, ends: began + MINUTE, count: 2 }]]);
    expect(await alarmOf(stub)).toBe(began + MINUTE);
    setClock(MINUTE);
    expect(await runDurableObjectAlarm(stub)).toBe(true);
    expect([await rowsOf(stub), await alarmOf(stub)]).toEqual([[], null]);
    expect(await take(stub)).toEqual([true, 1, MINUTE]);
  });

  test("writes nothing for a refused call", async () => {
    const stub = open();
    await take(stub, 1);
    const changes = () =>
      runInDurableObject(stub, (_, { storage }) => storage.sql.exec("SELECT total_changes() AS count").one()["count"]);
    const before = await changes();
    for (let count = 0; count < 50; count++) expect((await take(stub, 1))[0]).toBe(false);
    expect(await changes()).toBe(before);
    await take(stub, 2);
    expect(await changes()).not.toBe(before);
  });

  test.each([
    ["a minute", -MINUTE],
    ["an hour", -HOUR],
    ["a year", -365 * 24 * HOUR],
  ])("whose clock is set back by %s neither unlocks nor locks for ever", async (_, change) => {
    const stub = open();
    await take(stub);
    await take(stub);
    setClock(change);
    expect(await take(stub)).toEqual([false, 0, MINUTE]);
    setClock(change + MINUTE - 1);
    expect(await take(stub)).toEqual([false, 0, 1]);
    setClock(change + MINUTE);
    expect(await take(stub)).toEqual([true, 1, MINUTE]);
  });

  test("whose clock was set back when the alarm rings keeps its row until the window is over", async () => {
    const stub = open();
    await take(stub);
    setClock(-HOUR);
    await runDurableObjectAlarm(stub);
    expect([(await rowsOf(stub)).length, await alarmOf(stub)]).toEqual([1, began + MINUTE]);
  });

  test("whose clock leaps ahead begins another window", async () => {
    const stub = open();
    await take(stub);
    await take(stub);
    setClock(365 * 24 * HOUR);
    expect(await take(stub)).toEqual([true, 1, MINUTE]);
    setClock(0);
    expect(await take(stub)).toEqual([true, 0, MINUTE]);
  });

  test("takes another limit, and another length, in the middle of a window", async () => {
    const stub = open();
    for (let count = 0; count < 3; count++) await take(stub, 3);
    expect(await take(stub, 2)).toEqual([false, 0, MINUTE]);
    expect(await take(stub, 5)).toEqual([true, 1, MINUTE]);
    expect(await take(stub, 5, HOUR)).toEqual([true, 0, HOUR]);
    expect(await alarmOf(stub)).toBe(began + HOUR);
    setClock(2000);
    expect(await take(stub, 5, 1000)).toEqual([true, 4, 1000]);
    expect(await alarmOf(stub)).toBe(began + 3000);
  });
});

const ann = from("192.0.2.1");

describe("the isolate", () => {
  const exhausted = async () => {
    const isolate = openIsolate();
    expect(await tally(times(4, () => isolate.call("/by-address", ann)))).toEqual({ 200: 3, 429: 1 });
    return isolate;
  };

  test("tells the seconds that are left, and asks again when the window is over", async () => {
    const { call, counts } = await exhausted();
    const { asked } = counts;
    setClock(HOUR - 500);
    const refused = await call("/by-address", ann);
    expect([refused.status, refused.headers.get("Retry-After")]).toEqual([429, "1"]);
    expect(counts.asked).toBe(asked);
    setClock(HOUR);
    expect((await call("/by-address", ann)).status).toBe(200);
  });

  test("whose clock was set back asks the object, which alone decides", async () => {
    const { call, counts } = await exhausted();
    const { asked } = counts;
    setClock(-HOUR);
    const refused = await call("/by-address", ann);
    expect([refused.status, refused.headers.get("Retry-After")]).toEqual([429, "3600"]);
    expect(counts.asked).toBe(asked + 1);
    setClock(0);
    expect((await call("/by-address", ann)).status).toBe(200);
  });

  test("forgets who called longest ago, where they are many", () => {
    const memory = createMemory();
    const first = memory("0");
    for (let index = 1; index < MOST_KNOWN; index++) memory(String(index));
    expect(memory("0")).toBe(first);
    const second = memory("1");
    for (let index = 0; index < MOST_KNOWN - 2; index++) memory(`more-${index}`);
    expect([memory("0"), memory("1")]).toEqual([first, second]);
    expect([memory("0") === first, memory("1") === second]).toEqual([true, true]);
    for (let index = 0; index < MOST_KNOWN; index++) memory(`others-${index}`);
    expect(memory("0")).not.toBe(first);
  });
});

describe("an object that fails", () => {
  const failing = (error: object) => async () => {
    throw Object.assign(new Error("broken"), error);
  };

  test.each([
    ["throws", {}, 1],
    ["is overloaded", { overloaded: true, retryable: true }, 1],
    ["cannot be reached twice", { retryable: true }, 2],
  ])("because it %s: calls are refused, and may be sent again", async (_, error, tries) => {
    const { call, counts } = openIsolate(() => failing(error));
    const answer = await call("/by-address", ann);
    expect(answer.headers.get("Retry-After")).toBe("5");
    const problem = await expectProblem(answer, 503, "rate_limit_unavailable");
    expect(JSON.stringify(problem)).not.toContain("broken");
    expect(counts).toEqual({ asked: tries, statements: 0 });
  });

  test("once, as at a deployment, is asked again", async () => {
    let asked = 0;
    const { call } = openIsolate((take) => (++asked === 1 ? failing({ retryable: true }) : take));
    expect((await call("/by-address", ann)).status).toBe(200);
  });

  test("and comes back is asked by the next call", async () => {
    let isBroken = true;
    const { call } = openIsolate((take) => (isBroken ? failing({}) : take));
    expect(await tally(times(20, () => call("/by-address", ann)))).toEqual({ 503: 20 });
    isBroken = false;
    expect(await tally(times(20, () => call("/by-address", ann)))).toEqual({ 200: 3, 429: 17 });
  });

  test.each([
    ["is missing", undefined],
    ["is another one", env.BUCKET],
    ["is a text", "RateLimiter"],
  ])("because the binding %s: 500", async (_, binding) => {
    const { call } = openIsolate(undefined, { RATE_LIMITS: binding });
    await expectProblem(await call("/by-address", ann), 500, "misconfigured");
  });
});
