/** What runs without a caller: by schedule and from queues. Knows nothing of routes. */
import type { BackgroundWork, Build } from "./build.ts";
import type { Engine } from "./database/engine.ts";
import { createFileCleanup } from "./files/cleanup.ts";
import { createLinkRegistry } from "./links/registry.ts";
import { reconcile } from "./files/reconcile.ts";
import { createReconcileTable } from "./files/reconcile-table.ts";
import { createFileRegistry } from "./files/registry.ts";
import { sweepLinks } from "./links/sweep.ts";
import { sweepUploads } from "./files/sweep-uploads.ts";
import { sweepFiles } from "./files/sweep.ts";
import { forgetJobs } from "./jobs/forget-jobs.ts";
import { builtIn } from "./call/features.ts";
import { createIdempotencyKeys } from "./idempotency/keys.ts";
import { environmentOf, openDatabase } from "./services.ts";
import { readR2Access, readSettings } from "./settings.ts";
import type { ObjectStore } from "./storage/object-store.ts";
import { createR2Store } from "./storage/r2/store.ts";
import { createUploadList } from "./storage/r2/uploads.ts";

/** Of one sweep; the rest waits for the next. */
const MAX_FORGOTTEN_KEYS = 10_000;
const MAX_RECONCILE_PAGES = 5;
const MAX_FORGOTTEN_JOBS = 10_000;

/**
 * The scheduled part of the runtime: see files/sweep, and files/reconcile for what it does once a week. A part that fails
 * keeps no other from running. @throws Error at the end that names those that did
 */
export async function sweep(env: Env, engine: Engine): Promise<void> {
  const database = openDatabase(env, engine);
  const { dialect } = engine;
  const registry = createFileRegistry(database, dialect);
  const now = new Date();
  const store = createR2Store(env.BUCKET);
  const { part, failed } = createParts();
  const files = await part("files", () => sweepFiles(createFileCleanup(database, dialect), registry, store, now));
  const uploads = await part("uploads", () => sweepOpenUploads(env, store, now));
  const keys = await part("idempotency_keys", () =>
    createIdempotencyKeys(database, dialect).forgetOld(now, MAX_FORGOTTEN_KEYS),
  );
  const jobs = await part("jobs", () => forgetJobs(database, dialect, now.toISOString(), MAX_FORGOTTEN_JOBS));
  const links = await part("links", async () => {
    const { linkAuditSeconds } = readSettings(environmentOf(env));
    return sweepLinks(createLinkRegistry(database, dialect), linkAuditSeconds, now);
  });
  console.log(JSON.stringify({ event: "sweep", ...files, uploads, idempotency_keys: keys, jobs, links }));
  const options = { isForced: false, maxPages: MAX_RECONCILE_PAGES };
  const report = await part("reconcile", () => reconcile(store, createReconcileTable(database, dialect), now, options));
  if (report !== null) console.log(JSON.stringify({ event: "reconcile", ...report }));
  if (failed.length > 0) throw new Error(`The sweep failed in part: ${failed.join(", ")}`);
}

/** Runs parts of one whole, and notes which of them failed: their result is null. */
function createParts() {
  const failed: string[] = [];
  const part = async <Result>(name: string, work: () => Promise<Result>): Promise<Result | null> => {
    try {
      return await work();
    } catch (error) {
      failed.push(name);
      console.error(JSON.stringify({ event: "sweep_failed", part: name, error: String(error) }));
      return null;
    }
  };
  return { part, failed };
}

function sweepOpenUploads(env: Env, store: ObjectStore, now: Date): Promise<number | null> {
  const openList = () => {
    const access = readR2Access(environmentOf(env));
    return access === null ? null : createUploadList(access, now);
  };
  return sweepUploads(openList, store, now, (reason) => {
    console.warn(JSON.stringify({ event: "sweep_uploads_failed", reason }));
  });
}

/** https://developers.cloudflare.com/workers/configuration/cron-triggers/ */
const EVERY_MINUTE = "* * * * *";
const MINUTE_MILLISECONDS = 60_000;
const SWEEP_MINUTES = 10;

/** What a trigger runs: schedules and lost jobs each minute, the sweep each tenth one. Any other trigger is the sweep's. */
export async function runScheduled(
  { cron, scheduledTime }: Pick<ScheduledController, "cron" | "scheduledTime">,
  env: Env,
  build: Build,
): Promise<void> {
  if (cron !== EVERY_MINUTE) return sweep(env, build.engine);
  const minute = Math.floor(scheduledTime / MINUTE_MILLISECONDS);
  const ticking = async () => workOf(build)?.tick(env, build, minute * MINUTE_MILLISECONDS);
  const work = [ticking(), ...(minute % SWEEP_MINUTES === 0 ? [sweep(env, build.engine)] : [])];
  // The Worker ends with the handler: a fault of the one must not cut the other off.
  await Promise.allSettled(work);
  await Promise.all(work);
}

/**
 * What a queue delivers. Messages that come where no ABI has background work are of an earlier deployment: they are let go,
 * their jobs' rows stay, and the trigger of a deployment with such an ABI finds them.
 */
export async function runDelivered(
  batch: Pick<MessageBatch, "messages" | "queue">,
  env: Env,
  build: Build,
): Promise<void> {
  const background = workOf(build);
  if (background !== null) return background.deliver(batch, env, build);
  console.warn(JSON.stringify({ event: "jobs_left_waiting", queue: batch.queue, messages: batch.messages.length }));
  for (const message of batch.messages) message.ack();
}

/** Null where no plan has jobs. */
function workOf({ plans, features }: Build): BackgroundWork | null {
  const isUsed = plans.some(({ background, schedule }) => background !== undefined || schedule !== undefined);
  return isUsed ? builtIn(features.background, "run_in_background or cron_job") : features.background;
}
