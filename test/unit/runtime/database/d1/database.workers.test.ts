import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { sqliteMustFind, sqliteMustFindNothing } from "../../../../../src/compiler/sql/sqlite/guard.ts";
import { d1 } from "../../../../../src/databases/d1.ts";
import { createD1Database } from "../../../../../src/runtime/database/d1/database.ts";
import { useFreshStorage } from "../../../../support/database.ts";
import { failingBatch } from "../../../../support/faults.ts";
import { code, createStatements, describeDatabase } from "../../../../contracts/database.ts";

useFreshStorage();

describeDatabase("D1", {
  create: () => createD1Database(env.DB),
  placeholder: (number) => `?${number}`,
  typed: (expression) => expression,
  mustChange: d1.dialect.mustChange,
  mustFind(read) {
    const { checks } = sqliteMustFind({ ...read, placeholders: read.parameters.length });
    return [read, ...checks.map(({ sql }) => ({ ...read, sql }))];
  },
  mustFindNothing: (read) => ({ ...read, sql: sqliteMustFindNothing(read.sql) }),
  interactive: false,
});

test("a read that could not reach D1 is sent once more, a write never", async () => {
  const { statement } = createStatements({ placeholder: (number) => `?${number}` });
  const read = statement("SELECT 1 AS v");
  const write = statement("DELETE FROM gallery");
  const unreachable = (moment: "before" | "after") => createD1Database(failingBatch(env.DB, 1, moment));
  expect(await unreachable("before").batch([read])).toEqual([[{ v: 1 }]]);
  for (const batch of [[write], [read, write]]) {
    await expect(unreachable("after").batch(batch)).rejects.toSatisfy(code("database_unavailable"));
  }
  const twice = failingBatch(failingBatch(env.DB, 1, "before"), 2, "before");
  await expect(createD1Database(twice).batch([read])).rejects.toSatisfy(code("database_unavailable"));
});

test("a whole number as text that a REAL would change is refused, one that it keeps is not", async () => {
  const { statement } = createStatements({ placeholder: (number) => `?${number}` });
  const echo = (value: string) => [statement("SELECT ?1 AS v", [{ value, type: "number" }])];
  const database = createD1Database(env.DB);
  expect(await database.batch(echo("9007199254740992"))).toEqual([[{ v: 9_007_199_254_740_992 }]]);
  await expect(database.batch(echo("9007199254740993"))).rejects.toSatisfy(code("row_rejected"));
});
