/**
 * Measures what `rate_limit` costs and that it is exact: three isolates of one Worker in workerd, which share the Durable
 * Objects that count. Run `node bench/rate-limit.ts`; prints Markdown tables.
 */
import { Miniflare, convertV4MiniflareOptions } from "miniflare";
import { d1Statements } from "../test/support/d1-migrations.ts";
import { secrets } from "../test/support/secrets.ts";
import { bundleWorker } from "./support/bundle.ts";
import { anyFreePort } from "../src/compiler/sql/postgres/free-port.ts";

const ISOLATES = ["one", "two", "three"] as const;
const LIMIT = 50;
const ROUNDS = 10;
const BURST = 200;
const FLOOD = 2000;
const CALLS = 500;

const ports = await Promise.all(ISOLATES.map(() => anyFreePort()));
const script = await bundleWorker(new URL("rate-limit-worker.js", import.meta.url));
const miniflare = new Miniflare(
  convertV4MiniflareOptions({
    workers: ISOLATES.map((name, index) => ({
      name,
      modules: true as const,
      script,
      compatibilityDate: "2026-10-20",
      compatibilityFlags: ["nodejs_compat"],
      r2Buckets: ["BUCKET"],
      d1Databases: ["DB"],
      durableObjects: {
        RATE_LIMITS: { className: "RateLimiter", useSQLite: true, ...(index === 0 ? {} : { scriptName: "one" }) },
      },
      bindings: secrets,
      unsafeDirectSockets: [{ host: "127.0.0.1", port: ports[index] ?? 0 }],
    })),
  }),
);
await miniflare.ready;
const database = await miniflare.getD1Database("DB");
await database.batch(d1Statements().map((sql) => database.prepare(sql)));

interface Counts {
  readonly asked: number;
  readonly statements: number;
}

const addressOf = (isolate: number, path: string) => `http://127.0.0.1:${ports[isolate]}${path}`;
async function send(path: string, address: string, isolate = 0): Promise<number> {
  const headers = { "CF-Connecting-IP": address };
  const answer = await fetch(addressOf(isolate, path), { method: "POST", headers });
  await answer.text();
  return answer.status;
}
async function countsOf(isolate: number): Promise<Counts> {
  return (await (await fetch(addressOf(isolate, "/counts"))).json()) as Counts;
}
const passed = (statuses: readonly number[]) => statuses.filter((status) => status === 200).length;
const atOnce = (count: number, make: (index: number) => Promise<number>) =>
  Promise.all(Array.from({ length: count }, (_, index) => make(index)));
const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

/** Milliseconds, for each kind of call; the kinds take turns, so that the machine's other work disturbs all alike. */
async function timeCalls(kinds: Readonly<Record<string, () => Promise<number>>>): Promise<Map<string, number>> {
  const times = new Map(Object.keys(kinds).map((name) => [name, [] as number[]]));
  for (let round = 0; round < CALLS; round++) {
    for (const [name, call] of Object.entries(kinds)) {
      const start = performance.now();
      await call();
      times.get(name)?.push(performance.now() - start);
    }
  }
  return new Map([...times].map(([name, values]) => [name, median(values)]));
}

const perRound: number[] = [];
for (let round = 0; round < ROUNDS; round++) {
  perRound.push(passed(await atOnce(BURST, (index) => send("/narrow", `192.0.2.${round}`, index % ISOLATES.length))));
}
const before = await countsOf(0);
const flooded = passed(await atOnce(LIMIT + FLOOD, () => send("/narrow", "192.0.2.100")));
const after = await countsOf(0);
const refusedAgain = passed(await atOnce(FLOOD, () => send("/narrow", "192.0.2.100")));
const atEnd = await countsOf(0);
const rotating = passed(await atOnce(BURST, (index) => send("/narrow", `2001:db8:1:2::${index.toString(16)}`)));

console.log("| calls | limit | passed | of objects | statements |");
console.log("| --- | ---: | ---: | ---: | ---: |");
const exact = [...new Set(perRound)].join(" or ");
console.log(`| ${BURST} at once to three isolates, ${ROUNDS} times | ${LIMIT} | ${exact} each time | | |`);
const one = [after.asked - before.asked, after.statements - before.statements];
console.log(`| ${LIMIT + FLOOD} at once to one isolate | ${LIMIT} | ${flooded} | ${one.join(" | ")} |`);
const two = [atEnd.asked - after.asked, atEnd.statements - after.statements];
console.log(`| ${FLOOD} more | ${LIMIT} | ${refusedAgain} | ${two.join(" | ")} |`);
console.log(`| ${BURST} of one IPv6 /64, each from another address | ${LIMIT} | ${rotating} | | |\n`);

const times = await timeCalls({
  "no limit": () => send("/free", "192.0.2.200"),
  "a limit, passed": () => send("/wide", "192.0.2.200"),
  "a limit, refused by the isolate": () => send("/narrow", "192.0.2.100"),
});
const none = times.get("no limit") ?? Number.NaN;
console.log("| a call with one statement | median ms | × |\n| --- | ---: | ---: |");
for (const [name, value] of times) console.log(`| ${name} | ${value.toFixed(2)} | ${(value / none).toFixed(2)} |`);
console.log("\n`node bench/rate-limit.ts`");
await miniflare.dispose();
