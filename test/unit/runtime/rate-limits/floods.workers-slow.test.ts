/** `rate_limit` under load: calls at once, from several memories, and floods of refused ones. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, test } from "vitest";
import { useFreshStorage } from "../../../support/database.ts";
import { from, openIsolate, tally, times, useFreshObjects } from "./counting.ts";
import { tableOf } from "./endpoints.ts";

useFreshStorage();
useFreshObjects();
beforeEach(async () => {
  await env.DB.exec(tableOf());
});

const rows = async () => (await env.DB.prepare("SELECT count(*) AS rows FROM visits").first<number>("rows")) ?? 0;

describe("exactly", () => {
  test.each(times(10, (round) => [round]))("50 of 200 calls at once pass, in round %i", async (round) => {
    const { call } = openIsolate();
    expect(await tally(times(200, () => call("/visits", from(`192.0.2.${round}`))))).toEqual({ 200: 50, 429: 150 });
    expect(await rows()).toBe(50);
  });

  test("50 of 200 calls pass that come to four memories, as to four isolates", async () => {
    const isolates = times(4, () => openIsolate());
    const calls = times(200, (index) => (isolates[index % 4] ?? openIsolate()).call("/visits", from("192.0.2.77")));
    expect(await tally(calls)).toEqual({ 200: 50, 429: 150 });
    expect(await rows()).toBe(50);
  });
});

describe("a flood", () => {
  test.each([
    ["all at once", async (send: () => Promise<Response>) => tally(times(2050, send))],
    [
      "one after the other",
      async (send: () => Promise<Response>) => {
        const answers: Promise<Response>[] = [];
        for (let count = 0; count < 2050; count++) answers.push(Promise.resolve(await send()));
        return tally(answers);
      },
    ],
  ])("of 2,000 refused calls, %s, reaches neither the object nor the database", async (_, flood) => {
    const { call, counts } = openIsolate();
    const passed = await tally(times(49, () => call("/visits", from("192.0.2.1"))));
    expect(passed).toEqual({ 200: 49 });
    const before = { ...counts };
    expect(await flood(() => call("/visits", from("192.0.2.1")))).toEqual({ 200: 1, 429: 2049 });
    expect(counts.asked).toBeLessThanOrEqual(60);
    // Of the one that passed.
    const one = before.statements / 49;
    expect(counts.statements - before.statements).toBe(one);
  });

  test("of a fresh isolate's 2,050 calls at once, no more than 60 reach the object", async () => {
    const { call, counts } = openIsolate();
    expect(await tally(times(2050, () => call("/visits", from("192.0.2.1"))))).toEqual({ 200: 50, 429: 2000 });
    expect(counts.asked).toBeLessThanOrEqual(60);
  });
});
