/**
 * Runs a suite that `npm test` has no time for.
 *
 *     npm run suite                          says which there are
 *     npm run suite -- <name> [options…]     what stands behind the name goes to the suite
 */
import { spawn } from "node:child_process";
import { layOut } from "../src/cli/terminal/table.ts";

interface Suite {
  readonly what: string;
  /** On two cores, by the clock; a machine with other things to do takes longer. */
  readonly time: string;
  /** Each one runs after the one before; options go to the last. */
  readonly commands: readonly (readonly [program: string, ...parameters: string[]])[];
}

const node = (...parameters: string[]) => [process.execPath, ...parameters] as const;
const vitest = (...parameters: string[]) => ["vitest", "run", ...parameters] as const;
const projects = (...names: string[]) => vitest(...names.flatMap((name) => ["--project", name]));

export const suites = {
  attacks: {
    what: "thousands of attacks, each on every way in: docs/attacks.md",
    time: "5 min",
    commands: [
      [...projects("attacks"), "--reporter=default", "--reporter=./test/journeys/attacks/build/summary-reporter.ts"],
    ],
  },
  pictures: {
    what: "hundreds of pictures and their thumbnails, hostile ones and against sharp",
    time: "5 min",
    commands: [projects("pictures")],
  },
  slow: {
    what: "whole servers, operators' commands, every picture format at length, round trips counted, the calls that docs show",
    time: "9 min",
    commands: [projects("slow", "workers-slow")],
  },
  postgres: {
    what: "what the quick tests ask of D1, asked of PostgreSQL",
    time: "6 min",
    commands: [projects("postgres-slow")],
  },
  browser: {
    what: "the gallery page and what is served, in Chromium",
    time: "5 min",
    commands: [projects("browser")],
  },
  clients: {
    what: "curl, wget, rclone, axios, requests, Uppy, a video element and more: docs/clients.md",
    time: "2 min",
    commands: [node("test/journeys/clients/run.ts")],
  },
  package: {
    what: "the package in empty folders: init, dev, uploads, upgrades, a dry deployment",
    time: "5 min",
    commands: [node("test/journeys/package/run.ts")],
  },
  examples: {
    what: "the tutorial and each example on the packed package: what its page shows, its own tests, on D1 and PostgreSQL",
    time: "4 min",
    commands: [node("test/journeys/examples/run.ts")],
  },
  engines: {
    what: "the whole Worker on D1, Neon and Hyperdrive; the database killed under load",
    time: "5 min",
    commands: [node("test/journeys/engines/run.ts")],
  },
  database: {
    what: "PostgreSQL behind Hyperdrive and Neon, counted and killed under load",
    time: "1 min",
    commands: [node("test/journeys/database/run.ts")],
  },
  crash: {
    what: "uploads and deletions interrupted at every call of the bindings; then one sweep, and nothing is left",
    time: "4 min",
    commands: [node("test/journeys/crash/crash-run.ts")],
  },
  jobs: {
    what: "two thousand jobs under a Worker that is killed ten times",
    time: "2 min",
    commands: [node("test/journeys/kills/run.ts")],
  },
  fuzz: {
    what: "mutated pictures against the samplers, seeded and resumable",
    time: "as long as --count says",
    commands: [node("--expose-gc", "--max-semi-space-size=2", "test/journeys/fuzz/image-fuzz.ts")],
  },
  bench: {
    what: "the tables of docs/benchmarks.md that need no competitor",
    time: "20 min",
    commands: [
      node("src/cli/sluice.ts", "build"),
      ...["compile", "round-trips", "multipart", "upload", "links", "image", "jobs"].map((name) =>
        node(`bench/${name}.ts`),
      ),
    ],
  },
} as const satisfies Readonly<Record<string, Suite>>;

const isSuite = (name: string): name is keyof typeof suites => Object.hasOwn(suites, name);

function list(): string {
  const rows = Object.entries(suites).map(([name, { what, time }]) => [name, time, what]);
  const lines = layOut(rows, ["left", "left", "left"]).map((line) => `  ${line}`);
  return ["Usage: npm run suite -- <name> [options]", "", ...lines].join("\n");
}

/** Resolves with the exit code. */
function run([program, ...parameters]: readonly [string, ...string[]]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, parameters, { stdio: "inherit" });
    // What the terminal sends it sends to the child as well, which says how it ended.
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal));
    child.on("error", reject);
    child.on("close", (code) => resolve(code ?? 1));
  });
}

/** Stops at the first that fails. */
async function runSuite(name: keyof typeof suites, options: readonly string[]): Promise<number> {
  const { commands }: Suite = suites[name];
  for (const [index, [program, ...parameters]] of commands.entries()) {
    const own = index === commands.length - 1 ? options : [];
    const code = await run([program, ...parameters, ...own]);
    if (code !== 0) return code;
  }
  return 0;
}

if (import.meta.main) {
  const [name, ...options] = process.argv.slice(2);
  if (name !== undefined && isSuite(name)) {
    process.exitCode = await runSuite(name, options);
  } else {
    console.error(name === undefined ? list() : `There is no suite ${name}.\n\n${list()}`);
    process.exitCode = name === undefined ? 0 : 2;
  }
}
