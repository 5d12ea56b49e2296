/** The operators' commands on each database: a project of one's own, and what they leave in its tables. */
import { onD1, onPostgres } from "../../../src/contract/tables.ts";
import { execFile } from "node:child_process";
import { cp, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Cluster } from "../../../src/compiler/sql/postgres/throw-away-cluster.ts";
import { startCluster } from "../../../src/compiler/sql/postgres/throw-away-cluster.ts";
import { root } from "../../unit/compiler/support.ts";

const wranglerToml = (database: string) => `name = "operated"
main = "src/worker.ts"
compatibility_date = "2026-10-20"
[[r2_buckets]]
binding = "BUCKET"
bucket_name = "operated"
[[d1_databases]]
binding = "DB"
database_id = "operated"
migrations_dir = "migrations/d1"
[vars]
DATABASE = "${database}"
FILE_API = "on"
FILE_API_QUOTA = "files:5"
[secrets]
required = ["DATABASE_URL"]
`;

const NOW = "2026-01-22T12:00:00.000Z";
const rowsOf = (own: (table: string) => string) => [
  `INSERT INTO ${own("files")} (id, storage_key, status, visibility, endpoint, original_file_name, file_type, extension, created_at, updated_at)
   VALUES ('f1', 'e/lost.txt', 'stored', 'public', 'e', 'a', 'text/plain', 'txt', '${NOW}', '${NOW}')`,
  ...["one", "two"].map(
    (id) =>
      `INSERT INTO ${own("jobs")} (id, endpoint, origin, fingerprint, state, priority, attempts, context, files, problem, due_at, wake_at, created_at, updated_at)
       VALUES ('${id}', 'e', 'call', 'f', 'dead', 1, 3, '{"payload":{"secret":1}}', '[]', '{"code":"row_rejected"}', '${NOW}', '${NOW}', '${NOW}', '${NOW}')`,
  ),
];

let cluster: Cluster | null = null;
beforeAll(async () => {
  cluster = await startCluster();
}, 60_000);
afterAll(() => cluster?.stop());

describe.each(["d1", "neon"])("%s", (database) => {
  let folder = "";
  const own = database === "d1" ? onD1 : onPostgres;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "sluice-operators-"));
    for (const name of ["abis", "migrations", "package.json"]) {
      await cp(join(root, name), join(folder, name), { recursive: true });
    }
    await symlink(join(root, "node_modules"), join(folder, "node_modules"));
    await writeFile(join(folder, "wrangler.toml"), wranglerToml(database));
    await run("migrate");
    for (const sql of rowsOf(own)) await query(sql);
  }, 60_000);
  afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));

  /** What a command writes to its output. @throws Error with what it writes when it fails */
  function run(command: string, ...parameters: readonly string[]): Promise<string> {
    const script = join(root, "src/cli/sluice.ts");
    const env = { ...process.env, DATABASE_URL: cluster?.url ?? "", NO_COLOR: "1" };
    return new Promise((resolve, reject) => {
      execFile(process.execPath, [script, command, ...parameters], { cwd: folder, env }, (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else reject(new Error(stderr + stdout));
      });
    });
  }

  async function query(sql: string): Promise<unknown[]> {
    if (database === "d1") {
      const state = join(folder, ".wrangler/state/v3/d1/miniflare-D1DatabaseObject");
      const name = (await readdir(state)).find((file) => /^[0-9a-f]+\.sqlite$/.test(file)) ?? "";
      const file = new DatabaseSync(join(state, name));
      const found = file.prepare(sql).all();
      file.close();
      return found.map((row) => ({ ...row }));
    }
    const client = new pg.Client({ connectionString: cluster?.url ?? "" });
    await client.connect();
    const { rows: found } = await client.query<Record<string, unknown>>(sql);
    await client.end();
    return found;
  }

  test("links: revokes those of one owner, or all", async () => {
    await run("links", "revoke-owner", "o'brien");
    expect(await run("links", "revoke-all")).toBe("Revoked: all links\n");
    expect(await query(`SELECT scope, epoch FROM ${own("link_epochs")} ORDER BY scope`)).toEqual([
      { scope: "all", epoch: 1 },
      { scope: "owner:o'brien", epoch: 1 },
    ]);
    await expect(run("links", "revoke-owner")).rejects.toThrow("Say whose links");
  });

  test("jobs: lists, shows, retries and drops", async () => {
    const lines = (await run("jobs", "list", "--state", "dead")).split("\n");
    expect(lines.slice(1)).toEqual([
      `one  e         dead          3  ${NOW}  row_rejected`,
      `two  e         dead          3  ${NOW}  row_rejected`,
      "2 shown; in all 2 dead",
      "",
    ]);
    const shown = await run("jobs", "show", "one");
    expect(JSON.parse(shown)).toMatchObject({ id: "one", problem: { code: "row_rejected" }, early_steps: [] });
    expect(shown).not.toContain("secret");
    await run("jobs", "retry", "one");
    await run("jobs", "drop", "two");
    expect(await query(`SELECT id, state, attempts FROM ${own("jobs")}`)).toEqual([
      { id: "one", state: "queued", attempts: 0 },
    ]);
    await expect(run("jobs", "drop", "one")).rejects.toThrow("Not dropped");
  });

  test("recount: tells what quotas miss, counts it, and finds nothing the second time", async () => {
    const uploads = { allowed_mimetypes: ["text/plain"], quota: { files: 5, per: "$PROTECTED.id" } };
    const abi = {
      id: "counted",
      resource: "counted",
      tokenize: { type: "JWT", algorithm: "HS256", encryption_key: "$ENV.JWT_SECRET_KEY" },
      protected: { provide_as: "x-access-token", extract_claims: ["id"] },
      actionables: [{ id: 1, mode: "UPLOAD", uploads }],
    };
    await writeFile(join(folder, "abis/counted.json"), JSON.stringify(abi));
    expect(await run("recount", "--check")).toBe("  Every count is what the rows of files say.\n");
    await query(`UPDATE ${own("files")} SET endpoint = 'counted', owner = 'ann', file_size = 7`);
    await expect(run("recount", "--check")).rejects.toThrow("counted: 1 file does not count for the quota counted yet");
    expect(await query(`SELECT name FROM ${own("quotas")}`)).toEqual([]);
    expect(await run("recount")).toContain(
      "  counted ann: counts 0 bytes in 0 files, and there are 7 bytes in 1 file\n  Counts set: 1\n",
    );
    expect(await run("recount", "--check")).toBe("  Every count is what the rows of files say.\n");
    await query(`UPDATE ${own("quotas")} SET files = 3`);
    await expect(run("recount", "--check")).rejects.toThrow("counted ann: counts 7 bytes in 3 files");
    await run("recount");
    await query(`UPDATE ${own("files")} SET endpoint = 'v1/upload'`);
    expect(await run("recount")).toContain("v1/upload ann: counts 0 bytes in 0 files, and there are 7 bytes in 1 file");
    await query(`UPDATE ${own("files")} SET status = 'gone'`);
    expect(await run("recount", "--check")).toBe("  Every count is what the rows of files say.\n");
    await query(`UPDATE ${own("files")} SET status = 'stored', quota = NULL`);
    await expect(run("recount", "now")).rejects.toThrow("Usage: sluice recount");
  });

  test("thumbnails: wants those of endpoints that have some, once", async () => {
    const uploads = { allowed_mimetypes: ["image/*"], thumbnails: [{ name: "small", max_edge: 320 }] };
    const abi = { id: "pictured", resource: "pictured", actionables: [{ id: 1, mode: "UPLOAD", uploads }] };
    await writeFile(join(folder, "abis/pictured.json"), JSON.stringify(abi));
    const waiting = (count: number) =>
      `  ${String(count)} ${count === 1 ? "picture" : "pictures"} waiting for thumbnails: the Worker's sweeps make them\n`;
    await query(`UPDATE ${own("files")} SET file_type = 'image/png', endpoint = 'another'`);
    expect(await run("thumbnails")).toBe(waiting(0));
    expect(await run("thumbnails", "--missing")).toBe(`  0 pictures without thumbnails, of pictured\n${waiting(0)}`);
    await query(`UPDATE ${own("files")} SET endpoint = 'pictured'`);
    expect(await run("thumbnails", "--missing")).toBe(`  1 picture without thumbnails, of pictured\n${waiting(1)}`);
    expect(await run("thumbnails", "--missing")).toBe(`  0 pictures without thumbnails, of pictured\n${waiting(1)}`);
    await query(`UPDATE ${own("files")} SET file_type = 'text/plain', endpoint = 'e', thumbnails = NULL`);
    await expect(run("thumbnails", "now")).rejects.toThrow("Usage: sluice thumbnails");
  });

  test("reconcile: tells of rows without an object, and changes nothing", async () => {
    const told = await run("reconcile", "--dry-run");
    expect(told).toContain("Rows without an object: 1\n  e/lost.txt\n");
    expect(told).toContain("Objects compared: 0. Nothing was changed.");
    expect(await query(`SELECT status FROM ${own("files")}`)).toEqual([{ status: "stored" }]);
  });
});
