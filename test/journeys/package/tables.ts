/** What lies in a project's database and bucket, read past the runtime. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import pg from "pg";

export type Row = Readonly<Record<string, unknown>>;
/** By the table's name, as the database spells it. */
export type Tables = ReadonlyMap<string, readonly Row[]>;

const state = ".wrangler/state/v3";

/** Of wrangler's simulators: the database that has the table. @throws Error where there is none */
async function openStored(folder: string, table: string): Promise<DatabaseSync> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".sqlite"));
  for (const name of names) {
    const database = new DatabaseSync(join(folder, name), { readOnly: true });
    if (database.prepare("SELECT 1 FROM sqlite_schema WHERE name = ?").get(table) !== undefined) return database;
    database.close();
  }
  throw new Error(`${folder} has no table ${table}`);
}

export async function tablesOfD1(project: string): Promise<Tables> {
  const database = await openStored(join(project, state, "d1/miniflare-D1DatabaseObject"), "sluice_files");
  try {
    const listed = database.prepare(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE '\\_%' ESCAPE '\\'",
    );
    const names = listed.all().map(({ name }) => String(name));
    return new Map(names.map((name) => [name, database.prepare(`SELECT * FROM "${name}" ORDER BY 1`).all()]));
  } finally {
    database.close();
  }
}

export async function tablesOfPostgres(url: string): Promise<Tables> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const listed = await client.query<{ name: string }>(
      "SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname IN ('public', 'sluice')",
    );
    const tables = new Map<string, readonly Row[]>();
    for (const { name } of listed.rows)
      tables.set(name, (await client.query<Row>(`SELECT * FROM ${name} ORDER BY 1`)).rows);
    return tables;
  } finally {
    await client.end();
  }
}

/** Keys of all objects. */
export async function objectsOf(project: string): Promise<readonly string[]> {
  const database = await openStored(join(project, state, "r2/miniflare-R2BucketObject"), "_mf_objects");
  try {
    const listed = database.prepare("SELECT key FROM _mf_objects ORDER BY key").all();
    return listed.map(({ key }) => String(key));
  } finally {
    database.close();
  }
}
