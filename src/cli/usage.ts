/** What the command `sluice` can do, as `--help` prints it. */

interface Command {
  readonly summary: string;
  /** The options, one line each. */
  readonly options: readonly (readonly [form: string, meaning: string])[];
  readonly load: () => Promise<unknown>;
}

const env = ["--env <name>", "the environment of wrangler's configuration; else CLOUDFLARE_ENV"] as const;
const remote = ["--remote", "the deployed bucket and database, in place of the local ones"] as const;

export const commands = {
  init: {
    summary: "writes a project: wrangler.toml, an ABI, a migration, what an editor and an assistant need",
    options: [
      ["<folder>", "where; else the current one. Nothing that exists is touched"],
      ["--gallery", "with the file API and a page of uploaded files"],
      ["--database <d1|neon|hyperdrive>", "d1 unless it is said"],
    ],
    load: () => import("./commands/init.ts"),
  },
  dev: {
    summary: "runs everything on this machine: secrets, migrations, bucket, database, a reload on every change",
    options: [["--port <number>", "else 8787, or the next that is free"]],
    load: () => import("./commands/dev.ts"),
  },
  build: {
    summary: "compiles abis/ into .sluice/, or says with file, line and column why it cannot",
    options: [
      ["--check", "writes nothing; fails where abis/schema.json is stale"],
      ["--strict", "a warning is a fault"],
      ["--table", "prints the endpoints"],
      ["--portable", "for every database, not only the chosen one"],
      env,
    ],
    load: () => import("./commands/build.ts"),
  },
  types: {
    summary: "writes what endpoints are sent and answer as TypeScript, for sluice/client",
    options: [
      ["[<file>]", "where; else sluice-endpoints.ts"],
      ["--check", "writes nothing; fails where the file is stale"],
      env,
    ],
    load: () => import("./commands/types.ts"),
  },
  openapi: {
    summary: "writes all endpoints as an OpenAPI 3.1 document",
    options: [
      ["[<file>]", "where; else openapi.json"],
      ["--check", "writes nothing; fails where the file is stale"],
      env,
    ],
    load: () => import("./commands/openapi.ts"),
  },
  migrate: {
    summary: "brings the database up to date: the runtime's own tables, then migrations/",
    options: [["--plan", "only prints what is applied and what is to do"], remote, env],
    load: () => import("./commands/migrate.ts"),
  },
  deploy: {
    summary: "makes the deployed database if it is missing, migrates it, then deploys with wrangler",
    options: [["--dry-run", "bundles, and sends nothing"], env],
    load: () => import("./commands/deploy.ts"),
  },
  secrets: {
    summary: "makes up the keys that the deployed Worker lacks, sets them there, and prints them once",
    options: [env],
    load: () => import("./commands/secrets.ts"),
  },
  token: {
    summary: "prints a development token, signed with the secret of .dev.vars",
    options: [
      ["--id <user>", "who calls"],
      ["--claim <name=value>", "another claim; may be repeated"],
      ["--expires <seconds>", "3600 unless it is said"],
    ],
    load: () => import("./commands/token.ts"),
  },
  jobs: {
    summary: "lists, shows and repeats background work",
    options: [
      ["list [--state <state>] [--limit <number>]", "the newest jobs"],
      ["show <id>", "one of them with its steps"],
      ["retry <id>", "a dead one, once more"],
      ["drop <id>", "one that waits or is dead, for ever"],
      remote,
      env,
    ],
    load: () => import("./commands/jobs.ts"),
  },
  links: {
    summary: "revokes signed links that were issued",
    options: [["revoke-owner <id> | revoke-all", "all links of an owner, or of everybody"], remote, env],
    load: () => import("./commands/links.ts"),
  },
  reconcile: {
    summary: "compares bucket and table: objects without a row, rows without an object",
    options: [["--dry-run", "reads and reports, changes nothing"], remote],
    load: () => import("./commands/reconcile.ts"),
  },
  recount: {
    summary: "sets the counts of quotas to what the rows of files say",
    options: [["--check", "changes nothing; fails where a count is another"], remote, env],
    load: () => import("./commands/recount.ts"),
  },
  thumbnails: {
    summary: "tells how many files wait for their thumbnails",
    options: [["--missing", "wants them for files from before their endpoint had any"], remote, env],
    load: () => import("./commands/thumbnails.ts"),
  },
} as const satisfies Readonly<Record<string, Command>>;

const columns = (rows: readonly (readonly [string, string])[]): string => {
  const width = Math.max(...rows.map(([first]) => first.length));
  return rows.map(([first, second]) => `  ${first.padEnd(width)}  ${second}`).join("\n");
};

export const usage = [
  "Usage: sluice <command> [options]",
  "",
  columns(Object.entries(commands).map(([name, { summary }]) => [name, summary])),
  "",
  "sluice <command> --help shows a command's options. Everything works on the project in the current folder.",
].join("\n");

export function usageOf(name: keyof typeof commands): string {
  const { summary, options }: Command = commands[name];
  return [`sluice ${name}: ${summary}`, "", columns(options)].join("\n");
}
