/** A migrated D1 for each test, and a look at what is left in it and in the bucket. */
import { env } from "cloudflare:workers";
import { reset } from "cloudflare:test";
import { afterEach, beforeEach } from "vitest";

export async function migrate(): Promise<void> {
  await env.DB.batch(env.TEST_MIGRATIONS.map((statement) => env.DB.prepare(statement)));
}

/** Each test starts empty, whatever those before it left: the files of a project share one storage. */
export function useFreshStorage(): void {
  beforeEach(prepareStorage);
  afterEach(resetStorage);
}

export async function resetStorage(): Promise<void> {
  await reset();
}

/** A reset can miss what an earlier test's last request is still writing: tables that are there, or objects. */
export async function prepareStorage(): Promise<void> {
  let fault: unknown = "objects";
  for (let attempt = 0; attempt < 20; attempt++) {
    const migration = migrate().then(
      () => null,
      (error: unknown) => error,
    );
    const [{ objects }, refusal] = await Promise.all([env.BUCKET.list({ limit: 1 }), migration]);
    if (objects.length === 0 && refusal === null) return;
    fault = refusal ?? fault;
    await reset();
    await scheduler.wait(10 * attempt);
  }
  throw new Error("The storage does not get empty", { cause: fault });
}

export interface Stored {
  readonly objects: readonly string[];
  readonly files: readonly Record<string, unknown>[];
  readonly gallery: readonly Record<string, unknown>[];
}

/** Everything that a call could have left behind. */
export async function readStored(): Promise<Stored> {
  const [objects, files, gallery] = await Promise.all([
    env.BUCKET.list(),
    env.DB.prepare("SELECT * FROM files ORDER BY storage_key").all(),
    env.DB.prepare("SELECT * FROM gallery ORDER BY id").all(),
  ]);
  return {
    objects: objects.objects.map((object) => object.key).toSorted(),
    files: files.results,
    gallery: gallery.results,
  };
}
