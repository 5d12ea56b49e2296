/** From an empty folder to the first upload, a table and an endpoint of one's own, and a deployment tried dry. */
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { anyFreePort } from "../../../src/compiler/sql/postgres/free-port.ts";
import { addAccounts } from "./accounts.ts";
import { check, refusal, root, run, until } from "./commands.ts";
import { builtCommand, createProject, startDev, type Project } from "./project.ts";
import { addRateLimit } from "./rate-limit.ts";
import type { Server } from "./servers.ts";
import { budgetOf } from "../../../tools/bundle-budget.ts";
import { callerOf } from "./uploads.ts";

/** Of this repository's own Worker, which has more endpoints, and of accounts. */
const MAX_BUNDLE_BYTES = budgetOf("d1", ["fileApi", "issuing", "passwords", "bcrypt", "argon2"]);

export async function makeFirstProject(folder: string, tarball: string): Promise<Project> {
  const project = await createProject(folder, tarball);
  await checkEngines(project);
  const began = performance.now();
  const server = await startDev(project, await anyFreePort());
  check(true, `sluice dev answers after ${((performance.now() - began) / 1000).toFixed(1)} s`);
  const caller = await callerOf(project, server.origin);
  check((await caller.uploadReceipt("lunch.pdf")).name === "lunch.pdf", "the first upload is answered with its row");
  await addOwnTable(project, server);
  await addRateLimit(project, server);
  await addAccounts(project, server);
  await server.stop();
  await deployDry(project);
  return project;
}

/** Files that are there stay what they are, whatever their names. */
export async function checkFolderIsKept(folder: string, other: string): Promise<void> {
  const list = async (from: string): Promise<string[]> => {
    const entries = await readdir(from, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name).slice(from.length));
  };
  await run(folder, process.execPath, [builtCommand, "init", other]);
  const names = await list(join(folder, other));
  const kept = join(folder, "kept");
  const mine = [...names, "/src/mine.ts"];
  for (const name of mine) {
    await mkdir(join(kept, name, ".."), { recursive: true });
    await writeFile(join(kept, name), `mine: ${name}`);
  }
  const said = await run(folder, process.execPath, [builtCommand, "init", "kept", "--gallery"]);
  const texts = await Promise.all(mine.map((name) => readFile(join(kept, name), "utf8")));
  const isKept = texts.every((text, index) => text === `mine: ${mine[index]}`);
  check(
    isKept && (await list(kept)).length === mine.length,
    `init changes none of ${mine.length} files that are there`,
  );
  check(said.split("was there: left as it is").length === names.length + 1, "and names those that it left", said);
}

/** Secrets are not written to where a link leads. */
export async function checkLinkIsKept(folder: string): Promise<void> {
  const nowhere = join(folder, "nowhere");
  await mkdir(join(folder, "linked"));
  await symlink(nowhere, join(folder, "linked/.dev.vars"));
  await run(folder, process.execPath, [builtCommand, "init", "linked"]);
  check(!existsSync(nowhere), "init writes nothing to where a link leads");
}

/** Of the oldest wrangler that will do: a newer one says for itself what it needs. */
async function checkEngines({ folder }: Project): Promise<void> {
  const enginesIn = async (modules: string): Promise<string> => {
    const { engines } = JSON.parse(await readFile(join(modules, "package.json"), "utf8")) as { engines: unknown };
    return JSON.stringify(engines);
  };
  const own = await enginesIn(join(folder, "node_modules/sluice"));
  const wranglers = await enginesIn(join(root, "node_modules/wrangler"));
  check(own === wranglers, `engines are wrangler's: ${own}`, wranglers);
}

async function addOwnTable(project: Project, { origin }: Server): Promise<void> {
  await project.write("migrations/0002_notes.sql", "CREATE TABLE jobs (id TEXT PRIMARY KEY, text TEXT NOT NULL);\n");
  const sql_query = {
    query: "INSERT INTO jobs (id, text) VALUES ($1, $2) RETURNING id, text",
    parameters: ["$GENERATOR.KSUID", "$PAYLOAD.text"],
  };
  const note = { id: "note-01", resource: "note", actionables: [{ id: 1, mode: "QUERY", sql_query }] };
  await project.write("abis/note.json", JSON.stringify(note));
  const what = "a table and an endpoint of one's own answer without a restart";
  const headers = { "content-type": "application/json" };
  const send = () => fetch(`${origin}/note`, { method: "POST", headers, body: JSON.stringify({ text: "mine" }) });
  await until(async () => (await send()).status === 200, what);
  check(true, what);
}

async function deployDry(project: Project): Promise<void> {
  const out = join(project.folder, "../out");
  await project.wrangler("deploy", "--dry-run", "--outdir", out);
  const scripts = (await readdir(out)).filter((name) => /\.(?:js|wasm)$/.test(name));
  const sizes = await Promise.all(scripts.map(async (name) => gzipSync(await readFile(join(out, name))).length));
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  check(bytes > 0 && bytes <= MAX_BUNDLE_BYTES, `the Worker has ${(bytes / 1024).toFixed(1)} KiB gzip`);
  const placeholder = '\ndatabase_id = "00000000-0000-0000-0000-000000000000"';
  await project.edit("wrangler.toml", (text) => text.replace(/^binding = "DB"$/m, `$&${placeholder}`));
  const refused = await refusal(project.sluice("deploy"));
  await project.edit("wrangler.toml", (text) => text.replace(placeholder, ""));
  check(refused.includes("the id is a placeholder"), "deploy refuses the placeholder of the database's id", refused);
  const { mode } = await stat(join(project.folder, ".dev.vars"));
  check(mode % 0o1000 === 0o600, "secrets are the owner's alone to read");
}
