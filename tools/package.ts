/**
 * Builds what is published: dist is the package, with a manifest of its own, so that nothing of this repository's own tools
 * comes to those who install it.
 */
import { execFileSync } from "node:child_process";
import { chmod, copyFile, cp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { LEAST_NODE } from "../src/cli/least-node.ts";
import { packageModules } from "../src/compiler/emit.ts";
import { majorVersion } from "../src/contract/release.ts";

const root = new URL("../", import.meta.url);
const path = (name: string) => new URL(name, root).pathname;

type Manifest = Readonly<Record<string, unknown>> & { readonly version: string };

const kept = [
  "name",
  "version",
  "description",
  "license",
  "type",
  "dependencies",
  "peerDependencies",
  "peerDependenciesMeta",
];

function manifestOf(repository: Manifest): object {
  const files = Object.entries(packageModules).map(([name, module]) => {
    const file = `./lib/${module.replace(/\.ts$/, "")}`;
    return [name, { types: `${file}.d.ts`, default: `${file}.js` }];
  });
  return {
    ...Object.fromEntries(kept.map((name) => [name, repository[name]])),
    engines: { node: `>=${LEAST_NODE}.0.0` },
    sideEffects: false,
    bin: { sluice: "./lib/cli/sluice.js" },
    exports: { ...Object.fromEntries(files), "./package.json": "./package.json" },
  };
}

function compile(config: string, ...options: readonly string[]): void {
  const parameters = [path("node_modules/typescript/bin/tsc"), "-p", path(config), ...options];
  execFileSync(process.execPath, parameters, { stdio: "inherit" });
}

/** @throws Error where the runtime no longer has the place for it */
async function writeMajorVersion(version: string): Promise<void> {
  const file = path("dist/lib/contract/release.js");
  const text = await readFile(file, "utf8");
  const [major = version] = /^(?:0\.)?\d+/.exec(version) ?? [];
  const written = text.replace(JSON.stringify(majorVersion), JSON.stringify(major));
  if (written === text) throw new Error(`${file} has no ${majorVersion}`);
  await writeFile(file, written);
}

/** The declarations that a public module's lead to, itself included. */
async function addDeclarations(file: string, found: Set<string>): Promise<void> {
  if (found.has(file)) return;
  found.add(file);
  const text = await readFile(file, "utf8");
  for (const [, module = ""] of text.matchAll(/(?:from|import\()\s*"(\.[^"]+)\.[jt]s"/g)) {
    await addDeclarations(join(dirname(file), `${module}.d.ts`), found);
  }
}

/** Nobody can import the others: they would be a tenth of what is downloaded. */
async function removeUnreachableDeclarations(): Promise<void> {
  const reachable = new Set<string>();
  for (const module of Object.values(packageModules)) {
    await addDeclarations(path(`dist/lib/${module.replace(/\.ts$/, ".d.ts")}`), reachable);
  }
  const files = await readdir(path("dist/lib"), { recursive: true });
  const declarations = files.filter((name) => name.endsWith(".d.ts")).map((name) => path(`dist/lib/${name}`));
  await Promise.all(declarations.filter((file) => !reachable.has(file)).map((file) => rm(file)));
}

const repository = JSON.parse(await readFile(path("package.json"), "utf8")) as Manifest;
await rm(path("dist"), { recursive: true, force: true });
// Editors show the comments of declarations. Those of the code would be a fifth of what is downloaded.
for (const config of ["tsconfig.build.json", "tsconfig.build-client.json"]) compile(config, "--emitDeclarationOnly");
for (const config of ["tsconfig.build.json", "tsconfig.build-client.json", "tsconfig.build-node.json"]) {
  compile(config, "--declaration", "false", "--removeComments");
}
await removeUnreachableDeclarations();
await writeMajorVersion(repository.version);
await chmod(path("dist/lib/cli/sluice.js"), 0o755);
for (const kind of ["d1", "postgres"]) {
  const folder = `runtime/database/migrations/${kind}`;
  await cp(path(`src/${folder}`), path(`dist/lib/${folder}`), { recursive: true });
}
await cp(path("public"), path("dist/public"), { recursive: true });
for (const name of ["README.md", "CHANGELOG.md", "LICENSE"]) await copyFile(path(name), path(`dist/${name}`));
await writeFile(path("dist/package.json"), `${JSON.stringify(manifestOf(repository), null, 2)}\n`);
