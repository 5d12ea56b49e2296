/**
 * The whole Worker on every engine: the patterns of applications, the answers of the engines compared, two hundred
 * uploads at once, and a database that is killed in mid-load.
 *
 *     npm run suite -- engines [--engine d1] [--kills 2]
 *
 * Needs PostgreSQL's server programs for all but D1. Exits with 1 when a promise is broken; ENGINES_LOG=1 shows what the
 * Worker logs.
 */
import { inspect, parseArgs } from "node:util";
import { findBinaries, MISSING } from "../../../src/compiler/sql/postgres/find-binaries.ts";
import { layOut } from "../../../src/cli/terminal/table.ts";
import type { DatabaseName } from "../../../src/contract/database-names.ts";
import { atomicChecks } from "./atomic-checks.ts";
import { fileApiChecks } from "./file-api-checks.ts";
import { flood, loadAndKill, loseAnswers } from "./flood.ts";
import { galleryChecks } from "./gallery-checks.ts";
import type { LoadReport } from "./load.ts";
import { startRuntime, type EngineRuntime } from "./runtime.ts";
import { createStage, type Stage } from "./stage.ts";
import { compareTranscripts, type Transcript } from "./transcript.ts";
import { findDisagreements, readWorld } from "./world.ts";

const engines: readonly DatabaseName[] = ["d1", "neon", "hyperdrive"];
/** What an engine's column shows where a check is not for it. */
const NOT_HERE = "–";
const MAX_SHOWN = 10;
/** What a deployment has unless it says otherwise. */
const MAX_UPLOADS = 12;

const { values } = parseArgs({
  options: { engine: { type: "string" }, kills: { type: "string", default: "2" } },
});

/** By check, then by engine: what the table's cells show. */
const cells = new Map<string, Map<DatabaseName, string>>();
const failures: string[] = [];
let passed = 0;

/** The check's own words for a success; a check that throws or names what is broken has failed. */
async function check(engine: DatabaseName, name: string, work: () => Promise<Result>): Promise<void> {
  const began = performance.now();
  const { cell, broken } = await work().catch((error: unknown) => {
    return { cell: "", broken: [inspect(error)] };
  });
  const row = cells.get(name) ?? new Map<DatabaseName, string>();
  cells.set(name, row.set(engine, broken.length === 0 ? cell : "FAILED"));
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  console.log(`${broken.length === 0 ? "ok    " : "FAILED"} ${engine}: ${name}, ${seconds} s`);
  for (const sentence of broken.slice(0, MAX_SHOWN)) console.error(`  BROKEN: ${sentence}`);
  if (broken.length > MAX_SHOWN) console.error(`  and ${String(broken.length - MAX_SHOWN)} more`);
  if (broken.length === 0) passed += 1;
  else failures.push(`${engine}: ${name}`);
}

interface Result {
  readonly cell: string;
  /** Each in one sentence. */
  readonly broken: readonly string[];
}

async function examineEngine(runtime: EngineRuntime): Promise<Stage> {
  const { engine } = runtime;
  const stage = createStage(runtime);
  // The weekly comparison of bucket and table comes with the first sweep: what follows has to do without.
  await runtime.sweep();
  for (const one of [...galleryChecks, ...fileApiChecks, ...atomicChecks]) {
    await check(engine, one.name, async () => {
      await one.run(stage);
      return { cell: "ok", broken: [] };
    });
  }
  await check(engine, "bucket and tables agree after all that", async () => {
    return { cell: "ok", broken: findDisagreements(await readWorld(runtime)) };
  });
  const floods = [
    ["200 uploads at once, rows in one batch", "batch"],
    ["200 uploads at once, rows in two steps", "chain"],
  ] as const;
  for (const [name, way] of floods) {
    await check(engine, name, async () => describe(await flood(runtime, way)));
  }
  const { server } = runtime;
  if (server !== null) {
    await check(engine, "200 uploads at once, answers to commits lost", async () => {
      const report = await loseAnswers(runtime, server);
      const idle = report.unansweredButDone === 0 ? ["no call was done without knowing"] : [];
      return describe({ ...report, broken: [...report.broken, ...idle] });
    });
    await check(engine, "database killed in mid-load", async () => {
      const report = await loadAndKill(runtime, server, Number(values.kills));
      const refused = report.unavailable.get("database_unavailable") ?? 0;
      const idle = report.done === 0 || refused === 0 ? ["the load did not see the database die"] : [];
      return describe({ ...report, broken: [...report.broken, ...idle] });
    });
  }
  return stage;
}

/** The gate stands before every database: one is enough to see who is refused. */
async function examineGate(): Promise<void> {
  const runtime = await startRuntime("d1", MAX_UPLOADS);
  try {
    await check("d1", `200 uploads at once where ${String(MAX_UPLOADS)} may run`, async () => {
      const report = await flood(runtime, "batch");
      const idle = report.unavailable.has("overloaded") ? [] : ["nobody was refused"];
      return describe({ ...report, broken: [...report.broken, ...idle] });
    });
  } finally {
    await runtime.stop();
  }
}

function describe(report: LoadReport): Result {
  const { done, unavailable, lost, unansweredButDone, objects, files, rows, broken } = report;
  const refused =
    [...unavailable].map(([code, count]) => `, ${String(count)} × ${code}`).join("") +
    (lost === 0 ? "" : `, ${String(lost)} without an answer`);
  const late = unansweredButDone === 0 ? "" : ` (${String(unansweredButDone)} of them done)`;
  console.log(
    `       ${String(done)} × 200${refused}${late}: ${String(objects)} objects, ${String(files)} files, ${String(rows)} rows`,
  );
  const expected = 2 * (done + unansweredButDone);
  const wrong = [objects, files, rows].some((count) => count !== expected)
    ? [`${String(expected)} objects, files and rows were expected`]
    : [];
  const refusals = [...unavailable.values()].reduce((sum, count) => sum + count, 0);
  const counts = [`${String(done)} done`, ...(refusals === 0 ? [] : [`${String(refusals)} refused`])];
  return { cell: counts.join(", "), broken: [...broken, ...wrong] };
}

async function chooseEngines(): Promise<readonly DatabaseName[]> {
  const wanted = engines.filter((name) => values.engine === undefined || values.engine === name);
  if (wanted.length === 0) throw new Error(`--engine ${String(values.engine)}: known are ${engines.join(", ")}`);
  if ((await findBinaries()) !== null) return wanted;
  console.error(`\n!!! ONLY D1 IS EXAMINED, neon and hyperdrive are not. ${MISSING}\n`);
  if ((process.env["CI"] ?? "") !== "") failures.push(MISSING);
  return wanted.filter((name) => name === "d1");
}

function printTable(chosen: readonly DatabaseName[]): void {
  const rows = [...cells].map(([name, row]) => [name, ...chosen.map((engine) => row.get(engine) ?? NOT_HERE)]);
  console.log(`\n${layOut([["", ...chosen], ...rows], ["left", ...chosen.map(() => "left" as const)]).join("\n")}`);
}

const began = performance.now();
const chosen = await chooseEngines();
const transcripts: [DatabaseName, Transcript][] = [];
for (const engine of chosen) {
  const runtime = await startRuntime(engine);
  try {
    transcripts.push([engine, (await examineEngine(runtime)).transcript]);
  } finally {
    await runtime.stop();
  }
}
if (chosen.includes("d1")) await examineGate();
const [first, ...others] = transcripts;
for (const [engine, transcript] of first === undefined ? [] : others) {
  await check(engine, `answers as on ${first?.[0] ?? ""}`, async () => {
    const broken = first === undefined ? [] : compareTranscripts(first[1], transcript);
    return { cell: `${String(transcript.entries.size)} alike`, broken };
  });
}
printTable(chosen);
for (const failure of failures) console.error(`FAILED ${failure}`);
const seconds = ((performance.now() - began) / 1000).toFixed(0);
console.log(`\n${String(passed)} checks passed, ${String(failures.length)} failed, ${seconds} s`);
// Sockets of a server that was killed may keep the process.
process.exit(failures.length === 0 ? 0 : 1);
