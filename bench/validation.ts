/**
 * What `payload_validation` costs: payloads held against 50 rules, in workerd, and the bytes it adds to the Worker.
 * Prints a Markdown table. The Worker is text because its types are workerd's and this file's are Node's.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { createTestHarness } from "wrangler";
import { emitBuild, packageModules } from "../src/compiler/emit.ts";

const ROUNDS = 31;
const TARGET_MICROSECONDS = 100;

/** Name → calls in a round, the payload that is checked, and whether it has to stay under the target. */
const cases = {
  "50 rules, JSON, all right": { calls: 2000, check: "check(rules, good, false)", isTarget: true },
  "50 rules, a form, all right": { calls: 2000, check: "check(rules, form, true)", isTarget: true },
  "50 rules, JSON, nearly all broken": { calls: 2000, check: "check(rules, bad, false)", isTarget: true },
  "50 rules, no body at all": { calls: 2000, check: "check(rules, null, false)", isTarget: true },
  "1 rule, 10,000 texts in a list": { calls: 20, check: "check(list, many, false)", isTarget: false },
  "1 rule, 10,000 faults in a list": { calls: 20, check: "check(list, manyBad, false)", isTarget: false },
};

const source = (name: string) => fileURLToPath(new URL(`../src/pipeline/validation/${name}`, import.meta.url));
const worker = `
import { checkPayload } from ${JSON.stringify(source("check-payload.ts"))};

const field = (name, rule) => ({ name, optional: false, rule });
// Five groups of ten: what a form for a person, a place and a thing would ask.
const rules = { kind: "object", fields: Array.from({ length: 5 }, (_, group) => [
  field("name" + group, { kind: "text", min: 2, max: 255 }),
  field("text" + group, { kind: "text", max: 2000 }),
  field("mail" + group, { kind: "email", max: 255 }),
  field("amount" + group, { kind: "number" }),
  field("rank" + group, { kind: "number" }),
  field("tags" + group, { kind: "list", max: 8, items: { kind: "text", min: 2, max: 20 } }),
  field("place" + group, { kind: "object", fields: [
    field("street", { kind: "text", min: 1, max: 80 }), field("lat", { kind: "number" }), field("lon", { kind: "number" }),
  ] }),
]).flat() };
const group = (index) => ({
  ["name" + index]: "Ada Lovelace", ["text" + index]: "A note about the sunset over the harbour. ".repeat(20),
  ["mail" + index]: "ada.lovelace@analytical.example", ["amount" + index]: 12.5, ["rank" + index]: index,
  ["tags" + index]: ["sea", "evening", "harbour", "summer"],
  ["place" + index]: { street: "12 St James's Square", lat: 51.5072, lon: -0.1365 },
});
const good = Object.assign({}, ...Array.from({ length: 5 }, (_, index) => group(index)));
const form = Object.fromEntries(
  Object.entries(good).map(([name, value]) => [name, typeof value === "string" ? value : JSON.stringify(value)]),
);
const wrong = (value) => typeof value === "object" && !Array.isArray(value) ? { street: "", lat: "", lon: "" }
  : Array.isArray(value) ? ["a"] : value === null ? 0 : typeof value === "number" ? "x" : "";
const bad = Object.fromEntries(Object.entries(good).map(([name, value]) => [name, name.startsWith("text") ? 5 : wrong(value)]));
const list = { kind: "object", fields: [field("tags", { kind: "list", items: { kind: "text", min: 2, max: 20 } })] };
const many = { tags: Array.from({ length: 10_000 }, (_, index) => "tag-" + index) };
const manyBad = { tags: Array.from({ length: 10_000 }, () => "x") };
const check = (rule, payload, isForm) => checkPayload([rule], { payload, isForm, isComplete: true }).count;

const calls = { "nothing": () => 0, ${Object.entries(cases)
  .map(([name, { check }]) => `${JSON.stringify(name)}: () => ${check}`)
  .join(", ")} };

export default {
  async fetch(incoming) {
    const url = new URL(incoming.url);
    const call = calls[decodeURIComponent(url.pathname.slice(1))];
    const count = Number(url.searchParams.get("calls"));
    let faults = 0;
    for (let index = 0; index < count; index++) faults += call();
    return new Response(String(faults / count));
  },
};
`;

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** The Worker's size; `without` leaves payload rules out of it. */
async function gzipBytes(without: boolean): Promise<number> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("../.sluice/worker.ts", import.meta.url))],
    bundle: true,
    minify: true,
    format: "esm",
    write: false,
    external: ["node:*", "cloudflare:*"],
    loader: { ".wasm": "empty" },
    plugins: [
      {
        name: "without",
        setup(builder) {
          const contents = emitBuild("d1", without ? [] : ["validate"], (module) => `../src/${packageModules[module]}`);
          builder.onLoad({ filter: /\.sluice\/build\.ts$/ }, () => ({ contents, loader: "ts" }));
        },
      },
    ],
  });
  return gzipSync(outputFiles[0]?.contents ?? new Uint8Array()).length;
}

// Nothing but the table on standard output, and no call home.
process.env["CLOUDFLARE_CF_FETCH_ENABLED"] = "false";
process.env["WRANGLER_SEND_METRICS"] = "false";

const directory = await mkdtemp(join(tmpdir(), "bench-validation-"));
const main = join(directory, "worker.ts");
await writeFile(main, worker);
const server = createTestHarness({
  root: directory,
  workers: [{ config: { name: "bench-validation", main, compatibility_date: "2026-10-20" } }],
});
try {
  await server.listen();
  /** Milliseconds of one request that makes the calls, the middle of all rounds; and the faults of one call. */
  const time = async (name: string, calls: number): Promise<{ milliseconds: number; faults: number }> => {
    const rounds: number[] = [];
    let faults = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const start = performance.now();
      const response = await server.fetch(`/${encodeURIComponent(name)}?calls=${calls}`);
      faults = Number(await response.text());
      rounds.push(performance.now() - start);
    }
    return { milliseconds: median(rounds), faults };
  };
  await time("nothing", 1);
  const { milliseconds: overhead } = await time("nothing", 1);
  console.log(`Median of ${ROUNDS} rounds in workerd, on ${cpus()[0]?.model ?? "an unknown processor"}.\n`);
  console.log("| payload | faults | µs | target |\n| --- | ---: | ---: | ---: |");
  for (const [name, { calls, isTarget }] of Object.entries(cases)) {
    const { milliseconds, faults } = await time(name, calls);
    const microseconds = ((milliseconds - overhead) * 1000) / calls;
    console.log(`| ${name} | ${faults} | ${microseconds.toFixed(1)} | ${isTarget ? `≤ ${TARGET_MICROSECONDS}` : ""} |`);
    if (isTarget && microseconds > TARGET_MICROSECONDS) process.exitCode = 1;
  }
  console.log(`\nThey add ${(await gzipBytes(false)) - (await gzipBytes(true))} bytes (gzip) to the Worker.`);
} finally {
  await server.close();
  await rm(directory, { recursive: true });
}
