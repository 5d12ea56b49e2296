/**
 * How long the compiler takes: for a project of 61 ABIs at once, and for one that changes while `sluice dev` runs. Prints
 * medians; wall time is the machine's and its load's, so compare within one run.
 */
import { spawn } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { builderVariable } from "../src/cli/local/build/ask-builder.ts";
import { startBuilder } from "../src/cli/local/build/builder.ts";
import { layOut } from "../src/cli/terminal/table.ts";
import { writeAbis } from "./many-abis.ts";

const ABIS = 61;
const RUNS = 7;

const root = new URL("..", import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), "sluice-compile-"));
for (const path of ["migrations", "wrangler.toml"]) cpSync(join(root, path), join(folder, path), { recursive: true });
writeAbis(folder, ABIS);

/** Milliseconds of one `sluice build`. */
async function build(environment: Readonly<Record<string, string>>): Promise<number> {
  const started = performance.now();
  const child = spawn(process.execPath, [join(root, "src/cli/sluice.ts"), "build"], {
    cwd: folder,
    env: { ...process.env, ...environment },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const code = await new Promise((resolve) => child.once("close", resolve));
  if (code !== 0) throw new Error(`sluice build ended with ${String(code)}`);
  return performance.now() - started;
}

let number = 1000;
/** Another statement in one of them. */
function change(): void {
  const path = join(folder, "abis/endpoint-5.json");
  number += 1;
  writeFileSync(path, readFileSync(path, "utf8").replace(/, \d+ AS number/, `, ${number} AS number`));
}

async function median(run: () => Promise<number>): Promise<string> {
  await run();
  const times: number[] = [];
  for (let count = 0; count < RUNS; count += 1) times.push(await run());
  return `${Math.round(times.toSorted((a, b) => a - b)[Math.floor(RUNS / 2)] ?? 0)} ms`;
}

const alone = { WRANGLER_COMMAND: "dev" };
const builder = await startBuilder(folder);
const changed = (environment: Readonly<Record<string, string>>) => async () => {
  change();
  return build(environment);
};
const rows = [
  ["", "median"],
  [`sluice build, ${ABIS} ABIs`, await median(() => build({}))],
  ["one changed, wrangler dev", await median(changed(alone))],
  ["one changed, sluice dev", await median(changed({ ...alone, [builderVariable]: builder.address }))],
  [
    "node alone",
    await median(async () => {
      const started = performance.now();
      await new Promise((resolve) => spawn(process.execPath, ["-e", ""]).once("close", resolve));
      return performance.now() - started;
    }),
  ],
];
await builder.close();
rmSync(folder, { recursive: true });
console.log(layOut(rows, ["left", "right"]).join("\n"));
