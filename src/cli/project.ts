/**
 * The project's folder: ABIs, migrations, wrangler.toml, the generated files. All of the compiler's file access is
 * here.
 */
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { AbiFile } from "../compiler/compile.ts";
import { packageModules, type ModuleNames } from "../compiler/emit.ts";
import type { DeploymentFile } from "./configuration/deployment.ts";
import { readDeployment } from "./configuration/deployment.ts";
import type { Report } from "../compiler/text/diagnostic.ts";
import type { Migration } from "../compiler/sql/target.ts";

export const plansPath = ".sluice/plans.ts";
export const buildPath = ".sluice/build.ts";
export const workerPath = ".sluice/worker.ts";
export const schemaPath = "abis/schema.json";
export const settingsPath = "wrangler.toml";

const packageName = "sluice";

function readIfPresent(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}

function readDirectory(root: string, directory: string, ending: string): { name: string; text: string }[] {
  const names = readdirSync(join(root, directory)).filter((name) => name.endsWith(ending));
  return names.sort().map((name) => ({
    name: `${directory}/${name}`,
    text: readFileSync(join(root, directory, name), "utf8"),
  }));
}

/** All ABIs, named by their path from the root. */
export function readAbis(root: string): AbiFile[] {
  return readDirectory(root, "abis", ".json").filter(({ name }) => name !== schemaPath);
}

/** A database's migrations in the order in which they are applied. */
export function readMigrations(root: string, folder: "d1" | "postgres" = "d1"): Migration[] {
  return readDirectory(root, `migrations/${folder}`, ".sql").map(({ name, text }) => ({ name, sql: text }));
}

/** What wrangler.toml says; without the file everything is as by default. */
export function readWranglerToml(root: string, environment: string | null, report: Report): DeploymentFile {
  return readDeployment(readIfPresent(join(root, settingsPath)) ?? "", environment, report);
}

/** Tells if there is something that the Worker can be built of. */
export function isCompiled(root: string): boolean {
  return [plansPath, buildPath, workerPath].every((path) => existsSync(join(root, path)));
}

/** Tells if a file holds other text than this, or is missing. */
export function isStale(root: string, path: string, text: string): boolean {
  return readIfPresent(join(root, path)) !== text;
}

/** Writes a file, only if it changes: watchers stay quiet. */
export function writeIfStale(root: string, path: string, text: string): boolean {
  if (!isStale(root, path, text)) return false;
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
  return true;
}

/** Generated files name the package, but in its own repository the files of src. */
export function moduleNames(root: string): ModuleNames {
  const manifest = readIfPresent(join(root, "package.json"));
  const isOwn = manifest !== null && (JSON.parse(manifest) as { readonly name?: unknown }).name === packageName;
  return (module) => (isOwn ? `../src/${packageModules[module]}` : packageName + module.slice(1));
}
