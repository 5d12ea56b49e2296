/**
 * The compiler's command: compiles abis/ into src/generated/plans.ts and abis/schema.json, or says why not.
 *
 *     node src/abi/cli.ts [--table] [--strict] [--check]
 *
 * Exit codes: 0 done; 1 a fault (with --strict also a warning; with --check also a stale file); 2 a wrong option.
 */
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { setFlagsFromString } from "node:v8";
import { compileAbis } from "./compile.ts";
import type { Diagnostic } from "./diagnostic.ts";
import { formatDiagnostic } from "./diagnostic.ts";
import { emitJsonSchema, emitPlans } from "./emit.ts";
import {
  isStale,
  plansPath,
  readAbis,
  readMaxRequestBytes,
  readMigrations,
  schemaPath,
  writeIfStale,
} from "./project.ts";
import { drawTable } from "./table.ts";

interface Options {
  readonly table: boolean;
  readonly strict: boolean;
  readonly check: boolean;
}

function readOptions(): Options | null {
  const flag = { type: "boolean", default: false } as const;
  try {
    return parseArgs({ options: { table: flag, strict: flag, check: flag } }).values;
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    return null;
  }
}

function count(amount: number, what: string): string {
  return `${String(amount)} ${what}${amount === 1 ? "" : "s"}`;
}

/** Prints all diagnostics; false when they forbid a plan. */
function tell(diagnostics: readonly Diagnostic[], strict: boolean): boolean {
  for (const diagnostic of diagnostics) console.error(formatDiagnostic(diagnostic));
  const faults = diagnostics.filter(({ severity }) => severity === "fault").length;
  const warnings = diagnostics.length - faults;
  if (faults === 0 && !(strict && warnings > 0)) return true;
  const parts = [
    ...(faults > 0 ? [count(faults, "fault")] : []),
    ...(warnings > 0 ? [count(warnings, "warning")] : []),
  ];
  console.error(`${parts.join(", ")}: nothing was compiled`);
  return false;
}

async function run(root: string, options: Options): Promise<number> {
  const maxRequestBytes = readMaxRequestBytes(root);
  const { plans, diagnostics } = await compileAbis(readAbis(root), {
    migrations: readMigrations(root),
    ...(maxRequestBytes === null ? {} : { maxRequestBytes }),
  });
  if (!tell(diagnostics, options.strict)) return 1;
  const outputs: [path: string, text: string][] = [
    [plansPath, emitPlans(plans)],
    [schemaPath, emitJsonSchema()],
  ];
  if (options.table) process.stdout.write(drawTable(plans));
  const write = options.check ? isStale : writeIfStale;
  const changed = outputs.filter(([path, text]) => write(root, path, text)).map(([path]) => path);
  const done = `${count(plans.length, "endpoint")} compiled`;
  if (options.check && changed.length > 0) {
    console.error(`${done}: ${changed.join(" and ")} stale, run "npm run abi"`);
    return 1;
  }
  console.log(`${done}: ${changed.length === 0 ? "nothing changed" : `${changed.join(" and ")} written`}`);
  return 0;
}

// The SQL parser's wasm runs for milliseconds: optimising it in the background would take a second and 500 MB.
for (const flag of ["--no-wasm-dynamic-tiering", "--no-wasm-tier-up"]) setFlagsFromString(flag);
const options = readOptions();
process.exitCode = options === null ? 2 : await run(resolve(import.meta.dirname, "../.."), options);
