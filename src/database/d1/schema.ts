/** The runtime's own tables on D1, for Drizzle. The migrations in migrations/d1 make them; a test compares the two. */
import { isNotNull } from "drizzle-orm";
import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

export const jobs = sqliteTable(
  "jobs",
  {
    id: text().primaryKey().notNull(),
    endpoint: text().notNull(),
    origin: text({ enum: ["call", "schedule"] }).notNull(),
    fingerprint: text().notNull(),
    owner: text(),
    state: text({ enum: ["queued", "running", "done", "dead"] }).notNull(),
    priority: integer().notNull(),
    attempts: integer().notNull().default(0),
    context: text().notNull(),
    files: text().notNull(),
    result: text(),
    problem: text(),
    lease: text(),
    due_at: text().notNull(),
    wake_at: text().notNull(),
    expires_at: text(),
    created_at: text().notNull(),
    updated_at: text().notNull(),
  },
  (table) => [
    index("jobs_by_wake").on(table.state, table.wake_at),
    index("jobs_by_endpoint").on(table.endpoint, table.state),
    index("jobs_by_expiry").on(table.expires_at).where(isNotNull(table.expires_at)),
  ],
);

export const job_steps = sqliteTable(
  "job_steps",
  {
    job_id: text().notNull(),
    step: integer().notNull(),
    result: text(),
    created_at: text().notNull(),
  },
  (table) => [primaryKey({ columns: [table.job_id, table.step] })],
);

export const schedules = sqliteTable("schedules", {
  endpoint: text().primaryKey().notNull(),
  last_slot: text().notNull(),
});

export const files = sqliteTable(
  "files",
  {
    id: text().primaryKey().notNull(),
    owner: text(),
    storage_key: text().notNull().unique(),
    status: text({ enum: ["pending", "stored", "deleted", "expired", "gone"] }).notNull(),
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
    file_api: integer({ mode: "boolean" }).notNull().default(true),
  },
  (table) => [
    index("files_by_owner").on(table.owner, table.status, table.file_api, table.created_at, table.id, table.expires_at),
    index("files_by_status").on(table.status, table.updated_at),
    index("files_by_expiry").on(table.expires_at).where(isNotNull(table.expires_at)),
    index("files_by_purge").on(table.status, table.purge_at).where(isNotNull(table.purge_at)),
  ],
);

export const idempotency_keys = sqliteTable(
  "idempotency_keys",
  {
    owner: text().notNull(),
    scope: text().notNull(),
    key: text().notNull(),
    token: text().notNull(),
    fingerprint: text(),
    answer: text(),
    claimed_at: text().notNull(),
    expires_at: text().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.owner, table.scope, table.key] }),
    index("idempotency_keys_by_expiry").on(table.expires_at),
  ],
);

export const reconcile_runs = sqliteTable("reconcile_runs", {
  id: text().primaryKey().notNull(),
  phase: text({ enum: ["confirming", "passing", "idle"] }).notNull(),
  position: text().notNull(),
  started_at: text().notNull(),
});

export const reconcile_findings = sqliteTable(
  "reconcile_findings",
  {
    storage_key: text().primaryKey().notNull(),
    kind: text({ enum: ["object_without_row", "row_without_object"] }).notNull(),
    first_seen: text().notNull(),
  },
  (table) => [index("reconcile_findings_by_age").on(table.first_seen, table.storage_key)],
);

export const links = sqliteTable(
  "links",
  {
    id: text().primaryKey().notNull(),
    file_id: text().notNull(),
    owner: text(),
    kind: text({ enum: ["worker", "r2"] }).notNull(),
    epoch: integer().notNull(),
    bound_ip: text(),
    max_downloads: integer(),
    downloads: integer().notNull().default(0),
    bytes_left: integer().notNull().default(0),
    request_id: text().notNull(),
    client_ip: text(),
    issued_at: text().notNull(),
    expires_at: text().notNull(),
  },
  (table) => [index("links_by_file").on(table.file_id, table.issued_at), index("links_by_expiry").on(table.expires_at)],
);

export const link_epochs = sqliteTable("link_epochs", {
  scope: text().primaryKey().notNull(),
  epoch: integer().notNull(),
});
