/**
 * Compares bucket and registry: objects that no row names, rows whose object is missing. If R2's keys are among the
 * settings or in the environment, it also shows multipart uploads that were left open; the sweep ends them.
 *
 *     sluice reconcile --dry-run             local: reads and reports, changes nothing
 *     sluice reconcile                          local: a whole run, as the deployment makes one each week
 *     sluice reconcile --remote [--dry-run]  the deployed bucket and database; needs `wrangler login`
 *
 * It reaches the bindings of wrangler's configuration through wrangler's platform proxy, so the Worker needs no route for it.
 */
import { parseArgs } from "node:util";
import { createReconcileTable, type ReconcileTable } from "../../runtime/files/reconcile-table.ts";
import { compare, reconcile, type Comparison } from "../../runtime/files/reconcile.ts";
import { createFileCleanup } from "../../runtime/files/cleanup.ts";
import { lostAmong } from "../../runtime/files/sweep-uploads.ts";
import type { ObjectStore } from "../../runtime/storage/object-store.ts";
import type { R2Access } from "../../runtime/storage/r2/access.ts";
import { createUploadList } from "../../runtime/storage/r2/uploads.ts";
import type { UploadMarker } from "../../runtime/storage/r2/upload-page.ts";
import { deploymentFlags, loadRuntime, connectDeployment, type ProxyBindings } from "../open-deployment.ts";
import { runCommand } from "../run-command.ts";
import { createStyle } from "../terminal/style.ts";

const readOptions = () =>
  parseArgs({ options: { ...deploymentFlags, "dry-run": { type: "boolean", default: false } } }).values;

const style = createStyle(process.stdout);
/** Of one tick of a real run: there is nobody here to wait for. */
const MAX_PAGES = 100;

const { createR2Store } = (await loadRuntime("runtime/storage/r2/store")) as {
  readonly createR2Store: (bucket: unknown) => ObjectStore;
};
const { readR2Access } = (await loadRuntime("runtime/settings")) as {
  readonly readR2Access: (environment: ProxyBindings) => R2Access | null;
};

interface Compared {
  readonly store: ObjectStore;
  readonly table: ReconcileTable;
}

function show(title: string, keys: readonly string[]): void {
  if (keys.length === 0) return;
  console.log(`\n  ${style.bold(`${title}: ${keys.length}`)}`);
  for (const key of keys.slice(0, 50)) console.log(`  ${key}`);
  if (keys.length > 50) console.log(style.dim(`  … and ${keys.length - 50} more`));
}

async function dryRun({ store, table }: Compared): Promise<void> {
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

async function realRun({ store, table }: Compared): Promise<void> {
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
async function showLostUploads(settings: ProxyBindings, cleanup: Parameters<typeof lostAmong>[1]): Promise<void> {
  try {
    const access = readR2Access(settings);
    if (access === null) return;
    const now = new Date();
    const list = createUploadList(access, now);
    const lost: string[] = [];
    let after: UploadMarker | null = null;
    do {
      const { uploads, next } = await list(after);
      lost.push(...(await lostAmong(uploads, cleanup, now)).map(({ key }) => key));
      after = next;
    } while (after !== null);
    show(`Uploads in parts left open in ${access.bucket}, for the sweep to end`, lost);
    console.log(`\n  Uploads in parts left open: ${lost.length}`);
  } catch (error) {
    console.log(`\n  Uploads in parts: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function connectAndRun({ "dry-run": isDry, ...flags }: ReturnType<typeof readOptions>): Promise<true> {
  const { database, dialect, bindings, close } = await connectDeployment(flags);
  try {
    const bound = await bindings();
    const compared = { store: createR2Store(bound["BUCKET"]), table: createReconcileTable(database, dialect) };
    await (isDry ? dryRun(compared) : realRun(compared));
    await showLostUploads({ ...process.env, ...bound }, createFileCleanup(database, dialect));
    return true;
  } finally {
    await close();
  }
}

await runCommand(readOptions, connectAndRun);
