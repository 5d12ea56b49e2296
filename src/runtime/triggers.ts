/** What runs without a caller: by schedule and from queues. */
import { everyMinute } from "../contract/bindings.ts";
import type { BackgroundWork } from "./build.ts";
import type { Deployment } from "./deployment.ts";
import { createFileCleanup, type FileCleanup } from "./files/cleanup.ts";
import { reconcile } from "./files/reconcile.ts";
import { createReconcileTable } from "./files/reconcile-table.ts";
import { createFileRegistry } from "./files/registry.ts";
import { sweepFiles } from "./files/sweep.ts";
import { sweepUploads } from "./files/sweep-uploads.ts";
import { createIdempotencyKeys } from "./idempotency/keys.ts";
import { forgetJobs } from "./jobs/operations.ts";
import { createLinkRegistry } from "./links/registry.ts";
import { sweepLinks } from "./links/sweep.ts";
import type { Log } from "./log.ts";
import { readR2Access } from "./settings.ts";
import { createUploadList } from "./storage/r2/uploads.ts";

/** The most keys that one sweep removes; the rest waits for the next. */
const MAX_FORGOTTEN_KEYS = 10_000;
const MAX_RECONCILE_PAGES = 5;
const MAX_FORGOTTEN_JOBS = 10_000;

/**
 * The sweep: see files/sweep, and files/reconcile for what it does once a week. A part that fails does not keep the
 * others from running. @throws Error at the end that names those that failed
 */
export async function sweep(deployment: Deployment): Promise<void> {
  const { database, dialect, store, log } = deployment;
  const registry = createFileRegistry(database, dialect);
  const now = new Date();
  const { part, failed } = createParts(log);
  const cleanup = createFileCleanup(database, dialect);
  const files = await part("files", () => sweepFiles(cleanup, registry, store, now));
  const uploads = await part("uploads", () => sweepOpenUploads(deployment, cleanup, now));
  const keys = await part("idempotency_keys", () =>
    createIdempotencyKeys(database, dialect).forgetOld(now, MAX_FORGOTTEN_KEYS),
  );
  const jobs = await part("jobs", () => forgetJobs(database, dialect, now.toISOString(), MAX_FORGOTTEN_JOBS));
  const links = await part("links", async () => {
    const { linkAuditSeconds } = deployment.settings;
    const forgotten = await sweepLinks(createLinkRegistry(database, dialect), linkAuditSeconds, now);
    return forgotten + (await deployment.features.uploadLinks.forget(deployment, linkAuditSeconds, now));
  });
  const revoked = await part("revoked_tokens", () => deployment.features.revocation.forget(deployment, now));
  const quotas = await part("quotas", () => deployment.features.quotas.forget(deployment, now));
  const thumbnails = await part("thumbnails", () => deployment.features.thumbnails.makeWanted(deployment));
  const records = { idempotency_keys: keys, jobs, links, revoked_tokens: revoked, quotas };
  log("info", "sweep", { ...files, uploads, ...records, thumbnails });
  const options = { isForced: false, maxPages: MAX_RECONCILE_PAGES };
  const report = await part("reconcile", () => reconcile(store, createReconcileTable(database, dialect), now, options));
  if (report !== null) log("info", "reconcile", report);
  if (failed.length > 0) throw new Error(`The sweep failed in part: ${failed.join(", ")}`);
}

/** Runs the parts of one sweep and notes which of them failed: their result is null. */
function createParts(log: Log) {
  const failed: string[] = [];
  const part = async <Result>(name: string, work: () => Promise<Result>): Promise<Result | null> => {
    try {
      return await work();
    } catch (error) {
      failed.push(name);
      log("error", "sweep_failed", { part: name, error: String(error) });
      return null;
    }
  };
  return { part, failed };
}

function sweepOpenUploads(
  { environment, store, log }: Deployment,
  cleanup: FileCleanup,
  now: Date,
): Promise<number | null> {
  const openList = () => {
    const access = readR2Access(environment);
    return access === null ? null : createUploadList(access, now);
  };
  return sweepUploads(openList, { store, cleanup }, now, (reason) => log("warn", "sweep_uploads_failed", { reason }));
}

const MINUTE_MILLISECONDS = 60_000;
const SWEEP_MINUTES = 10;

/** Handles a cron trigger: schedules and lost jobs each minute, the sweep every tenth. Any other trigger runs the sweep. */
export async function runScheduled(
  { cron, scheduledTime }: Pick<ScheduledController, "cron" | "scheduledTime">,
  deployment: Deployment,
  background: BackgroundWork,
): Promise<void> {
  if (cron !== everyMinute) return sweep(deployment);
  const minute = Math.floor(scheduledTime / MINUTE_MILLISECONDS);
  const ticking = async () => background.tick(deployment, minute * MINUTE_MILLISECONDS);
  const work = [ticking(), ...(minute % SWEEP_MINUTES === 0 ? [sweep(deployment)] : [])];
  // The Worker ends with the handler: a fault in one must not cut the other off.
  await Promise.allSettled(work);
  await Promise.all(work);
}
