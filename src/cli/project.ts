/**
 * The project's folder: ABIs, migrations, wrangler's configuration, the generated files; and the runtime's own migrations.
 * All of the compiler's file access is here.
 */
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { AbiFile } from "../compiler/abi-file.ts";
import { isBuildOfThisVersion, packageModules, type ModuleNames } from "../compiler/emit.ts";
import { readDeployment, type DeploymentFile } from "./configuration/deployment.ts";
import { findConfiguration, type FoundConfiguration } from "./configuration/file.ts";
import { createReport, type Diagnostic } from "../compiler/text/diagnostic.ts";
import { locateAll } from "../compiler/text/locate.ts";
import { formatLocated } from "./terminal/show-diagnostics.ts";
import { viewOnPostgres, viewOnSqlite } from "../compiler/migrations/files-view.ts";
import { arrangeMigrations } from "../compiler/migrations/user-migrations.ts";
import { MigrationError, type Migration } from "../compiler/sql/target.ts";
import { runtimeSchema } from "../contract/tables.ts";
import type { DatabaseKind } from "./databases.ts";

export const plansPath = ".sluice/plans.ts";
export const buildPath = ".sluice/build.ts";
export const workerPath = ".sluice/worker.ts";
export const openApiPath = ".sluice/openapi.ts";
const abisFolder = "abis";
export const schemaPath = `${abisFolder}/schema.json`;

const packageName = "sluice";

/** A text by its path from the root; null where there is none. */
export const readSource =
  (root: string) =>
  (path: string): string | null =>
    readIfPresent(join(root, path));

function readIfPresent(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}

/** Empty where there is no such folder. */
function readDirectory(root: string, directory: string, ending: string): { name: string; text: string }[] {
  if (!existsSync(join(root, directory))) return [];
  const names = readdirSync(join(root, directory)).filter((name) => name.endsWith(ending));
  return names.sort().map((name) => ({
    name: `${directory}/${name}`,
    text: readFileSync(join(root, directory, name), "utf8"),
  }));
}

/** All ABIs, also those in folders below abis/, named by their path from the root. `_drafts/` and `_x.json` are left out. */
export function readAbis(root: string): AbiFile[] {
  if (!existsSync(join(root, abisFolder))) return [];
  const entries = readdirSync(join(root, abisFolder), { recursive: true, encoding: "utf8" });
  return entries
    .map((entry) => entry.replaceAll("\\", "/"))
    .filter((path) => /\.jsonc?$/.test(path) && !/(?:^|\/)[_.]/.test(path))
    .map((path) => `${abisFolder}/${path}`)
    .filter((name) => name !== schemaPath)
    .sort()
    .map((name) => ({ name, text: readFileSync(join(root, name), "utf8") }));
}

const readSql = (root: string, directory: string): Migration[] =>
  readDirectory(root, directory, ".sql").map(({ name, text }) => ({ name, sql: text.replaceAll("\r\n", "\n") }));

const runtimeFolder = resolve(import.meta.dirname, "../runtime/database");

/** Those of the runtime's own tables, in the order in which they are applied. */
export const readRuntimeMigrations = (kind: DatabaseKind): Migration[] => readSql(runtimeFolder, `migrations/${kind}`);

/** Tells if the project's migrations are for one database only, whichever that is. */
export const hasOneDatabase = (root: string): boolean => readSql(root, "migrations").length > 0;

/**
 * The user's in the order in which they are applied: in migrations/, or in a folder below it for each kind of database.
 * @throws MigrationError where files are in both
 */
export function readUserMigrations(root: string, kind: DatabaseKind): Migration[] {
  const folders = (["d1", "postgres"] as const).filter((name) => existsSync(join(root, "migrations", name)));
  const files = readSql(root, "migrations");
  if (files.length === 0) return readSql(root, `migrations/${kind}`);
  const [folder] = folders;
  if (folder === undefined) return files;
  const message = `lies beside the folder migrations/${folder}, which has the files of one kind of database: expected it in there`;
  throw new MigrationError(files[0]?.name ?? "", null, message);
}

/** All that makes a new database. @throws MigrationError */
export function readMigrations(root: string, kind: DatabaseKind = "d1"): readonly Migration[] {
  const runtime = readRuntimeMigrations(kind);
  const user = readUserMigrations(root, kind);
  if (kind === "d1") return arrangeMigrations(runtime, user, viewOnSqlite);
  const schema = { name: `the schema ${runtimeSchema}`, sql: `CREATE SCHEMA ${runtimeSchema}` };
  return arrangeMigrations([schema, ...runtime], user, viewOnPostgres);
}

/** As everything is by default. */
const noConfiguration: FoundConfiguration = { name: "wrangler.toml", text: "", ignored: [], overruledBy: null };

/** What the configuration says. @param found takes its faults, and a warning where wrangler reads another file */
export function readProject(root: string, environment: string | null, found: Diagnostic[]): DeploymentFile {
  const file = findConfiguration(root) ?? noConfiguration;
  for (const name of file.ignored) {
    createReport(name, found).warn("", `is not read: wrangler takes ${file.name}, which is here as well`);
  }
  const report = createReport(file.name, found);
  if (file.overruledBy !== null) report.warn("", `is not read: wrangler takes ${file.overruledBy}, which is above`);
  return readDeployment(file, environment, report);
}

/** The same. @throws Error with what is wrong there */
export function readSoundProject(root: string, environment: string | null): DeploymentFile {
  const found: Diagnostic[] = [];
  const deployment = readProject(root, environment, found);
  const faults = found.filter(({ severity }) => severity === "fault");
  if (faults.length > 0) throw new Error(locateAll(faults, readSource(root)).map(formatLocated).join("\n"));
  return deployment;
}

/** Tells if there is something that a development server can serve: not what another version of the package wrote. */
export function isCompiled(root: string): boolean {
  const isThere = [plansPath, workerPath, openApiPath].every((path) => existsSync(join(root, path)));
  return isThere && isBuildOfThisVersion(readIfPresent(join(root, buildPath)) ?? "");
}

/** Tells if a file holds other text than this, or is missing. */
export function isStale(root: string, path: string, text: string): boolean {
  return readIfPresent(resolve(root, path)) !== text;
}

/** Writes a file, only if it changes: watchers stay quiet. */
export function writeIfStale(root: string, path: string, text: string): boolean {
  if (!isStale(root, path, text)) return false;
  mkdirSync(dirname(resolve(root, path)), { recursive: true });
  writeFileSync(resolve(root, path), text);
  return true;
}

/** Generated files name the package, but in its own repository the files of src. */
export function moduleNames(root: string): ModuleNames {
  const manifest = readIfPresent(join(root, "package.json"));
  const isOwn = manifest !== null && (JSON.parse(manifest) as { readonly name?: unknown }).name === packageName;
  return (module) => (isOwn ? `../src/${packageModules[module]}` : packageName + module.slice(1));
}
