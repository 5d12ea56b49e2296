/** A new project whose configuration is wrangler.jsonc, under `sluice dev`. */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { waitForExit } from "../../../src/cli/local/wrangler.ts";
import { anyFreePort } from "../../../src/compiler/sql/postgres/free-port.ts";
import { toJsonc } from "../../support/node/to-jsonc.ts";
import { root } from "../../unit/compiler/support.ts";

const command = join(root, "src/cli/sluice.ts");
let folder = "";
let origin = "";
let server: ChildProcess | null = null;
let output = "";

const soon = { timeout: 120_000, interval: 200 };

beforeAll(async () => {
  folder = join(mkdtempSync(join(tmpdir(), "sluice-jsonc-")), "my-uploads");
  spawnSync(process.execPath, [command, "init", folder]);
  for (const name of ["src", "node_modules"]) symlinkSync(join(root, name), join(folder, name));
  const manifest = join(folder, "package.json");
  writeFileSync(manifest, readFileSync(manifest, "utf8").replace('"my-uploads"', '"sluice"'));
  const toml = readFileSync(join(folder, "wrangler.toml"), "utf8").replace("npx sluice", `node ${command}`);
  writeFileSync(join(folder, "wrangler.jsonc"), toJsonc(toml));
  rmSync(join(folder, "wrangler.toml"));
  // Secrets are made up for what the file requires.
  rmSync(join(folder, ".dev.vars"));
  await start({});
}, 240_000);

async function start(more: Readonly<Record<string, string>>): Promise<void> {
  const port = await anyFreePort();
  origin = `http://localhost:${String(port)}`;
  output = "";
  server = spawn(process.execPath, [command, "dev", "--port", String(port)], {
    cwd: folder,
    env: { ...process.env, ...more },
  });
  for (const stream of [server.stdout, server.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => void (output += text));
  }
  await vi.waitFor(() => expect(output).toContain("reloads on change"), soon);
}

async function stop(): Promise<void> {
  if (server === null || server.exitCode !== null) return;
  const ended = waitForExit(server);
  server.kill("SIGINT");
  await ended;
}

afterAll(async () => {
  await stop();
  rmSync(join(folder, ".."), { recursive: true, force: true, maxRetries: 5 });
});

test("an upload is answered with its row, by secrets that were made up", async () => {
  const token = spawnSync(process.execPath, [command, "token", "--id", "u1"], { cwd: folder, encoding: "utf8" }).stdout;
  const body = new FormData();
  body.set("receipt", new Blob(["%PDF-1.7\n%%EOF\n"], { type: "application/pdf" }), "lunch.pdf");
  const headers = { authorization: `Bearer ${token.trim()}` };
  const answer = await fetch(`${origin}/receipts`, { method: "POST", headers, body });
  expect(await answer.json()).toMatchObject({ success: true, data: { name: "lunch.pdf" } });
});

test("a fault of the file is told with its place while the server runs, and mended", async () => {
  const path = join(folder, "wrangler.jsonc");
  const sound = readFileSync(path, "utf8");
  writeFileSync(path, sound.replace('"DATABASE": "d1"', '"DATABASE": "d2"'));
  const line = sound.slice(0, sound.indexOf('"DATABASE"')).split("\n").length;
  await vi.waitFor(() => expect(output).toContain(`wrangler.jsonc:${String(line)}:5: "d2" is no database`), soon);
  writeFileSync(path, sound);
  await vi.waitFor(async () => expect((await fetch(`${origin}/healthz`)).status).toBe(200), soon);
});

const listFiles = async () => (await fetch(`${origin}/v1/upload/all`)).status;

/** The same configuration with the file API switched over, and what its route then answers without a token. */
function switchOver(text: string): { readonly text: string; readonly before: number; readonly after: number } {
  const [off, on] = ['"DATABASE": "d1"', '"DATABASE": "d1", "FILE_API": "on"'];
  const isOn = text.includes(on);
  const [before, after] = isOn ? [401, 404] : [404, 401];
  return { text: isOn ? text.replace(on, off) : text.replace(off, on), before, after };
}

// Wrangler reads the file between the two steps, and its own watcher passes over the second of some.
test.each<[how: string, first: (path: string, text: string) => void, pauseMs: number]>([
  ["emptied and soon filled", (path) => writeFileSync(path, ""), 20],
  ["written by half and soon written whole", (path, text) => writeFileSync(path, text.slice(0, text.length / 2)), 40],
  ["emptied and later filled", (path) => writeFileSync(path, ""), 600],
  ["deleted and made anew", (path) => rmSync(path), 600],
  ["replaced by another", (path) => renameSync(`${path}.new`, path), 0],
])("what is in the file counts once it is %s", async (_, first, pauseMs) => {
  const path = join(folder, "wrangler.jsonc");
  const { text, before, after } = switchOver(readFileSync(path, "utf8"));
  await vi.waitFor(async () => expect(await listFiles()).toBe(before), soon);
  writeFileSync(`${path}.new`, text);
  first(path, text);
  await sleep(pauseMs);
  if (pauseMs > 0) writeFileSync(path, text);
  await vi.waitFor(async () => expect(await listFiles()).toBe(after), soon);
});

test("where wrangler no longer watches the file, it is started again", async () => {
  await stop();
  await start({ WRANGLER_CI_DISABLE_CONFIG_WATCHING: "true" });
  const path = join(folder, "wrangler.jsonc");
  const { text, before, after } = switchOver(readFileSync(path, "utf8"));
  expect(await listFiles()).toBe(before);
  writeFileSync(path, text);
  await vi.waitFor(async () => expect(await listFiles()).toBe(after), soon);
});
