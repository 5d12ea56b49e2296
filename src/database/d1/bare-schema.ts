/** Tables on D1 that only the engine and the compiler speak of, in bare SQL: for drizzle-kit, not in the Worker. */
import { sql } from "drizzle-orm";
import { check, customType, index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** The compiler reads declared types: what comes back is JSON, or a moment. */
const json = customType<{ data: string }>({ dataType: () => "json" });
const moment = customType<{ data: string }>({ dataType: () => "timestamp" });

export const row_guard = sqliteTable("row_guard", { found: integer().notNull() }, (table) => [
  check("row_missing", sql`${table.found} = 1`),
]);

export const documents = sqliteTable(
  "documents",
  {
    position: integer().primaryKey(),
    id: text().notNull().unique(),
    collection: text().notNull(),
    body: json().notNull(),
    created_at: moment().notNull(),
    updated_at: moment().notNull(),
  },
  (table) => [
    index("documents_by_collection").on(table.collection, table.created_at, table.position),
    check("documents_body_check", sql`json_type(${table.body}) = 'object'`),
  ],
);
