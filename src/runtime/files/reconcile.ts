/**
 * Reconciles bucket and registry: finds objects without a row, and rows without their object. Neither occurs while the
 * runtime works as designed; a restored backup or a manual change to the bucket can cause both. Nothing is removed at
 * the first look: a finding is recorded and reported, and looked at again an hour later or more, by the next run. Every
 * run is cut into ticks of bounded length, and a tick that is killed is repeated by the next.
 */
import { readOwnKey, type ObjectKey } from "../storage/object-key.ts";
import type { ObjectStore } from "../storage/object-store.ts";
import type { Finding, ReconcileRun, ReconcileTable } from "./reconcile-table.ts";

/** What was compared between two keys. */
export interface Comparison {
  readonly objects: number;
  /** With a key of the runtime's own form, but no row in any status. */
  readonly objectsWithoutRow: readonly string[];
  /** Without a row too, but with a key of another form: somebody else put them there, and they stay. */
  readonly foreignObjects: readonly string[];
  /** Of stored files. */
  readonly rowsWithoutObject: readonly string[];
  /** Where the next comparison begins; null at the end. */
  readonly next: string | null;
}

export interface ReconcileReport {
  readonly objects: number;
  /** Of this tick; the first few of each kind are named. */
  readonly found: Readonly<Record<"objectsWithoutRow" | "rowsWithoutObject" | "foreignObjects", Sample>>;
  /** Found a second time, and removed. */
  readonly removedObjects: number;
  readonly removedRows: number;
  /** False: the next tick continues. */
  readonly isDone: boolean;
}

interface Sample {
  readonly count: number;
  readonly first: readonly string[];
}

export interface ReconcileOptions {
  /** Begins a run although the last one is less than a week old. */
  readonly isForced: boolean;
  /** Pages of the bucket in this tick. */
  readonly maxPages: number;
  /** Keys of a page; absent: as many as R2 lists at once. */
  readonly pageKeys?: number;
}

const WEEK_SECONDS = 7 * 86_400;
/** Least time between the first look and the second. */
const SECOND_LOOK_SECONDS = 3600;
/** Keys of one page: what R2 lists at once. */
const PAGE_KEYS = 1000;
/**
 * Findings looked at again in one tick; each may cost a call:
 * https://developers.cloudflare.com/workers/platform/limits/
 */
const MAX_FINDINGS = 200;
/** Rows of one page whose object is looked up by name. */
const MAX_CHECKS = 100;
const MAX_NAMED = 20;

/** Runs one tick. Null: no run is under way, and none is due. */
export async function reconcile(
  store: ObjectStore,
  table: ReconcileTable,
  now: Date,
  { isForced, maxPages, pageKeys = PAGE_KEYS }: ReconcileOptions,
): Promise<ReconcileReport | null> {
  const before = (seconds: number) => new Date(now.getTime() - seconds * 1000).toISOString();
  const last = await table.readRun();
  const isUnderWay = last !== null && last.phase !== "idle";
  if (!isUnderWay && last !== null && !isForced && last.startedAt > before(WEEK_SECONDS)) return null;
  let run: ReconcileRun = isUnderWay ? last : { phase: "confirming", position: "", startedAt: now.toISOString() };
  const removed = { objects: 0, rows: 0 };
  if (run.phase === "confirming") {
    const dueBy = new Date(Date.parse(run.startedAt) - SECOND_LOOK_SECONDS * 1000).toISOString();
    const findings = await table.findings(dueBy, MAX_FINDINGS);
    Object.assign(removed, await lookAgain(store, table, findings, now));
    run = findings.length === MAX_FINDINGS ? run : { ...run, phase: "passing" };
    await table.saveRun(run);
  }
  const pages: Comparison[] = [];
  while (run.phase === "passing" && pages.length < maxPages) {
    const page = await compare(store, table, run.position, pageKeys);
    await table.note("object_without_row", page.objectsWithoutRow, now.toISOString());
    await table.note("row_without_object", page.rowsWithoutObject, now.toISOString());
    run = page.next === null ? { ...run, phase: "idle", position: "" } : { ...run, position: page.next };
    await table.saveRun(run);
    pages.push(page);
  }
  return report(pages, removed, run.phase === "idle");
}

/** One page of the bucket, and the rows between its first and its last key. Changes nothing. */
export async function compare(
  store: ObjectStore,
  table: ReconcileTable,
  after: string,
  pageKeys: number = PAGE_KEYS,
): Promise<Comparison> {
  const page = await store.list(after, pageKeys);
  const end = page.isLast ? null : (page.keys.at(-1) ?? null);
  const stored = await table.storedKeys(after, end, pageKeys);
  const present = new Set(page.keys);
  const unlisted = stored.filter((key) => !present.has(key));
  // More rows than objects: this page ends where its rows do, or where they have cost enough calls.
  const lastRow = stored.length === pageKeys ? stored.at(-1) : undefined;
  const cut = unlisted.length > MAX_CHECKS ? unlisted[MAX_CHECKS - 1] : lastRow;
  const keys = cut === undefined ? page.keys : page.keys.filter((key) => key <= cut);
  const owned = keys.length === 0 ? new Set<string>() : await table.ownedAmong(keys);
  const alone = keys.filter((key) => !owned.has(key));
  return {
    objects: keys.length,
    objectsWithoutRow: alone.filter((key) => readOwnKey(key) !== null),
    foreignObjects: alone.filter((key) => readOwnKey(key) === null),
    // Stored since the page was listed, or sorted differently by the database than by R2: the object itself decides.
    rowsWithoutObject: await missingAmong(store, unlisted.slice(0, MAX_CHECKS)),
    next: cut ?? end,
  };
}

async function missingAmong(store: ObjectStore, keys: readonly string[]): Promise<string[]> {
  const missing: string[] = [];
  for (const key of keys) if (!(await store.has(key))) missing.push(key);
  return missing;
}

/** Removes what is still as it was found, and forgets the other findings. */
async function lookAgain(store: ObjectStore, table: ReconcileTable, findings: readonly Finding[], now: Date) {
  if (findings.length === 0) return { objects: 0, rows: 0 };
  const keysOf = (kind: Finding["kind"]) => findings.filter((finding) => finding.kind === kind).map(({ key }) => key);
  const alone = keysOf("object_without_row");
  const owned = await table.ownedAmong(alone);
  const objects = alone.filter((key) => !owned.has(key)).map(readOwnKey);
  const keys: ObjectKey[] = objects.filter((key) => key !== null);
  if (keys.length > 0) await store.delete(keys);
  const stored = await table.storedAmong(keysOf("row_without_object"));
  const rows = await missingAmong(store, [...stored]);
  if (rows.length > 0) await table.abandonRows(rows, now.toISOString());
  await table.dropFindings(findings.map(({ key }) => key));
  return { objects: keys.length, rows: rows.length };
}

function report(
  pages: readonly Comparison[],
  removed: { readonly objects: number; readonly rows: number },
  isDone: boolean,
): ReconcileReport {
  const sample = (name: "objectsWithoutRow" | "rowsWithoutObject" | "foreignObjects"): Sample => {
    const keys = pages.flatMap((page) => page[name]);
    return { count: keys.length, first: keys.slice(0, MAX_NAMED) };
  };
  return {
    objects: pages.reduce((sum, page) => sum + page.objects, 0),
    found: {
      objectsWithoutRow: sample("objectsWithoutRow"),
      rowsWithoutObject: sample("rowsWithoutObject"),
      foreignObjects: sample("foreignObjects"),
    },
    removedObjects: removed.objects,
    removedRows: removed.rows,
    isDone,
  };
}
