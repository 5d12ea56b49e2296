import { expect, test } from "vitest";
import { splitWith } from "../../../../../src/runtime/database/postgres/with-clause.ts";

test.each([
  ["", "SELECT 1"],
  ["", "INSERT INTO withs VALUES (1) RETURNING id"],
  ["WITH a AS (SELECT 1)", "SELECT * FROM a"],
  ["with recursive a(b, c) as (values (1, 2) union select 1, 2)", "table a"],
  ["WITH a AS NOT MATERIALIZED (SELECT 1), b AS (DELETE FROM c RETURNING *)", "INSERT INTO d SELECT * FROM b"],
  ["WITH a AS (SELECT 1)", "(SELECT * FROM a) UNION (SELECT 2)"],
  ["WITH values AS (SELECT 1), table AS (SELECT 2)", "SELECT * FROM values"],
  ["WITH a AS (SELECT 1 AS b) SEARCH DEPTH FIRST BY b SET c", "SELECT * FROM a"],
  ["/* ( */ -- (\nWITH a AS (SELECT ')' /* ) */ -- )\n)", "SELECT 1"],
  [String.raw`WITH "a""(" AS (SELECT '''(', E'\'(', $$($$, $t$ $$ ( $t$, "(" FROM b)`, "UPDATE c SET d = '('"],
  ["WITH a AS (SELECT name FROM e)", "SELECT 1"],
])("%s | %s", (clause, main) => {
  expect(splitWith(clause === "" ? main : `${clause} ${main}`)).toEqual({ clause, main });
});

// What does not end, PostgreSQL refuses; until it does, it must not hold anything up.
test.each(["/**/", "/*", "--\n", "'", '"', "E'\\'", "$a$ $b$ ", "$", "$a", "WITH ", "WITH /*", "("])(
  "%j without end is read once",
  async (text) => {
    const began = Date.now();
    for (const start of ["", "WITH "]) {
      const sql = `${start}${text.repeat(20_000)}/*'`;
      try {
        splitWith(sql);
      } catch (error) {
        expect(String(error)).toContain("no statement");
      }
    }
    // The clock of workerd stands still until something is waited for.
    await new Promise((resolve) => setTimeout(resolve, 1));
    expect(Date.now() - began).toBeLessThan(2000);
  },
);

test("a WITH clause alone is no statement", () => {
  expect(() => splitWith("WITH a AS (SELECT 1)")).toThrow("no statement");
});
