/** Makes the script of a worker.js of these suites, with the ABIs that it serves. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { compileAbis } from "../../../src/compiler/compile.ts";
import type { Migration } from "../../../src/compiler/sql/target.ts";
import { openTarget } from "../../../src/compiler/sql/open-target.ts";
import { sqliteTarget } from "../../../src/compiler/sql/sqlite/target.ts";
import type { Plan } from "../../../src/contract/plan.ts";
import { pointerLine } from "../../support/pointer-line.ts";

export interface Bundled {
  readonly abis: readonly { readonly id: string }[];
  readonly migrations: readonly Migration[];
  readonly entry: URL;
}

/** Resolves with its path in the folder. @throws Error with the faults of the ABIs */
export async function bundleInto(folder: string, { abis, migrations, entry }: Bundled): Promise<string> {
  const outfile = join(folder, "worker.mjs");
  await build({
    entryPoints: [fileURLToPath(entry)],
    outfile,
    bundle: true,
    format: "esm",
    target: "es2024",
    conditions: ["workerd", "worker", "import"],
    external: ["node:*", "cloudflare:*"],
    define: { PLANS: JSON.stringify(await compile(abis, migrations)) },
  });
  return outfile;
}

async function compile(abis: Bundled["abis"], migrations: readonly Migration[]): Promise<readonly Plan[]> {
  const database = openTarget(sqliteTarget, migrations);
  try {
    const files = abis.map((abi) => ({ name: `${abi.id}.json`, text: JSON.stringify(abi) }));
    const { plans, diagnostics } = await compileAbis(files, { database });
    if (plans.length < abis.length) throw new Error(diagnostics.map(pointerLine).join("\n"));
    return plans;
  } finally {
    await database.close();
  }
}
