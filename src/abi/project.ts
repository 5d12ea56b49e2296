/**
 * The compiler's view of the project's directory: ABIs, migrations, the deployment's settings, the generated files. The
 * only module of the compiler that touches the disk.
 */
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { AbiFile } from "./compile.ts";
import type { Migration } from "./sql-database.ts";

export const plansPath = "src/generated/plans.ts";
export const schemaPath = "abis/schema.json";

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

/** D1's migrations in the order in which they are applied. */
export function readMigrations(root: string): Migration[] {
  return readDirectory(root, "migrations/d1", ".sql").map(({ name, text }) => ({ name, sql: text }));
}

/** MAX_REQUEST_BYTES of wrangler.toml: the least, where several environments set it; null when none does. */
export function readMaxRequestBytes(root: string): number | null {
  const settings = readIfPresent(join(root, "wrangler.toml")) ?? "";
  const found = [...settings.matchAll(/^[ \t]*MAX_REQUEST_BYTES[ \t]*=[ \t]*["']?([\d_]+)["']?/gm)];
  const values = found.map((match) => Number((match[1] ?? "").replaceAll("_", ""))).filter((value) => value > 0);
  return values.length === 0 ? null : Math.min(...values);
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
