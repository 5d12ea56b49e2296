/**
 * `sluice build`: compiles abis/ for the database that wrangler's configuration chooses into .sluice/ and abis/schema.json,
 * or says why it cannot.
 *
 *     sluice build [--table] [--strict] [--check] [--portable] [--env <environment>]
 *
 * Exit codes: 0 done; 1 a fault (with --strict also a warning, with --check also a stale file, with --portable also an
 * ABI that another database cannot run); 2 a wrong option. Under `wrangler dev` a fault is printed, and what compiled is
 * served; where nothing could be compiled, as with a migration that does not apply, the files of the last compilation stay.
 * A build that fails would leave the server, and its callers, waiting.
 */
import { parseArgs } from "node:util";
import { setFlagsFromString } from "node:v8";
import type { AbiFile, Compilation, CompileOptions } from "../../compiler/compile.ts";
import { compileAbis } from "../../compiler/compile.ts";
import { kinds, databaseKindOf } from "../databases.ts";
import type { Diagnostic } from "../../compiler/text/diagnostic.ts";
import { createReport, isTold } from "../../compiler/text/diagnostic.ts";
import { emitBuild, emitJsonSchema, emitPlans, emitWorker, featuresOf } from "../../compiler/emit.ts";
import { openTarget } from "../../compiler/sql/open-target.ts";
import {
  buildPath,
  hasOneDatabase,
  isCompiled,
  isStale,
  moduleNames,
  plansPath,
  readAbis,
  readMigrations,
  readProject,
  readSource,
  schemaPath,
  workerPath,
  writeIfStale,
} from "../project.ts";
import { keepStatements, recall, remember, type KeptStatements } from "../local/memory.ts";
import { developmentWorkerOf, serverVariable } from "../local/development-worker.ts";
import { buildPartly, readRoutes } from "../local/partial-build.ts";
import { checkNames } from "../configuration/variables.ts";
import { MigrationError } from "../../compiler/sql/target.ts";
import { drawTable } from "../endpoint-table.ts";
import { drawDiagnostics } from "../terminal/show-diagnostics.ts";

/** Wrangler tells its builds what they are for: https://developers.cloudflare.com/workers/wrangler/custom-builds/ */
const isDevelopment = process.env["WRANGLER_COMMAND"] === "dev";

/** `sluice dev` has its own way of putting around a Worker, whatever that is, what development needs. */
const isWrapped = isDevelopment && process.env[serverVariable] === undefined;

interface Options {
  readonly table: boolean;
  readonly strict: boolean;
  readonly check: boolean;
  readonly portable: boolean;
  /** The environment of wrangler's configuration that is built; null = nobody says. */
  readonly env: string | null;
}

function readOptions(): Options | null {
  const flag = { type: "boolean", default: false } as const;
  try {
    const options = { table: flag, strict: flag, check: flag, portable: flag, env: { type: "string" } } as const;
    const { env, ...flags } = parseArgs({ options }).values;
    return { ...flags, env: env ?? process.env["CLOUDFLARE_ENV"] ?? null };
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    return null;
  }
}

function count(amount: number, what: string): string {
  return `${String(amount)} ${what}${amount === 1 ? "" : "s"}`;
}

/** Prints all diagnostics. @returns how many of them forbid a build, in words; null = none do */
function tell(diagnostics: readonly Diagnostic[], strict: boolean): string | null {
  for (const line of drawDiagnostics(diagnostics, readSource(root))) console.error(line);
  const faults = diagnostics.filter(({ severity }) => severity === "fault").length;
  const warnings = diagnostics.length - faults;
  if (faults === 0 && !(strict && warnings > 0)) return null;
  const parts = [
    ...(faults > 0 ? [count(faults, "fault")] : []),
    ...(warnings > 0 ? [count(warnings, "warning")] : []),
  ];
  return parts.join(", ");
}

/** The files compiled for each of the kinds of database, which are opened only when a statement needs them. */
async function compileFor(
  wanted: typeof kinds,
  statements: KeptStatements | null,
  files: readonly AbiFile[],
  root: string,
  deployment: Pick<CompileOptions, "maxRequestBytes" | "capabilities" | "documents" | "declared">,
): Promise<Map<string, Compilation>> {
  const compilations = new Map<string, Compilation>();
  for (const { target, kind } of wanted) {
    const database = openTarget(target, readMigrations(root, kind));
    try {
      compilations.set(
        target.name,
        await compileAbis(files, { database, ...deployment, ...(statements === null ? {} : { statements }) }),
      );
    } finally {
      await database.close();
    }
  }
  return compilations;
}

/** What the files say for the chosen database; with `portable` also what only another refuses. */
function gather(compilations: ReadonlyMap<string, Compilation>, chosen: string, portable: boolean): Diagnostic[] {
  const told = compilations.get(chosen)?.diagnostics ?? [];
  const others = [...compilations].flatMap(([name, { diagnostics }]) => (name === chosen ? [] : diagnostics));
  const faults = others.filter((found) => found.severity === "fault" && !isTold(found, told));
  return portable ? [...told, ...faults] : [...told];
}

async function run(root: string, options: Options): Promise<number> {
  const found: Diagnostic[] = [];
  const settings = readProject(root, options.env, found);
  const abis = readAbis(root);
  checkNames(settings.variables, abis, createReport(settings.file, found));
  const { database, maxRequestBytes, capabilities, documents, declared } = settings;
  const chosen = databaseKindOf(database);
  const { name } = chosen.target;
  const wanted = (options.table || options.portable) && !hasOneDatabase(root) ? kinds : [chosen];
  const memory = isDevelopment ? recall(root) : null;
  // Of one database: that which is chosen.
  const statements =
    memory === null || wanted.length > 1 ? null : keepStatements(memory, name, readMigrations(root, chosen.kind));
  const compilations = await compileFor(wanted, statements, abis, root, {
    capabilities,
    documents,
    declared,
    ...(maxRequestBytes === null ? {} : { maxRequestBytes }),
  });
  if (options.table) process.stdout.write(drawTable(compilations, name, readSource(root)));
  const diagnostics = [...found, ...gather(compilations, name, options.portable)];
  const told = tell(diagnostics, options.strict);
  const compilation = compilations.get(name) ?? { plans: [], endpoints: [], diagnostics: [] };
  const routes = memory === null ? {} : readRoutes(abis, memory.routes);
  if (memory !== null) remember(root, { routes, statements: statements?.kept() ?? memory.statements });
  // Of wrangler's configuration nothing is left out.
  const isSound = !found.some(({ severity }) => severity === "fault");
  const partial = memory === null || !isSound ? null : buildPartly(compilation, routes, readSource(root));
  const { plans, uncompiled } = told === null || partial === null ? { ...compilation, uncompiled: [] } : partial;
  if (told !== null && uncompiled.length === 0) {
    console.error(`${told}: nothing was compiled`);
    return 1;
  }
  if (told !== null) console.error(`${told}: not compiled ${uncompiled.map(({ file }) => file).join(", ")}`);
  const features = featuresOf(plans, settings.fileApi);
  const nameOf = moduleNames(root);
  const outputs: [path: string, text: string][] = [
    [plansPath, emitPlans(plans, uncompiled, nameOf)],
    [buildPath, emitBuild(database, features, nameOf)],
    [workerPath, isWrapped ? developmentWorkerOf(root, emitWorker(nameOf)) : emitWorker(nameOf)],
    [schemaPath, emitJsonSchema()],
  ];
  const write = options.check ? isStale : writeIfStale;
  // What is not under version control cannot be stale there.
  const judged = options.check ? outputs.slice(-1) : outputs;
  const changed = judged.filter(([path, text]) => write(root, path, text)).map(([path]) => path);
  const done = `${count(plans.length, "endpoint")} compiled for ${database}${features.includes("documents") ? ", documents on MongoDB" : ""}`;
  if (options.check && changed.length > 0) {
    console.error(`${done}: ${changed.join(" and ")} stale, run "sluice build"`);
    return 1;
  }
  console.log(`${done}: ${changed.length === 0 ? "nothing changed" : `${changed.join(" and ")} written`}`);
  if (options.table && !settings.fileApi) console.log('The file API is off: FILE_API = "on" under vars turns it on');
  return 0;
}

/** As `run`; what it throws is told like a fault. */
async function runOrTell(root: string, options: Options): Promise<number> {
  try {
    return await run(root, options);
  } catch (error) {
    console.error(error instanceof MigrationError ? error.message : error);
    return 1;
  }
}

// The SQL parser's wasm runs for milliseconds: optimising it in the background would take a second and 500 MB.
for (const flag of ["--no-wasm-dynamic-tiering", "--no-wasm-tier-up"]) setFlagsFromString(flag);
const root = process.cwd();
const options = readOptions();
const exitCode = options === null ? 2 : await runOrTell(root, options);
if (exitCode === 1 && isDevelopment && isCompiled(root)) console.error("What was compiled before goes on serving.");
else process.exitCode = exitCode;
