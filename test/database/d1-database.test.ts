import { env } from "cloudflare:workers";
import { getTableConfig } from "drizzle-orm/sqlite-core";
import { expect, test } from "vitest";
import { createD1Database } from "../../src/database/d1/d1-database.ts";
import { files } from "../../src/database/d1/schema.ts";
import { useFreshStorage } from "../support/database.ts";
import { describeDatabase } from "./database-contract.ts";

useFreshStorage();

describeDatabase("D1", {
  create: () => createD1Database(env.DB),
  placeholder: (number) => `?${number}`,
  typed: (expression) => expression,
  interactive: false,
});

test("the Drizzle table is the table that the migrations make", async () => {
  const { results } = await env.DB.prepare("PRAGMA table_info(files)").all<{
    name: string;
    type: string;
    notnull: number;
  }>();
  const declared = getTableConfig(files).columns.map((column) => {
    return { name: column.name, type: column.getSQLType().toUpperCase(), notnull: Number(column.notNull) };
  });
  expect(results.map(({ name, type, notnull }) => ({ name, type, notnull }))).toEqual(declared);
});
