/** What an endpoint is said to answer: of which types, whether it may be null, and how many rows. */
import { describe, expect, test } from "vitest";
import { abi, query, upload } from "../support.ts";
import { answerOf } from "./support.ts";

const select = (sql: string, parameters: readonly unknown[] = [], more = {}) =>
  answerOf(abi([query(1, sql, parameters, { data_shape: "list", ...more })]));

describe("the types of columns", () => {
  test.each([
    ["id", "string"],
    ["title", "string | null"],
    ["settings", "unknown"],
    ["shared", "boolean | null"],
    ["opened_at", "string | null"],
    ["photos", "number | null"],
    ["rating", "number | null"],
    ["cover", "string | null"],
    ["count(*) AS n", "number"],
    ["max(photos) AS n", "number | null"],
    ["coalesce(title, 'none') AS n", "string"],
    ["coalesce(title, id) AS n", "string"],
    ["upper(id) AS n", "string | null"],
    ["photos + 1 AS n", "number | null"],
    ["id IS NULL AS n", "boolean | null"],
    ["1 AS n", "number"],
    ["CASE WHEN shared THEN 1 ELSE 2 END AS n", "number | null"],
  ])("%s", async (column, type) => {
    const name = column.split(" AS ").at(-1) ?? "";
    expect(await select(`SELECT ${column} FROM albums GROUP BY id`)).toBe(`readonly { readonly ${name}: ${type} }[]`);
  });

  test("a star has the columns of its table", async () => {
    expect(await select("SELECT a.* FROM (SELECT id, title FROM albums) a")).toBe(
      "readonly { readonly id: string; readonly title: string | null }[]",
    );
  });

  test.each([
    ["LEFT", "string", "string | null"],
    ["RIGHT", "string | null", "string"],
    ["FULL", "string | null", "string | null"],
    ["INNER", "string", "string"],
  ])("a %s JOIN", async (join, left, right) => {
    const sql = `SELECT a.id AS one, b.id AS other FROM albums a ${join} JOIN albums b ON a.id = b.owner`;
    expect(await select(sql)).toBe(`readonly { readonly one: ${left}; readonly other: ${right} }[]`);
  });

  test("a column of a subquery, a WITH query and a UNION", async () => {
    const row = "readonly { readonly id: string }[]";
    expect(await select("WITH mine AS (SELECT id FROM albums) SELECT id FROM mine")).toBe(row);
    expect(await select("SELECT id FROM albums UNION SELECT owner FROM albums")).toBe(row);
    expect(await select("SELECT id FROM albums UNION SELECT title FROM albums")).toBe(
      "readonly { readonly id: string | null }[]",
    );
    expect(await select("SELECT (SELECT b.id FROM albums b LIMIT 1) AS id FROM albums")).toBe(
      "readonly { readonly id: string | null }[]",
    );
  });

  test("what a change returns", async () => {
    const sql = "UPDATE albums SET title = 'x' WHERE id = $1 RETURNING id, title AS name";
    expect(await select(sql, ["$PROTECTED.id"])).toBe(
      "readonly { readonly id: string; readonly name: string | null }[]",
    );
  });
});

describe("how many rows", () => {
  const row = "{ readonly id: string }";
  const any = `${row} | readonly ${row}[] | null`;
  const maybe = `${row} | null`;
  const insert = "INSERT INTO albums (id, owner) VALUES ('a', $1)";

  test.each([
    ["a SELECT", "SELECT id FROM albums WHERE owner = $1", any],
    ["LIMIT 1", "SELECT id FROM albums WHERE owner = $1 LIMIT 1", maybe],
    ["LIMIT 2", "SELECT id FROM albums WHERE owner = $1 LIMIT 2", any],
    ["an INSERT of one row", `${insert} RETURNING id`, row],
    ["an INSERT that may be left out", `${insert} ON CONFLICT DO NOTHING RETURNING id`, maybe],
    ["an INSERT of two rows", "INSERT INTO albums (id, owner) VALUES ('a', $1), ('b', $1) RETURNING id", any],
    ["an INSERT of what is found", "INSERT INTO albums (id, owner) SELECT id || 'x', $1 FROM albums RETURNING id", any],
    ["a row by its key", "SELECT id FROM albums WHERE id = $1::text AND title IS NULL", maybe],
    ["a row by its key, or another", "SELECT id FROM albums WHERE id = $1 OR title IS NULL", any],
    ["a row by its own column", "SELECT id FROM albums WHERE id = owner AND owner = $1", any],
    ["a row by its key, joined", "SELECT a.id FROM albums a JOIN albums b ON true WHERE a.id = $1", any],
    ["an UPDATE", "UPDATE albums SET title = 'x' WHERE owner = $1 RETURNING id", any],
    ["an UPDATE by the key", "UPDATE albums SET title = 'x' WHERE $1 = id RETURNING id", maybe],
    ["a DELETE by the key", "DELETE FROM albums WHERE id = $1 RETURNING id", maybe],
    ["a UNION", "SELECT id FROM albums WHERE owner = $1 UNION SELECT id FROM albums", any],
  ])("%s", async (_, sql, type) => {
    expect(await answerOf(abi([query(1, sql, ["$PROTECTED.id"])]))).toBe(type);
  });

  test("an aggregate is one row, but not of groups", async () => {
    expect(await answerOf(abi([query(1, "SELECT count(*) AS n FROM albums")]))).toBe("{ readonly n: number }");
    expect(await answerOf(abi([query(1, "SELECT count(*) AS n FROM albums GROUP BY owner")]))).toBe(
      "{ readonly n: number } | readonly { readonly n: number }[] | null",
    );
    expect(await answerOf(abi([query(1, "SELECT count(*) AS n FROM albums HAVING count(*) > 1")]))).toContain("null");
  });

  test("a row that must be there is never null", async () => {
    const sql = "SELECT id FROM albums WHERE owner = $1 LIMIT 1";
    expect(await answerOf(abi([query(1, sql, ["$PROTECTED.id"], { must_return_value: true })]))).toBe(row);
  });

  test("shapes that an author fixes", async () => {
    const sql = "SELECT id FROM albums WHERE owner = $1";
    const shaped = (shape: string) => answerOf(abi([query(1, sql, ["$PROTECTED.id"], { data_shape: shape })]));
    expect(await shaped("list")).toBe(`readonly ${row}[]`);
    expect(await shaped("object")).toBe(maybe);
  });

  test("what returns nothing answers null", async () => {
    expect(await answerOf(abi([query(1, "DELETE FROM albums WHERE id = $1", ["$PROTECTED.id"])]))).toBe("null");
  });
});

describe("other steps", () => {
  test("an upload answers a list of what is asked for", async () => {
    expect(await answerOf(abi([upload()], { returnables: ["storage_key", "width", "download_url"] }))).toBe(
      "readonly { readonly storage_key: string; readonly width: number | null; readonly download_url: string | null }[]",
    );
  });

  test("a deletion answers what became of each key", async () => {
    expect(await answerOf(abi([{ id: 1, mode: "UPLOAD", uploads: { delete_files: true } }]))).toBe(
      'readonly { readonly storage_key: string; readonly status: "deleted" | "not_found" }[]',
    );
  });

  test("links stand beside the columns", async () => {
    const linked = query(1, "SELECT storage_key FROM files LIMIT 1", [], { links: { link: "storage_key" } });
    expect(await answerOf(abi([linked]))).toBe("{ readonly storage_key: string; readonly link: string | null } | null");
  });

  test("a document has an id, and whatever it holds", async () => {
    const mongo_query = { collection: "notes", action: "INSERT", parameters: ["text"] };
    const insert = { id: 1, mode: "QUERY", mongo_query, returnables: ["id", "text"] };
    expect(await answerOf(abi([insert]))).toBe("{ readonly id: string; readonly text: unknown }");
  });
});
