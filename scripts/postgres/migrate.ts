/** Applies migrations/postgres to a database that has none of it yet. Knows nothing of clusters. */
import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import pg from "pg";

const folder = fileURLToPath(new URL("../../migrations/postgres/", import.meta.url));

/** The migrations' SQL, in order. */
export async function readMigrations(): Promise<string[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".sql")).toSorted();
  return Promise.all(names.map((name) => readFile(`${folder}${name}`, "utf8")));
}

export async function migrate(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    for (const sql of await readMigrations()) await client.query(sql);
  } finally {
    await client.end();
  }
}
