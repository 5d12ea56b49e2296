/** Brings a throw-away database to where a deployment's is. Knows nothing of clusters. */
import { readMigrationFiles } from "../../../src/cli/migrations/migration-file.ts";
import { migratePostgres } from "../../../src/cli/migrations/postgres.ts";

export async function migrate(url: string): Promise<void> {
  await migratePostgres({ url, files: readMigrationFiles("postgres"), isDry: false, print: () => {} });
}
