/** `npm run dev` while ABIs are being written, on a copy of the project: wrong ones must not keep callers waiting. */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { anyFreePort } from "../../../src/compiler/sql/postgres/free-port.ts";
import { projectFolder, waitForExit } from "../../../src/cli/local/wrangler.ts";

const copied = "src abis migrations public wrangler.toml package.json tsconfig.json";

let copy = "";
let server: ChildProcess | null = null;
let origin = "";
let output = "";

beforeAll(async () => {
  copy = mkdtempSync(join(tmpdir(), "sluice-dev-"));
  for (const path of [...copied.split(" "), "tsconfig.base.json"]) {
    cpSync(join(projectFolder, path), join(copy, path), { recursive: true });
  }
  symlinkSync(join(projectFolder, "node_modules"), join(copy, "node_modules"));
  const port = await anyFreePort();
  origin = `http://localhost:${String(port)}`;
  server = spawn(process.execPath, ["src/cli/sluice.ts", "dev", "--port", String(port)], { cwd: copy });
  for (const stream of [server.stdout, server.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => void (output += text));
  }
  await printed("reloads on change");
}, 240_000);

afterAll(async () => {
  if (server !== null && server.exitCode === null) {
    const ended = waitForExit(server);
    server.kill("SIGINT");
    await ended;
  }
  rmSync(copy, { recursive: true, force: true, maxRetries: 5 });
});

const soon = { timeout: 120_000, interval: 200 };

const printed = (text: string): Promise<void> => vi.waitFor(() => expect(output).toContain(text), soon);

/** Without a token: 401 from an endpoint, 404 where there is none. @throws where nobody answers in time */
const statusOf = async (path: string): Promise<number> =>
  (await fetch(`${origin}/${path}`, { method: "POST", signal: AbortSignal.timeout(30_000) })).status;

function change(name: string, from: string, to: string): void {
  const path = join(copy, name);
  writeFileSync(path, readFileSync(path, "utf8").replace(from, to));
}

test("a fault is told once, the plans that compiled before answer; a deployment fails on it", async () => {
  expect(await statusOf("my-gallery")).toBe(401);
  change("abis/my-gallery.json", '"resource"', '"resourse"');
  await printed("What was compiled before goes on serving.");
  expect(await statusOf("my-gallery")).toBe(401);
  const told = "abis/my-gallery.json/resourse: unknown property";
  expect(output.split(told)).toHaveLength(2);

  const wrangler = join(projectFolder, "node_modules/wrangler/bin/wrangler.js");
  const deployment = spawnSync(process.execPath, [wrangler, "deploy", "--dry-run", "--outdir", join(copy, "dist")], {
    cwd: copy,
    encoding: "utf8",
    env: { ...process.env, WRANGLER_SEND_METRICS: "false", NO_COLOR: "1" },
  });
  expect([deployment.status, deployment.stdout + deployment.stderr]).toEqual([1, expect.stringContaining(told)]);

  change("abis/my-gallery.json", '"resourse": "my-gallery"', '"resource": "my-pictures"');
  await vi.waitFor(async () => expect(await statusOf("my-pictures")).toBe(401), soon);
  expect(await statusOf("my-gallery")).toBe(404);
}, 240_000);

test("a migration that does not apply is told without a trace, and callers are answered", async () => {
  writeFileSync(join(copy, "migrations/d1/0099_broken.sql"), "CREATE TABL x (id text);\n");
  output = "";
  change("abis/my-gallery.json", "LIMIT 50", "LIMIT 49");
  await printed("What was compiled before goes on serving.");
  expect(output).toContain('migrations/d1/0099_broken.sql:1: near "TABL": syntax error\n');
  expect(output).not.toContain("    at ");
  expect(await statusOf("my-pictures")).toBe(401);
}, 240_000);
