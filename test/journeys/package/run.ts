/**
 * The package as a stranger gets it: packed, installed into an empty folder, a project made with it, an upload answered, an
 * endpoint and a table of one's own added while the server runs, a deployment tried dry.
 *
 *     npm run test:package
 */
import { execFile, spawn, type ChildProcess } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { publint } from "publint";
import { anyFreePort } from "../../../src/compiler/sql/postgres/free-port.ts";

const root = new URL("../../../", import.meta.url).pathname;
const MAX_PACKED_BYTES = 500_000;
/** Of this repository's own Worker, which has more endpoints. */
const MAX_BUNDLE_BYTES = 80 * 1024;

const work = await mkdtemp(join(tmpdir(), "sluice-package-"));
const project = join(work, "my-uploads");
// The Node of this repository, for the commands that the project runs.
const env = { ...process.env, PATH: `${join(root, "node_modules/.bin")}:${process.env["PATH"] ?? ""}`, NO_COLOR: "1" };
const running: { server?: ChildProcess } = {};
let log = "";

const run = async (cwd: string, command: string, ...parameters: readonly string[]): Promise<string> => {
  const { stdout, stderr } = await promisify(execFile)(command, [...parameters], { cwd, env, maxBuffer: 1 << 26 });
  return stdout + stderr;
};
const sluice = (...parameters: readonly string[]) =>
  run(project, process.execPath, join(project, "node_modules/sluice/lib/cli/sluice.js"), ...parameters);

function check(isTrue: boolean, what: string): void {
  if (!isTrue) throw new Error(what);
  console.log(`  ✓ ${what}`);
}

async function pack(): Promise<string> {
  await run(root, process.execPath, "tools/package.ts");
  const said = await run(join(root, "dist"), "npm", "pack", "--json", "--pack-destination", work);
  const [packed] = JSON.parse(said.slice(said.indexOf("["))) as readonly { filename: string; size: number }[];
  if (packed === undefined) throw new Error("npm packed nothing");
  check(packed.size <= MAX_PACKED_BYTES, `${packed.filename} has ${packed.size} bytes`);
  const faults = await publint({ pkgDir: join(root, "dist") });
  check(
    faults.messages.length === 0,
    `publint finds nothing${faults.messages.map(({ code }) => ` but ${code}`).join("")}`,
  );
  // Workers are ES modules: who requires them from CommonJS, or resolves as Node 10 did, has no use for them.
  await run(root, "node_modules/.bin/attw", join(work, basename(packed.filename)), "--profile", "esm-only", "--quiet");
  check(true, "declarations fit their modules (attw)");
  return join(work, basename(packed.filename));
}

async function install(tarball: string): Promise<void> {
  await run(work, process.execPath, join(root, "dist/lib/cli/sluice.js"), "init", "my-uploads");
  const path = join(project, "package.json");
  const manifest = JSON.parse(await readFile(path, "utf8")) as { dependencies: Record<string, string> };
  manifest.dependencies["sluice"] = `file:${tarball}`;
  await writeFile(path, JSON.stringify(manifest));
  await run(project, "npm", "install", "--no-audit", "--no-fund");
  const again = await run(work, process.execPath, join(root, "dist/lib/cli/sluice.js"), "init", "my-uploads");
  check(again.split("was there: left as it is").length === 14, "init touches nothing that exists");
}

async function startServer(): Promise<string> {
  const port = await anyFreePort();
  const began = performance.now();
  const command = join(project, "node_modules/sluice/lib/cli/sluice.js");
  const server = spawn(process.execPath, [command, "dev", "--port", String(port)], { cwd: project, env });
  running.server = server;
  for (const stream of [server.stdout, server.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => void (log += text));
  }
  await until(
    () => Promise.resolve(server.exitCode !== null || log.includes("reloads on change")),
    "the server answers",
  );
  if (server.exitCode !== null) throw new Error("The server ended");
  console.log(`  ✓ ready after ${((performance.now() - began) / 1000).toFixed(1)} s`);
  return `http://localhost:${port}`;
}

async function until(holds: () => Promise<boolean>, what: string): Promise<void> {
  const end = performance.now() + 90_000;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`Not within 90 s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

async function useIt(origin: string): Promise<void> {
  const token = (await sluice("token", "--id", "user_01")).trim();
  const headers = { "x-access-token": token };
  const body = new FormData();
  body.set("receipt", new Blob(["%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"], { type: "application/pdf" }), "lunch.pdf");
  const answer = await fetch(`${origin}/upload-receipt`, { method: "POST", headers, body });
  const { data } = (await answer.json()) as { data: readonly { name: string }[] };
  check(answer.status === 200 && data[0]?.name === "lunch.pdf", "the first upload is answered with its row");

  await writeFile(
    join(project, "migrations/0002_notes.sql"),
    "CREATE TABLE jobs (id TEXT PRIMARY KEY, text TEXT NOT NULL);\n",
  );
  await writeFile(
    join(project, "abis/note.json"),
    JSON.stringify({
      id: "note-01",
      resource: "note",
      actionables: [
        {
          id: 1,
          mode: "QUERY",
          sql_query: {
            query: "INSERT INTO jobs (id, text) VALUES ($1, $2) RETURNING id, text",
            parameters: ["$GENERATOR.KSUID", "$PAYLOAD.text"],
          },
        },
      ],
    }),
  );
  const note = () =>
    fetch(`${origin}/note`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ text: "mine" }),
    });
  await until(
    async () => (await note()).status === 200,
    "a table and an endpoint of one's own answer without a restart",
  );
  console.log("  ✓ a table and an endpoint of one's own answer without a restart");
}

async function deployDry(): Promise<void> {
  const out = join(work, "out");
  await run(project, process.execPath, "node_modules/wrangler/bin/wrangler.js", "deploy", "--dry-run", "--outdir", out);
  const scripts = (await readdir(out)).filter((name) => name.endsWith(".js"));
  const sizes = await Promise.all(scripts.map(async (name) => gzipSync(await readFile(join(out, name))).length));
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  check(bytes > 0 && bytes <= MAX_BUNDLE_BYTES, `the Worker has ${(bytes / 1024).toFixed(1)} KiB gzip`);
  check((await stat(join(project, ".dev.vars"))).mode % 0o1000 === 0o600, "secrets are the owner's alone to read");
}

try {
  await install(await pack());
  await useIt(await startServer());
  await deployDry();
  console.log("The package works in an empty folder.");
} catch (error) {
  console.error(log);
  console.error(error);
  process.exitCode = 1;
} finally {
  const { server } = running;
  if (server !== undefined && server.exitCode === null) {
    const ended = new Promise((resolve) => server.once("close", resolve));
    server.kill("SIGINT");
    await ended;
  }
  await rm(work, { recursive: true, force: true, maxRetries: 5 });
}
