/**
 * Compares bucket and registry: objects that no row names, rows whose object is missing. If R2's keys are among the
 * settings or in the environment, it also shows multipart uploads that were left open; the sweep ends them.
 *
 *     npm run reconcile -- --dry-run             local: reads and reports, changes nothing
 *     npm run reconcile                          local: a whole run, as the deployment makes one each week
 *     npm run reconcile -- --remote [--dry-run]  the deployed bucket and database; needs `wrangler login`
 *
 * It reaches the bindings of wrangler.toml through wrangler's platform proxy, so the Worker needs no route for it.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { getPlatformProxy, unstable_readConfig as readConfig } from "wrangler";
import { createReconcileTable, type ReconcileTable } from "../runtime/files/reconcile-table.ts";
import { compare, reconcile, type Comparison } from "../runtime/files/reconcile.ts";
import { lostAmong } from "../runtime/files/sweep-uploads.ts";
import type { Engine } from "../runtime/database/engine.ts";
import type { ObjectStore } from "../runtime/storage/object-store.ts";
import type { R2Access } from "../runtime/storage/r2/access.ts";
import { createUploadList } from "../runtime/storage/r2/uploads.ts";
import type { UploadMarker } from "../runtime/storage/r2/upload-page.ts";
import { projectFolder } from "./local/wrangler.ts";
import { createStyle } from "./terminal/style.ts";

const { values: asked } = parseArgs({
  options: {
    "dry-run": { type: "boolean", default: false },
    remote: { type: "boolean", default: false },
    "persist-to": { type: "string", default: join(projectFolder, ".wrangler/state") },
  },
});
const style = createStyle(process.stdout);
const configPath = join(projectFolder, "wrangler.toml");
/** Of one tick of a real run: there is nobody here to wait for. */
const MAX_PAGES = 100;

process.env["WRANGLER_SEND_METRICS"] ??= "false";

/** Modules of the Worker whose types are workerd's: this file's are Node's, and the two cannot be in one program. */
const load = (path: string): Promise<unknown> => import(new URL(path, import.meta.url).href);
const { engine } = (await load("../src/generated/engine.ts")) as { readonly engine: Engine };
const { createR2Store } = (await load("../src/storage/r2-store.ts")) as {
  readonly createR2Store: (bucket: unknown) => ObjectStore;
};
const { readR2Access } = (await load("../src/settings.ts")) as {
  readonly readR2Access: (environment: Readonly<Record<string, unknown>>) => R2Access | null;
};

/** Only what is compared, on the account's own bucket and database. */
async function writeRemoteConfig(folder: string): Promise<string> {
  const { name, compatibility_date, r2_buckets, d1_databases, hyperdrive, vars } = readConfig({ config: configPath });
  const remote = <Binding extends object>(bindings: readonly Binding[]) =>
    bindings.map((binding) => ({ ...binding, remote: true }));
  const config = {
    name,
    compatibility_date,
    vars,
    r2_buckets: remote(r2_buckets),
    d1_databases: remote(d1_databases),
    hyperdrive,
  };
  const path = join(folder, "wrangler.json");
  await writeFile(path, JSON.stringify(config));
  return path;
}

interface Opened {
  readonly store: ObjectStore;
  readonly table: ReconcileTable;
  readonly settings: Readonly<Record<string, unknown>>;
  close(): Promise<void>;
}

async function open(): Promise<Opened> {
  const folder = await mkdtemp(join(tmpdir(), "sluice-reconcile-"));
  const proxy = await getPlatformProxy({
    configPath: asked.remote ? await writeRemoteConfig(folder) : configPath,
    persist: { path: join(asked["persist-to"], "v3") },
    remoteBindings: asked.remote,
  });
  const settings = { ...process.env, ...proxy.env };
  const text = (name: string) => {
    const value = settings[name];
    if (typeof value !== "string") throw new Error(`${name} is not set: put it into .dev.vars or the environment`);
    return value;
  };
  const database = engine.open({ text, binding: (name) => proxy.env[name] });
  return {
    store: createR2Store(proxy.env["BUCKET"]),
    table: createReconcileTable(database, engine.dialect),
    settings,
    async close() {
      await proxy.dispose();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function show(title: string, keys: readonly string[]): void {
  if (keys.length === 0) return;
  console.log(`\n  ${style.bold(`${title}: ${keys.length}`)}`);
  for (const key of keys.slice(0, 50)) console.log(`  ${key}`);
  if (keys.length > 50) console.log(style.dim(`  … and ${keys.length - 50} more`));
}

async function dryRun({ store, table }: Opened): Promise<void> {
  const pages: Comparison[] = [];
  for (let after: string | null = ""; after !== null;) {
    const page: Comparison = await compare(store, table, after);
    pages.push(page);
    after = page.next;
  }
  const all = (name: "objectsWithoutRow" | "rowsWithoutObject" | "foreignObjects") =>
    pages.flatMap((page) => page[name]);
  show("Objects without a row", all("objectsWithoutRow"));
  show("Rows without an object", all("rowsWithoutObject"));
  show("Objects of somebody else's, which always stay", all("foreignObjects"));
  const objects = pages.reduce((sum, page) => sum + page.objects, 0);
  console.log(`\n  Objects compared: ${objects}. Nothing was changed.`);
  const seen = await table.findings(new Date().toISOString(), 1000);
  if (seen.length > 0) {
    console.log(style.dim(`  ${seen.length} findings of earlier runs wait for a second look, an hour after the first`));
  }
}

async function realRun({ store, table }: Opened): Promise<void> {
  for (;;) {
    const report = await reconcile(store, table, new Date(), { isForced: true, maxPages: MAX_PAGES });
    if (report === null) return;
    const { found } = report;
    show("Objects without a row", found.objectsWithoutRow.first);
    show("Rows without an object", found.rowsWithoutObject.first);
    show("Objects of somebody else's, which always stay", found.foreignObjects.first);
    console.log(`\n  Objects compared: ${report.objects}. Found again and removed: objects ${report.removedObjects},`);
    console.log(
      `  rows ${report.removedRows}. What is new is looked at again by the next run, an hour from now or later.`,
    );
    if (report.isDone) return;
  }
}

/** Those that the sweep would end now. */
async function showLostUploads({ settings }: Opened): Promise<void> {
  try {
    const access = readR2Access(settings);
    if (access === null) return;
    const now = new Date();
    const list = createUploadList(access, now);
    const lost: string[] = [];
    let after: UploadMarker | null = null;
    do {
      const { uploads, next } = await list(after);
      lost.push(...lostAmong(uploads, now).map(({ key }) => key));
      after = next;
    } while (after !== null);
    show(`Uploads in parts left open in ${access.bucket}, for the sweep to end`, lost);
    console.log(`\n  Uploads in parts left open: ${lost.length}`);
  } catch (error) {
    console.log(`\n  Uploads in parts: ${error instanceof Error ? error.message : String(error)}`);
  }
}

const opened = await open();
try {
  await (asked["dry-run"] ? dryRun(opened) : realRun(opened));
  await showLostUploads(opened);
} finally {
  await opened.close();
}
