/** A migrated D1 for each test, and a look at what is left in it and in the bucket. */
import { env } from "cloudflare:workers";
import { reset } from "cloudflare:test";
import { afterAll, beforeEach } from "vitest";
import { forgetObjects, wereObjectsMade } from "./made-objects.ts";

export async function migrate(): Promise<void> {
  await env.DB.batch(env.TEST_MIGRATIONS.map((statement) => env.DB.prepare(statement)));
}

/** Each test starts empty, whatever those before it left: the files of a project share one storage. */
export function useFreshStorage(): void {
  beforeEach(prepareStorage);
  afterAll(resetStorage);
}

export async function resetStorage(): Promise<void> {
  await reset();
  forgetObjects();
}

/** A table, or what belongs to one. */
type Entry = Readonly<Record<"type" | "name" | "tbl_name", string>>;

/** The database as the migrations leave it, and its tables in the order in which they were made. */
interface Migrated {
  readonly schema: string;
  readonly tables: readonly string[];
}

let migrated: Migrated | null = null;
const readSchema = "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE name NOT GLOB '_cf_*' ORDER BY rowid";
const tablesOf = (entries: readonly Entry[]) => entries.filter(({ type }) => type === "table").map(({ name }) => name);

/** Emptied where that is enough: to make all of it anew costs four times as much. */
export async function prepareStorage(): Promise<void> {
  if (migrated !== null && (await isEmptied(migrated))) return;
  if (wereObjectsMade()) await resetStorage();
  await makeAnew();
  const { results } = await env.DB.prepare(readSchema).all<Entry>();
  migrated = { schema: JSON.stringify(results), tables: tablesOf(results) };
}

/** False where a test left more than rows, objects and tables of its own: Durable Objects, another schema. */
async function isEmptied(made: Migrated): Promise<boolean> {
  if (wereObjectsMade()) return false;
  const [isEmpty] = await Promise.all([emptyDatabase(made).catch(() => false), emptyBucket()]);
  return isEmpty;
}

async function emptyDatabase({ schema, tables }: Migrated): Promise<boolean> {
  const change = (sql: string) => env.DB.prepare(sql);
  const emptying = tables.map((name) => change(`DELETE FROM "${name}"`));
  const [read] = await env.DB.batch<Entry>([change(readSchema), ...emptying]);
  const found = read?.results ?? [];
  const own = tablesOf(found).filter((name) => !tables.includes(name));
  const rest = found.filter((entry) => !own.includes(entry.tbl_name));
  if (JSON.stringify(rest) !== schema) return false;
  if (own.length > 0) await env.DB.batch(own.map((name) => change(`DROP TABLE "${name}"`)));
  return true;
}

async function emptyBucket(): Promise<void> {
  for (;;) {
    const { objects, truncated } = await env.BUCKET.list();
    if (objects.length > 0) await env.BUCKET.delete(objects.map(({ key }) => key));
    if (!truncated) return;
  }
}

/** A reset can miss what an earlier test's last request is still writing: tables that are there, or objects. */
async function makeAnew(): Promise<void> {
  let fault: unknown = "objects";
  for (let attempt = 0; attempt < 20; attempt++) {
    const migration = migrate().then(
      () => null,
      (error: unknown) => error,
    );
    const [{ objects }, refusal] = await Promise.all([env.BUCKET.list({ limit: 1 }), migration]);
    if (objects.length === 0 && refusal === null) return;
    fault = refusal ?? fault;
    await resetStorage();
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
