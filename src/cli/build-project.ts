/**
 * Compiles a project for the database that wrangler's configuration chooses into .sluice/ and abis/schema.json, or says why
 * it cannot. The command `sluice build` runs it once, a development server at every change.
 */
import { durableObjects, type ObjectFeature } from "../contract/bindings.ts";
import { inspect, parseArgs } from "node:util";
import type { Compilation } from "../compiler/compile.ts";
import { kinds, databaseKindOf } from "./databases.ts";
import type { Diagnostic } from "../compiler/text/diagnostic.ts";
import { createReport, isTold } from "../compiler/text/diagnostic.ts";
import { printOpenApi } from "../compiler/interface/openapi/document.ts";
import { compileFor, type Databases } from "./compile-for.ts";
import { aboutOf, describeEndpoints } from "./interface/describe-project.ts";
import { emitBuild, emitJsonSchema, emitOpenApi, emitPlans, emitWorker, featuresOf } from "../compiler/emit.ts";
import {
  buildPath,
  hasOneDatabase,
  isCompiled,
  isStale,
  moduleNames,
  openApiPath,
  plansPath,
  readAbis,
  readMigrations,
  readProject,
  readSource,
  schemaPath,
  workerPath,
  writeIfStale,
} from "./project.ts";
import { keepStatements, recall, remember } from "./local/build/memory.ts";
import { developmentWorkerOf } from "./local/build/development-worker.ts";
import { buildPartly, readRoutes, type PartialBuild } from "./local/build/partial-build.ts";
import { checkObjects, isBound } from "./configuration/durable-objects.ts";
import { checkNames } from "./configuration/variables.ts";
import { MigrationError } from "../compiler/sql/target.ts";
import { drawTable } from "./endpoint-table.ts";
import { drawDiagnostics } from "./terminal/show-diagnostics.ts";

export interface BuildOptions {
  readonly table: boolean;
  readonly strict: boolean;
  readonly check: boolean;
  readonly portable: boolean;
  /** The environment of wrangler's configuration that is built; null = nobody says. */
  readonly env: string | null;
}

/** What a build is given by whoever runs it. */
export interface BuildRun {
  readonly out: (line: string) => void;
  readonly error: (line: string) => void;
  /** Opens a database that a compilation needs, and is told when it no longer does. */
  readonly databases: Databases;
  /** What compiled is served while something has faults; null: the build is for a deployment. */
  readonly development: "sluice dev" | "wrangler dev" | null;
}

/** @throws TypeError for an option that there is not */
export function readBuildOptions(args: readonly string[], environment: string | undefined): BuildOptions {
  const flag = { type: "boolean", default: false } as const;
  const options = { table: flag, strict: flag, check: flag, portable: flag, env: { type: "string" } } as const;
  const { env, ...flags } = parseArgs({ args: [...args], options }).values;
  return { ...flags, env: env ?? environment ?? null };
}

function count(amount: number, what: string): string {
  return `${String(amount)} ${what}${amount === 1 ? "" : "s"}`;
}

/** Prints all diagnostics. @returns how many of them forbid a build, in words; null = none do */
function tell(diagnostics: readonly Diagnostic[], strict: boolean, root: string, run: BuildRun): string | null {
  for (const line of drawDiagnostics(diagnostics, readSource(root))) run.error(line);
  const faults = diagnostics.filter(({ severity }) => severity === "fault").length;
  const warnings = diagnostics.length - faults;
  if (faults === 0 && !(strict && warnings > 0)) return null;
  const parts = [
    ...(faults > 0 ? [count(faults, "fault")] : []),
    ...(warnings > 0 ? [count(warnings, "warning")] : []),
  ];
  return parts.join(", ");
}

/** What the files say for the chosen database; with `portable` also what only another refuses. */
function gather(compilations: ReadonlyMap<string, Compilation>, chosen: string, portable: boolean): Diagnostic[] {
  const told = compilations.get(chosen)?.diagnostics ?? [];
  const others = [...compilations].flatMap(([name, { diagnostics }]) => (name === chosen ? [] : diagnostics));
  const faults = others.filter((found) => found.severity === "fault" && !isTold(found, told));
  return portable ? [...told, ...faults] : [...told];
}

async function compileProject(root: string, options: BuildOptions, run: BuildRun): Promise<number> {
  const found: Diagnostic[] = [];
  const settings = readProject(root, options.env, found);
  const abis = readAbis(root);
  checkNames(settings.variables, abis, createReport(settings.file, found));
  const chosen = databaseKindOf(settings.database);
  const { name } = chosen.target;
  const wanted = (options.table || options.portable) && !hasOneDatabase(root) ? kinds : [chosen];
  const memory = run.development === null ? null : recall(root);
  // Of one database: that which is chosen.
  const statements =
    memory === null || wanted.length > 1 ? null : keepStatements(memory, name, readMigrations(root, chosen.kind));
  const compilations = await compileFor(wanted, { root, abis, settings, databases: run.databases, statements });
  checkObjects(settings, compilations.get(name)?.endpoints ?? [], createReport(settings.file, found));
  if (options.table) run.out(drawTable(compilations, name, readSource(root)).trimEnd());
  const told = tell([...found, ...gather(compilations, name, options.portable)], options.strict, root, run);
  const compilation = compilations.get(name) ?? { plans: [], endpoints: [], diagnostics: [] };
  const routes = memory === null ? {} : readRoutes(abis, memory.routes);
  if (memory !== null) remember(root, { routes, statements: statements?.kept() ?? memory.statements });
  if (told === null) return print(root, options, run, settings, { ...compilation, uncompiled: [] });
  // Of wrangler's configuration nothing is left out.
  const isSound = !found.some(({ severity }) => severity === "fault");
  const partial = memory === null || !isSound ? null : buildPartly(compilation, routes, readSource(root));
  if (partial === null || partial.uncompiled.length === 0) {
    run.error(`${told}: nothing was compiled`);
    return 1;
  }
  run.error(`${told}: not compiled ${partial.uncompiled.map(({ file }) => file).join(", ")}`);
  return print(root, options, run, settings, partial);
}

/** Writes what has changed, or with `--check` says what is stale. @returns the exit code */
function print(
  root: string,
  options: BuildOptions,
  run: BuildRun,
  settings: ReturnType<typeof readProject>,
  { plans, endpoints, uncompiled }: PartialBuild,
): number {
  const { database, fileApi, openApi, objects } = settings;
  const features = featuresOf(plans, fileApi, [
    ...(settings.fileApiThumbnails ? (["thumbnails"] as const) : []),
    ...(settings.fileApiQuota ? (["quotas"] as const) : []),
    ...(settings.fileApiResumable ? (["resumable"] as const) : []),
  ]);
  const nameOf = moduleNames(root);
  const isExported = (name: ObjectFeature) =>
    features.includes(name) || objects.some((one) => one.feature === name && isBound(one));
  const exported = (Object.keys(durableObjects) as ObjectFeature[]).filter(isExported);
  const worker = emitWorker({ objects: exported, openApi }, nameOf);
  // A development server always has it.
  const isDescribed = openApi || run.development !== null;
  const document = isDescribed
    ? printOpenApi(describeEndpoints({ endpoints }, settings), aboutOf(root, settings))
    : null;
  const outputs: [path: string, text: string][] = [
    [plansPath, emitPlans(plans, uncompiled, nameOf)],
    [buildPath, emitBuild(database, features, nameOf)],
    [workerPath, run.development === "wrangler dev" ? developmentWorkerOf(root, worker) : worker],
    ...(document === null ? [] : [[openApiPath, emitOpenApi(document, nameOf)] as [string, string]]),
    [schemaPath, emitJsonSchema()],
  ];
  const write = options.check ? isStale : writeIfStale;
  // What is not under version control cannot be stale there.
  const judged = options.check ? outputs.slice(-1) : outputs;
  const changed = judged.filter(([path, text]) => write(root, path, text)).map(([path]) => path);
  const done = `${count(plans.length, "endpoint")} compiled for ${database}${features.includes("documents") ? ", documents on MongoDB" : ""}`;
  if (options.check && changed.length > 0) {
    run.error(`${done}: ${changed.join(" and ")} stale, run "sluice build"`);
    return 1;
  }
  run.out(`${done}: ${changed.length === 0 ? "nothing changed" : `${changed.join(" and ")} written`}`);
  if (options.table && !fileApi) run.out('The file API is off: FILE_API = "on" under vars turns it on');
  return 0;
}

/** @returns the exit code. What it throws is told like a fault */
export async function buildProject(root: string, options: BuildOptions, run: BuildRun): Promise<number> {
  try {
    const code = await compileProject(root, options, run);
    if (code !== 1 || run.development === null || !isCompiled(root)) return code;
  } catch (error) {
    // Where in the compiler nobody needs to know of a migration.
    run.error(error instanceof MigrationError ? error.message : inspect(error));
    if (run.development === null || !isCompiled(root)) return 1;
  }
  run.error("What was compiled before goes on serving.");
  return 0;
}
