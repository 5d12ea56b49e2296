/** Both engines tell the same of the same endpoints. */
import { afterAll, expect, test } from "vitest";
import { readMigrations } from "../../../../src/cli/project.ts";
import { openTarget } from "../../../../src/compiler/sql/open-target.ts";
import { createPostgresTarget } from "../../../../src/compiler/sql/postgres/target.ts";
import { abi, query, root } from "../support.ts";
import { endpoints } from "./endpoints.ts";
import { describeAll } from "./support.ts";

const albums = `CREATE TABLE albums (
  id text PRIMARY KEY, owner text NOT NULL, title text, settings jsonb, shared boolean, opened_at timestamptz,
  photos bigint, rating real, cover bytea, place uuid, UNIQUE (owner, title) INCLUDE (photos)
)`;
const migrations = [...readMigrations(root, "postgres"), { name: "test.sql", sql: albums }];
const postgres = openTarget(createPostgresTarget(), migrations);

afterAll(() => postgres.close());

const select = (columns: string, more = "") =>
  abi([query(1, `SELECT ${columns} FROM albums a LEFT JOIN albums b ON a.id = b.owner ${more}`)]);

const rows = [
  select("a.id, b.id AS other, a.title, a.settings, a.shared, a.opened_at, a.photos, a.rating, a.cover"),
  select("count(*) AS n, max(a.photos) AS most"),
  select("coalesce(b.title, a.id) AS name, a.photos + 1 AS next", "LIMIT 1"),
  abi([query(1, "DELETE FROM albums WHERE id = $1 RETURNING id, title", ["$PROTECTED.id"])]),
].map((source, index) => ({ ...source, id: `rows-${String(index)}`, resource: `rows-${String(index)}` }));

test("answers, requests and problems", async () => {
  const sources = [...endpoints, ...rows];
  const [d1, other] = await Promise.all([describeAll(sources), describeAll(sources, { database: postgres })]);
  expect(other).toEqual(d1);
});

test("PostgreSQL knows what D1 leaves open, and which of an index's columns are its key", async () => {
  const one = (sql: string, ...values: string[]) =>
    describeAll([abi([query(1, sql, values)])], { database: postgres }).then(([endpoint]) => endpoint?.answer);
  expect(await one("SELECT place, now() - opened_at < interval '1 day' AS recent FROM albums LIMIT 1")).toMatchObject({
    properties: { place: { type: ["string", "null"] }, recent: { type: ["boolean", "null"] } },
  });
  const byKey = "SELECT id FROM albums WHERE owner = $1 AND title = $2";
  expect(await one(byKey, "$PROTECTED.id", "$PAYLOAD.title")).toMatchObject({ type: ["object", "null"] });
  expect(await one("SELECT id FROM albums WHERE owner = $1", "$PROTECTED.id")).toMatchObject({ anyOf: [{}, {}, {}] });
});
