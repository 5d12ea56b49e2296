/**
 * From one version to the next: the package is installed, the database migrated with one command, nothing is lost, and the
 * Worker of the version before, which stands for the one that is deployed, answers all the while.
 */
import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { anyFreePort } from "../../../src/compiler/sql/postgres/free-port.ts";
import { laterMigrations } from "../../support/node/later-migrations.ts";
import { check, npm, refusal } from "./commands.ts";
import { checkGallery, checkPage } from "./gallery.ts";
import { startDev, type Project } from "./project.ts";
import { startServer, type Server } from "./servers.ts";
import { objectsOf, type Row, type Tables } from "./tables.ts";
import { callerOf, contentOf, type Caller } from "./uploads.ts";

export interface Upgrade {
  readonly project: Project;
  /** Of the version that is installed, and of the next. */
  readonly tarballs: { readonly now: string; readonly later: string };
  readonly readTables: () => Promise<Tables>;
  /** What the database calls the runtime's tables of files and of the later version. */
  readonly names: { readonly files: string; readonly later: string };
}

export async function checkUpgrade({ project, tarballs, readTables, names }: Upgrade): Promise<void> {
  const port = await anyFreePort();
  await project.sluice("migrate");
  const deployed = await startDeployed(project, port);
  await checkGallery(project, deployed.origin);
  const caller = await callerOf(project, deployed.origin);
  const stored = await storeFiles(caller);
  const before = { tables: await readTables(), objects: await objectsOf(project.folder) };

  await npm(project.folder, "install", tarballs.later);
  const said = await project.sluice("migrate");
  check(
    said.includes(`to apply  sluice/${laterMigrations.d1.name}`) && said.includes("1 applied"),
    "one command migrates",
    said,
  );
  checkNothingLost(before.tables, await readTables(), names);
  check(isDeepStrictEqual(await objectsOf(project.folder), before.objects), "no object is lost");
  await useWorker(caller, stored, "the version before");
  await deployed.stop();

  const server = await startDev(project, port);
  await checkPage(server.origin);
  const built = await readFile(join(project.folder, ".sluice/build.ts"), "utf8");
  check(built.includes('version: "0.2"'), "sluice dev writes .sluice anew", built);
  await useWorker(caller, stored, "the new version");
  const files = (await readTables()).get(names.files) ?? [];
  check(
    files.length > 4 && files.every(({ later }) => later === "x"),
    "the new column is there, of old and new files",
    files,
  );
  await server.stop();

  await npm(project.folder, "install", tarballs.now);
  const refused = await refusal(project.sluice("migrate"));
  const sentence = `sluice/${laterMigrations.d1.name} was applied by a newer version of Sluice than this one`;
  check(refused.includes(sentence), "the version before does not migrate what the new one has", refused);
}

/** What `sluice deploy` would send, served from a folder of its own: a package that is installed later is no part of it. */
async function startDeployed(project: Project, port: number): Promise<Server> {
  const folder = join(project.folder, "../deployed", project.folder.split("/").at(-1) ?? "");
  await mkdir(folder, { recursive: true });
  await project.wrangler("deploy", "--dry-run", "--outdir", folder);
  await cp(join(project.folder, ".dev.vars"), join(folder, ".dev.vars"));
  await cp(join(project.folder, "node_modules/sluice/public"), join(folder, "public"), { recursive: true });
  const toml = await readFile(join(project.folder, "wrangler.toml"), "utf8");
  const settings = toml
    .replace('main = ".sluice/worker.ts"', 'main = "worker.js"\nno_bundle = true')
    .replace(/^\[build\]\n(?:.+\n)+/m, "")
    .replace("node_modules/sluice/public", "public");
  await writeFile(join(folder, "wrangler.toml"), settings);
  const state = join(project.folder, ".wrangler/state");
  return startServer({ folder, command: [project.wranglerCommand, "dev", "--persist-to", state], port });
}

interface Stored {
  /** A link that reads each, by the name of the file. */
  readonly links: ReadonlyMap<string, string>;
}

async function storeFiles(caller: Caller): Promise<Stored> {
  const links = new Map<string, string>();
  for (const name of ["one.pdf", "two.pdf"]) await caller.uploadReceipt(name);
  const [open, closed] = [await caller.upload("open.pdf", "public"), await caller.upload("closed.pdf", "private")];
  links.set("open.pdf", open.url);
  links.set("closed.pdf", await caller.link(closed._id));
  for (const { _id, meta } of await caller.files()) {
    if (/^(?:one|two)/.test(meta.originalName)) links.set(meta.originalName, await caller.link(_id));
  }
  return { links };
}

function checkNothingLost(before: Tables, after: Tables, names: Upgrade["names"]): void {
  const withoutNew = (rows: readonly Row[] = []) =>
    rows.map((row) => Object.fromEntries(Object.entries(row).filter(([column]) => column !== "later")));
  const changed = [...before].filter(([name, rows]) => {
    const now = after.get(name);
    // The list of what was applied is longer by one.
    return !isDeepStrictEqual(withoutNew(now).slice(0, rows.length), withoutNew(rows));
  });
  check(changed.length === 0, `no row of ${before.size} tables is lost or changed`, changed);
  check(after.has(names.later) && !before.has(names.later), "the new version's table is there");
}

async function useWorker(caller: Caller, { links }: Stored, version: string): Promise<void> {
  for (const [name, link] of links) {
    const answer = await fetch(link);
    if (!answer.ok || (await answer.text()) !== contentOf(name))
      throw new Error(`${name}: ${answer.status} from ${link}`);
  }
  check(links.size === 4, `Worker of ${version}: links that were given before open`);
  const receipts = (await caller.receipts()).length;
  await caller.uploadReceipt("three.pdf");
  const { _id } = await caller.upload("four.pdf", "public");
  const ids = (await caller.files()).map((file) => file._id);
  await caller.remove(_id);
  const left = (await caller.files()).map((file) => file._id);
  const isDone =
    ids[0] === _id && isDeepStrictEqual(left, ids.slice(1)) && (await caller.receipts()).length === receipts + 1;
  check(isDone, `Worker of ${version}: uploads, lists, reads, deletes`, { ids, left });
}
