/** The migration files of one kind of database: numbered SQL, each applied once and never changed afterwards. */
import { createHash } from "node:crypto";
import { basename } from "node:path";
import { checkUserMigration } from "../../compiler/migrations/user-migrations.ts";
import type { DatabaseKind } from "../databases.ts";
import { projectFolder } from "../local/wrangler.ts";
import { readRuntimeMigrations, readUserMigrations } from "../project.ts";

export interface MigrationFile {
  /** Such as `0002_gallery.sql`; the order of names is the order of application. */
  readonly name: string;
  /** As messages have it: `migrations/0002_gallery.sql`, and `sluice/0001_files.sql` for the runtime's. */
  readonly path: string;
  readonly sql: string;
  /** SHA-256, hex; line ends do not count. */
  readonly checksum: string;
}

/** Two sequences: the runtime's is applied first. */
export interface MigrationFiles {
  readonly runtime: readonly MigrationFile[];
  readonly user: readonly MigrationFile[];
}

export function toMigrationFile(path: string, text: string): MigrationFile {
  const sql = text.replaceAll("\r\n", "\n");
  return { name: basename(path), path, sql, checksum: createHash("sha256").update(sql).digest("hex") };
}

/** The package's and the project's own. @throws MigrationError where one of the project's names the runtime's tables */
export function readMigrationFiles(kind: DatabaseKind): MigrationFiles {
  const user = readUserMigrations(projectFolder, kind);
  for (const file of user) checkUserMigration(file);
  const runtime = readRuntimeMigrations(kind).map(({ name, sql }) => toMigrationFile(`sluice/${basename(name)}`, sql));
  return { runtime, user: user.map(({ name, sql }) => toMigrationFile(name, sql)) };
}
