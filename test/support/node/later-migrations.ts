/** What a later version of the runtime might bring: a table of its own, and a column of the files. */
import { toMigrationFile } from "../../../src/cli/migrations/migration-file.ts";
import { readRuntimeMigrations } from "../../../src/cli/project.ts";

const name = `${String(readRuntimeMigrations("d1").length + 1).padStart(4, "0")}_later.sql`;

export const laterMigrations = {
  d1: toMigrationFile(
    name,
    "ALTER TABLE sluice_files ADD later text DEFAULT 'x' NOT NULL;\nCREATE TABLE sluice_later (id text PRIMARY KEY NOT NULL);\n",
  ),
  postgres: toMigrationFile(
    name,
    "ALTER TABLE sluice.files ADD COLUMN later text DEFAULT 'x' NOT NULL;\nCREATE TABLE sluice.later (id text PRIMARY KEY NOT NULL);\n",
  ),
} as const;
