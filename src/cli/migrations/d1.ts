/**
 * Applies migrations to D1 with wrangler, which lists the applied ones in the table `d1_migrations` and applies each
 * file as a whole or not at all.
 */
import { d1Binding } from "../../contract/bindings.ts";
import { runWrangler } from "../local/wrangler.ts";
import type { MigrationFile } from "./migration-file.ts";
import { planMigrations, type AppliedMigration } from "./plan.ts";

export interface D1Place {
  /** The deployed database; else the local one. */
  readonly isRemote: boolean;
  /** Folder of the local one; null = the project's own, `.wrangler/state`. */
  readonly storageFolder: string | null;
  /** The environment of wrangler.toml; null = the top level. */
  readonly environment: string | null;
}

export interface D1Migration extends D1Place {
  readonly files: readonly MigrationFile[];
  /** Only says what would be done. */
  readonly isDry: boolean;
  readonly print: (line: string) => void;
}

function placeOptions({ isRemote, storageFolder, environment }: D1Place): string[] {
  return [
    isRemote ? "--remote" : "--local",
    ...(storageFolder === null ? [] : ["--persist-to", storageFolder]),
    ...(environment === null ? [] : ["--env", environment]),
  ];
}

/** Applies what is new, without a word. @throws Error with what wrangler said */
export async function applyD1(place: D1Place): Promise<void> {
  await runWrangler(["d1", "migrations", "apply", d1Binding, ...placeOptions(place)]);
}

/** Resolves with how many files were applied. @throws Error that says what to do */
export async function migrateD1(migration: D1Migration): Promise<number> {
  const { files, isDry, print } = migration;
  const { lines, pending, faults } = planMigrations(files, await readApplied(migration));
  print(migration.isRemote ? "D1, the deployed database DB" : "D1, the local database DB");
  for (const line of lines) print(`  ${line}`);
  if (faults.length > 0) throw new Error(faults.join("\n"));
  if (isDry || pending.length === 0) return 0;
  await applyD1(migration);
  return pending.length;
}

async function readApplied(place: D1Place): Promise<readonly AppliedMigration[]> {
  const tables = await query(place, "SELECT name FROM sqlite_schema WHERE name = 'd1_migrations'");
  if (tables.length === 0) return [];
  return (await query(place, "SELECT name FROM d1_migrations ORDER BY id")).map((name) => ({ name, checksum: null }));
}

/** The column `name` of the rows. */
async function query(place: D1Place, sql: string): Promise<readonly string[]> {
  const output = await runWrangler(["d1", "execute", d1Binding, "--json", "--command", sql, ...placeOptions(place)]);
  const results = JSON.parse(output) as readonly { readonly results: readonly { readonly name: string }[] }[];
  return (results[0]?.results ?? []).map(({ name }) => name);
}
