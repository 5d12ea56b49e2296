/** The runtime's own tables on D1, for Drizzle. The migrations in migrations/d1 make them; a test compares the two. */
import { isNotNull } from "drizzle-orm";
import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

export const files = sqliteTable(
  "files",
  {
    id: text().primaryKey().notNull(),
    owner: text(),
    storage_key: text().notNull().unique(),
    status: text({ enum: ["pending", "stored", "deleted"] }).notNull(),
    visibility: text({ enum: ["public", "private"] }).notNull(),
    endpoint: text().notNull(),
    original_file_name: text().notNull(),
    file_type: text().notNull(),
    extension: text().notNull(),
    file_size: integer().notNull().default(0),
    checksum_sha256: text(),
    dominant_color: text(),
    thumbhash: text(),
    width: integer(),
    height: integer(),
    upload_id: text(),
    link_epoch: integer().notNull().default(0),
    expires_at: text(),
    deleted_at: text(),
    purge_at: text(),
    created_at: text().notNull(),
    updated_at: text().notNull(),
  },
  (table) => [
    index("files_by_owner").on(table.owner, table.created_at, table.id),
    index("files_by_status").on(table.status, table.updated_at),
    index("files_by_expiry").on(table.expires_at).where(isNotNull(table.expires_at)),
    index("files_by_purge").on(table.status, table.purge_at).where(isNotNull(table.purge_at)),
  ],
);
