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
import { askBuilder, builderVariable } from "../local/build/ask-builder.ts";

/** Wrangler tells its builds what they are for: https://developers.cloudflare.com/workers/wrangler/custom-builds/ */
const isDevelopment = process.env["WRANGLER_COMMAND"] === "dev";
const address = isDevelopment ? process.env[builderVariable] : undefined;
const args = process.argv.slice(2);
const environment = process.env["CLOUDFLARE_ENV"];

async function buildHere(): Promise<number> {
  const { buildProject, readBuildOptions } = await import("../build-project.ts");
  const { freshDatabases } = await import("../compile-for.ts");
  const { setFlagsFromString } = await import("node:v8");
  // The SQL parser's wasm runs for milliseconds: optimising it in the background would take a second and 500 MB.
  for (const flag of ["--no-wasm-dynamic-tiering", "--no-wasm-tier-up"]) setFlagsFromString(flag);
  try {
    return await buildProject(process.cwd(), readBuildOptions(args, environment), {
      out: (line) => console.log(line),
      error: (line) => console.error(line),
      databases: freshDatabases,
      development: !isDevelopment ? null : address === undefined ? "wrangler dev" : "sluice dev",
    });
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    return 2;
  }
}

const answer = address === undefined ? null : await askBuilder(address, { args, environment });
for (const [stream, line] of answer?.lines ?? []) console[stream](line);
process.exitCode = answer?.code ?? (await buildHere());
