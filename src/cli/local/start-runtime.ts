/** Migrates the local database and runs the Worker under `wrangler dev` until it is stopped. */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { healthPath } from "../../contract/routes.ts";
import { migrateD1 } from "../migrations/d1.ts";
import { chosenDatabase, databaseUrl } from "../migrations/deployed-database.ts";
import { readMigrationFiles } from "../migrations/migration-file.ts";
import { openD1 } from "../migrations/run-on-d1.ts";
import { migratePostgres } from "../migrations/postgres.ts";
import { readSoundProject } from "../project.ts";
import { createLogReader, type LogLine } from "./log-lines.ts";
import { builderVariable } from "./build/ask-builder.ts";
import { createTraceReader } from "./stack-trace.ts";
import { createAssetLookup } from "./assets.ts";
import { writeDevelopmentWorker } from "./build/development-worker.ts";
import { projectFolder, spawnWrangler, stopTree, waitForExit } from "./wrangler.ts";

export interface RuntimeOptions {
  readonly port: number;
  /** Folder of the local bucket and database; null = the project's own, `.wrangler/state`. */
  readonly storageFolder: string | null;
  /** File of secrets; null = `.dev.vars`. */
  readonly secretsPath: string | null;
  /** What the Worker has instead of what wrangler's configuration says, and besides. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Where the project is built, of `startBuilder`; absent: each build is a process of its own. */
  readonly builder?: string;
  /** What wrangler has in its environment besides this process'. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly onLine: (line: LogLine) => void;
  /** Gives up after this time without a good answer; Infinity waits for whoever is correcting the fault. */
  readonly patienceMs: number;
}

export interface Runtime {
  /** Scheme, host and port. */
  readonly origin: string;
  /** Ends wrangler and workerd, and resolves once they are gone. */
  stop(): Promise<void>;
  /** Resolves when the server has ended, for whatever reason. */
  readonly ended: Promise<number | null>;
}

const STOP_PATIENCE_MS = 3000;
/** A deployment shows the page only where its configuration says so. */
const development = { GALLERY: "on" };

/**
 * Applies what is new in the migrations of the chosen database: D1 in the folder, else PostgreSQL at DATABASE_URL.
 * Resolves with how many.
 * @throws Error where that is not a database of the folder's own
 */
export async function migrate(storageFolder: string | null): Promise<number> {
  const environment = process.env["CLOUDFLARE_ENV"] ?? null;
  const quietly = { isDry: false, print: () => undefined };
  if (chosenDatabase(environment) === "d1") {
    const run = openD1({ isRemote: false, storageFolder, environment });
    return migrateD1({ files: readMigrationFiles("d1"), ...quietly, run });
  }
  if (storageFolder !== null) throw new Error('This needs storage of its own: DATABASE = "d1"');
  return migratePostgres({ url: await databaseUrl(false), files: readMigrationFiles("postgres"), ...quietly });
}

/** Resolves once `GET /healthz` is good. @throws Error when it ends or stays silent; its cause is what was printed */
export async function startRuntime(options: RuntimeOptions): Promise<Runtime> {
  const { main, assetsFolder } = readSoundProject(projectFolder, process.env["CLOUDFLARE_ENV"] ?? null);
  const environment = { ...options.environment, [builderVariable]: options.builder ?? "none" };
  const child = spawnWrangler(commandOf(options, main), environment);
  const ended = waitForExit(child);
  const onExit = () => stopTree(child, 0);
  process.once("exit", onExit);
  void ended.finally(() => process.off("exit", onExit));

  const faults: string[] = [];
  const isAsset = createAssetLookup(assetsFolder === null ? null : join(projectFolder, assetsFolder));
  const hear = (line: LogLine) => {
    if (line.kind === "compiler") faults.push(line.text);
    if (line.kind === "fault" || line.kind === "warning") faults.push(line.text, ...line.trace);
    if (line.kind !== "request" || !isAsset(line)) options.onLine(line);
  };
  const readTrace = createTraceReader(projectFolder);
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", createLogReader(hear, readTrace));
  }

  const runtime: Runtime = {
    origin: `http://localhost:${options.port}`,
    ended,
    async stop() {
      stopTree(child, STOP_PATIENCE_MS);
      await ended;
    },
  };
  const end = new AbortController();
  void ended.finally(() => end.abort());
  const outcome = await waitForHealth(runtime.origin, options.patienceMs, end.signal);
  if (outcome === null) return runtime;
  await runtime.stop();
  throw new Error(`The runtime did not start: ${outcome}`, { cause: faults.join("\n") });
}

/** @param main the Worker's module; null: wrangler says what it lacks */
function commandOf({ port, storageFolder, secretsPath, variables }: RuntimeOptions, main: string | null): string[] {
  return [
    "dev",
    ...(main === null ? [] : [writeDevelopmentWorker(projectFolder, main)]),
    // Traces name functions as their author does.
    "--minify=false",
    `--port=${port}`,
    "--inspector-port=0",
    "--log-level=log",
    "--show-interactive-dev-session=false",
    ...(storageFolder === null ? [] : ["--persist-to", storageFolder]),
    ...(secretsPath === null ? [] : ["--env-file", secretsPath]),
    ...Object.entries({ ...development, ...variables }).flatMap(([name, value]) => ["--var", `${name}:${value}`]),
  ];
}

const silent = "no answer";

/** Null when it is healthy, else what is wrong. */
async function waitForHealth(origin: string, patienceMs: number, end: AbortSignal): Promise<string | null> {
  const deadline = performance.now() + patienceMs;
  let outcome: string | null = silent;
  while (performance.now() < deadline && !end.aborted) {
    outcome = await readHealth(origin);
    if (outcome === null) return null;
    await sleep(outcome === silent ? 100 : 500);
  }
  return end.aborted ? "it ended" : `${outcome} after ${Math.round(patienceMs / 1000)} s`;
}

async function readHealth(origin: string): Promise<string | null> {
  try {
    const answer = await fetch(`${origin}${healthPath}`, { signal: AbortSignal.timeout(2000) });
    // An author's own Worker may have it elsewhere, and no answer there.
    return answer.status < 500 ? null : `${answer.status} ${await answer.text()}`;
  } catch {
    return silent;
  }
}
