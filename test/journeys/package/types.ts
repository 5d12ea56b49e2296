/** TypeScript's word on what is generated, and on the Worker that docs/package.md mounts it in. */
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { check, npm, refusal, root, run } from "./commands.ts";
import type { Project } from "./project.ts";

const compilerOptions = {
  target: "es2024",
  module: "esnext",
  moduleResolution: "bundler",
  lib: ["es2024"],
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  verbatimModuleSyntax: true,
  allowImportingTsExtensions: true,
  noEmit: true,
};

const runtimeTypes = "@cloudflare/workers-types";

/** The Worker that the guide shows is written to worker.ts, its binding to wrangler.toml. */
export async function mountInWorker(project: Project): Promise<void> {
  const guide = await readFile(join(root, "docs/package.md"), "utf8");
  const example = /```ts\n([^`]*createSluice<[^`]*)```/.exec(guide)?.[1];
  if (example === undefined) throw new Error("docs/package.md mounts nothing");
  await project.write("worker.ts", example);
  await project.edit("wrangler.toml", (text) =>
    text
      .replace('main = ".sluice/worker.ts"', 'main = "worker.ts"')
      .concat('\n[[queues.producers]]\nbinding = "MAILS"\nqueue = "mails"\n'),
  );
}

export async function checkTypes(project: Project): Promise<void> {
  const { devDependencies } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as {
    readonly devDependencies: Readonly<Record<string, string>>;
  };
  await npm(project.folder, "install", "--save-dev", `${runtimeTypes}@${devDependencies[runtimeTypes]}`);
  await project.write("env.d.ts", "interface Env { BUCKET: R2Bucket; DB: D1Database; MAILS: Queue }\n");
  await compile(project, { types: [runtimeTypes], skipLibCheck: true });
  check(true, `no type error with ${runtimeTypes}`);

  await rm(join(project.folder, "env.d.ts"));
  await project.wrangler("types");
  await project.write("wrong.ts", 'import { build } from "./.sluice/build.ts";\nexport const wrong: number = build;\n');
  const said = await refusal(compile(project, { types: [], skipLibCheck: false }));
  // Declarations of other packages have faults of their own, for which there is skipLibCheck.
  const isOurs = (line: string) => /^\S+: error TS/.test(line) && !/^node_modules\/(?!sluice\/)/.test(line);
  const faults = said.split("\n").filter(isOurs);
  const places = faults.map((line) => line.split(",")[0]);
  check(
    String(places) === "wrong.ts(2",
    "none with what wrangler types writes, in the package's declarations neither",
    faults,
  );
}

async function compile(project: Project, options: Readonly<Record<string, unknown>>): Promise<string> {
  const include = ["*.ts", ".sluice"];
  await project.write(
    "tsconfig.json",
    JSON.stringify({ compilerOptions: { ...compilerOptions, ...options }, include }),
  );
  return run(project.folder, process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", "."]);
}
