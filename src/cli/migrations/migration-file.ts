/** The migration files of one database: numbered SQL, each applied once and never changed afterwards. */
import { createHash } from "node:crypto";
import { readFile, readdir } from "node:fs/promises";
import { projectFolder } from "../local/wrangler.ts";

export interface MigrationFile {
  /** Such as `0002_gallery.sql`; the order of names is the order of application. */
  readonly name: string;
  readonly sql: string;
  /** SHA-256, hex; line ends do not count. */
  readonly checksum: string;
}

export function toMigrationFile(name: string, text: string): MigrationFile {
  const sql = text.replaceAll("\r\n", "\n");
  return { name, sql, checksum: createHash("sha256").update(sql).digest("hex") };
}

/** The project's own, in order. */
export async function readMigrationFiles(database: "d1" | "postgres"): Promise<readonly MigrationFile[]> {
  const folder = `${projectFolder}/migrations/${database}/`;
  const names = (await readdir(folder)).filter((name) => name.endsWith(".sql")).toSorted();
  return Promise.all(names.map(async (name) => toMigrationFile(name, await readFile(folder + name, "utf8"))));
}
