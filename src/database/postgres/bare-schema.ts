/**
 * Tables on PostgreSQL that only the engine and the compiler speak of, in bare SQL: for drizzle-kit, like schema.ts.
 */
import { sql } from "drizzle-orm";
import { bigint, check, index, integer, jsonb, pgTable, text, timestamp } from "drizzle-orm/pg-core";

const moment = () => timestamp({ withTimezone: true, precision: 3, mode: "string" });

export const row_guard = pgTable("row_guard", { found: integer().notNull() }, (table) => [
  check("row_missing", sql`${table.found} = 1`),
]);

/** D1 has one writer at a time, and no such table. */
export const row_lock = pgTable("row_lock", { number: integer().primaryKey().notNull() });

export const documents = pgTable(
  "documents",
  {
    position: bigint({ mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
    id: text().notNull().unique(),
    collection: text().notNull(),
    body: jsonb().notNull(),
    created_at: moment().notNull(),
    updated_at: moment().notNull(),
  },
  (table) => [
    index("documents_by_collection").on(table.collection, table.created_at, table.position),
    check("documents_body_check", sql`jsonb_typeof(${table.body}) = 'object'`),
  ],
);
