/** `sluice deploy` and `sluice secrets` of a new project, with wrangler itself and an account that has nothing yet. */
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { DatabaseName } from "../../../src/contract/database-names.ts";
import { checkSecrets } from "../../../src/runtime/secrets.ts";
import { startCloudflareApi, type CloudflareApi } from "../../support/node/cloudflare-api.ts";
import { toJsonc } from "../../support/node/to-jsonc.ts";
import { root } from "../../unit/compiler/support.ts";

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

let folder = "";
let api: CloudflareApi;
beforeEach(async () => {
  folder = join(mkdtempSync(join(tmpdir(), "sluice-deploy-")), "my-uploads");
  api = await startCloudflareApi();
});
afterEach(() => {
  api.stop();
  rmSync(join(folder, ".."), { recursive: true, force: true });
});

function sluice(parameters: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Outcome> {
  const { DATABASE_URL: _, CLOUDFLARE_ENV: __, ...inherited } = process.env;
  const env = { ...inherited, ...api.environment, ...environment };
  const command = [join(root, "src/cli/sluice.ts"), ...parameters];
  return new Promise((resolve) => {
    const cwd = parameters[0] === "init" ? root : folder;
    const child = execFile(process.execPath, command, { cwd, env }, (_error, stdout, stderr) => {
      resolve({ code: child.exitCode ?? -1, stdout, stderr });
    });
  });
}

/** For background work, which a new project has not. */
const queue = `
[[queues.producers]]
binding = "JOBS"
queue = "my-jobs"

[[queues.consumers]]
queue = "my-jobs"
`;

/** As `sluice init` writes it, run from the sources of this repository. */
async function makeProject(database: DatabaseName, configuration: string): Promise<void> {
  await sluice(["init", folder, "--database", database]);
  for (const name of ["src", "node_modules"]) symlinkSync(join(root, name), join(folder, name));
  change("package.json", (text) => text.replace('"name": "my-uploads"', '"name": "sluice"'));
  change(
    "wrangler.toml",
    (text) => text.replace("npx sluice build", `node ${join(root, "src/cli/sluice.ts")} build`) + queue,
  );
  if (configuration === "wrangler.toml") return;
  writeFileSync(join(folder, configuration), toJsonc(readFileSync(join(folder, "wrangler.toml"), "utf8")));
  rmSync(join(folder, "wrangler.toml"));
}

function change(name: string, edit: (text: string) => string): void {
  const path = join(folder, name);
  writeFileSync(path, edit(readFileSync(path, "utf8")));
}

const bindings = () =>
  Object.fromEntries((api.uploaded?.bindings ?? []).map(({ name, ...binding }) => [name, binding]));

describe.each(["wrangler.toml", "wrangler.jsonc"])("on D1 with %s", (configuration) => {
  test("database, tables, bucket and queue are made, secrets are told of and made, then the Worker is there", async () => {
    await makeProject("d1", configuration);
    const first = await sluice(["deploy"]);
    expect([first.code, api.uploaded]).toEqual([1, null]);
    expect(first.stdout).toMatch(/^There is no D1 database my-uploads yet: it is made\nD1, the deployed database DB\n/);
    expect(first.stdout).toMatch(/0001_receipts\.sql\n\d+ applied\n/);
    expect(first.stderr).toContain(
      "The deployed Worker lacks secrets: JWT_SECRET_KEY, LINK_SECRET\n  npx wrangler secret put <name>",
    );

    const made = await sluice(["secrets"]);
    const values = Object.fromEntries(
      made.stdout
        .trim()
        .split("\n")
        .map((line) => line.split("=") as [string, string]),
    );
    expect([made.code, values]).toEqual([0, Object.fromEntries(api.secrets ?? [])]);
    const plan = { authentication: { keyName: "JWT_SECRET_KEY", algorithm: "HS512" }, environment: [] } as const;
    expect(checkSecrets((name, otherwise = "") => values[name] ?? otherwise, [plan])).toEqual([]);
    expect(await sluice(["secrets"])).toMatchObject({ code: 0, stdout: "", stderr: "Nothing is missing\n" });
    expect(Object.fromEntries(api.secrets ?? [])).toEqual(values);

    const second = await sluice(["deploy"]);
    expect([second.code, second.stdout]).toEqual([0, expect.stringContaining("Nothing to apply\n")]);
    const database = api.databases.get("my-uploads");
    expect(bindings()).toMatchObject({
      DB: { type: "d1", id: database?.id },
      BUCKET: { type: "r2_bucket", bucket_name: "my-uploads" },
      LINK_SECRET: { type: "inherit" },
      JWT_SECRET_KEY: { type: "inherit" },
    });
    expect(api.uploaded?.observability).toMatchObject({ enabled: true });
    expect([...api.databases.keys()]).toEqual(["my-uploads"]);
    expect([[...api.buckets], [...api.queues]]).toEqual([["my-uploads"], ["my-jobs"]]);
    expect(database?.file.prepare("SELECT count(*) AS rows FROM receipts").all()).toEqual([{ rows: 0 }]);
  });

  test("a placeholder is refused with its place, before anything is done", async () => {
    await makeProject("d1", configuration);
    const zeros = "00000000-0000-0000-0000-000000000000";
    change(configuration, (text) =>
      configuration === "wrangler.toml"
        ? text.replace('binding = "DB"\n', `binding = "DB"\n  database_id = "${zeros}"\n`)
        : text.replace('"binding": "DB",\n', `"binding": "DB",\n  "database_id": "${zeros}",\n`),
    );
    const line = readFileSync(join(folder, configuration), "utf8")
      .split("\n")
      .findIndex((text) => text.includes(zeros));
    const { code, stderr } = await sluice(["deploy"]);
    expect([code, stderr]).toEqual([
      1,
      `${configuration}:${String(line + 1)}:3: the id is a placeholder; leave the line out, and the database is found by its name, or made\n`,
    ]);
    expect(api.changes).toEqual([]);
  });
});

describe("on D1", () => {
  test("a secret that somebody has set stays; one that is no key is not made up", async () => {
    await makeProject("d1", "wrangler.toml");
    change("wrangler.toml", (text) => text.replace(/("JWT_SECRET_KEY",)/, '$1 "STRIPE_KEY",'));
    api.secrets = new Map([["JWT_SECRET_KEY", "theirs"]]);
    const { code, stdout, stderr } = await sluice(["secrets"]);
    expect([code, stdout]).toEqual([1, expect.stringMatching(/^LINK_SECRET=[\w-]{64}\n$/)]);
    expect(stderr).toContain("STRIPE_KEY is not a key that can be made up: npx wrangler secret put STRIPE_KEY\n");
    expect([...api.secrets]).toEqual([
      ["JWT_SECRET_KEY", "theirs"],
      ["LINK_SECRET", expect.any(String)],
    ]);
  });

  test("a migration of one's own that names the runtime's tables is refused with its line, and nothing is applied", async () => {
    await makeProject("d1", "wrangler.toml");
    writeFileSync(
      join(folder, "migrations/0002_more.sql"),
      "CREATE TABLE a (id text);\nALTER TABLE [sluice_files] ADD b text;\n",
    );
    const { code, stderr } = await sluice(["deploy"]);
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^migrations\/0002_more\.sql:2: names sluice_files, /)]);
    expect(api.changes).toEqual(["POST d1/database"]);
  });
});

describe("on PostgreSQL", () => {
  test.each<[string, string | null, string]>([
    [
      "only .dev.vars has an address",
      null,
      "DATABASE_URL is missing: put postgresql://user:password@host/database of the deployed database into the environment of this command; .dev.vars, which is for development, is not read",
    ],
    [
      "the address is on this machine",
      "postgresql://me:secret@localhost:5432/app",
      'DATABASE_URL names localhost, which is on this machine: name the deployed database. Through a tunnel: "sluice migrate", then "wrangler deploy"',
    ],
  ])("where %s, nothing is migrated and nothing deployed", async (_title, url, told) => {
    await makeProject("neon", "wrangler.toml");
    const outcome = await sluice(["deploy"], url === null ? {} : { DATABASE_URL: url });
    expect(outcome).toMatchObject({ code: 1, stderr: `${told}\n` });
    expect(outcome.stdout + outcome.stderr).not.toContain("secret");
    expect(api.changes).toEqual([]);
  });

  test("the placeholder of Hyperdrive's id is refused", async () => {
    await makeProject("hyperdrive", "wrangler.toml");
    const { code, stderr } = await sluice(["deploy"]);
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/^wrangler\.toml:\d+:1: the id is a placeholder; run "npx wrangler hyperdrive create/),
    ]);
    expect(api.changes).toEqual([]);
  });

  test("a database that does not answer is named, without its password", async () => {
    await makeProject("neon", "wrangler.toml");
    const url = "postgresql://me:secret@nowhere.invalid:5433/app";
    const { code, stderr } = await sluice(["deploy"], { DATABASE_URL: url });
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/^PostgreSQL at nowhere\.invalid:5433\/app does not answer: /),
    ]);
    expect(stderr).not.toContain("secret");
  });
});
