/**
 * Brings the database that DATABASE chooses up to date: D1, local or deployed, or the PostgreSQL at
 * DATABASE_URL. It prints what it applies and what is left to do, and may be repeated at any time.
 *
 *     sluice migrate [--plan] [--remote] [--env <environment>]
 *
 * `--plan` only prints. `--remote` is the deployed database: on PostgreSQL it must be named in the environment of the process,
 * and not be on this machine. Exit codes: 0 done; 1 something stands in the way; 2 a wrong option.
 */
import { parseArgs } from "node:util";
import { migrateD1 } from "../migrations/d1.ts";
import { chosenDatabase, databaseUrl } from "../migrations/deployed-database.ts";
import { readMigrationFiles } from "../migrations/migration-file.ts";
import { openD1 } from "../migrations/run-on-d1.ts";
import { migratePostgres } from "../migrations/postgres.ts";
import { runCommand } from "../run-command.ts";

interface Options {
  readonly plan: boolean;
  readonly remote: boolean;
  readonly env?: string;
}

function readOptions(): Options {
  const flag = { type: "boolean", default: false } as const;
  const { env, ...flags } = parseArgs({ options: { plan: flag, remote: flag, env: { type: "string" } } }).values;
  return env === undefined ? flags : { ...flags, env };
}

async function run({ plan: isDry, remote: isRemote, env }: Options): Promise<true> {
  const print = (line: string) => console.log(line);
  const environment = env ?? process.env["CLOUDFLARE_ENV"] ?? null;
  const isD1 = chosenDatabase(environment) === "d1";
  const files = readMigrationFiles(isD1 ? "d1" : "postgres");
  if (isD1) print(isRemote ? "D1, the deployed database DB" : "D1, the local database DB");
  const count = isD1
    ? await migrateD1({ files, isDry, print, run: openD1({ isRemote, storageFolder: null, environment }) })
    : await migratePostgres({ files, isDry, print, url: await databaseUrl(isRemote) });
  if (isDry) print("Nothing was changed");
  else print(count === 0 ? "Nothing to apply" : `${count} applied`);
  return true;
}

await runCommand(readOptions, run);
