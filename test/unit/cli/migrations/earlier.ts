/** A database as the version left it whose tables and the user's were one sequence of files, with something in each table. */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { toMigrationFile, type MigrationFile } from "../../../../src/cli/migrations/migration-file.ts";
import type { DatabaseKind } from "../../../../src/cli/databases.ts";

/** The files of that version, in order. */
export function readEarlierFiles(kind: DatabaseKind): MigrationFile[] {
  const folder = join(import.meta.dirname, "earlier", kind);
  return readdirSync(folder)
    .toSorted()
    .map((name) => toMigrationFile(name, readFileSync(join(folder, name), "utf8")));
}

/** The user's own beside them, which may name tables that are the runtime's. */
export const receipts = toMigrationFile(
  "0009_receipts.sql",
  `CREATE TABLE receipts (id text PRIMARY KEY NOT NULL, file_id text NOT NULL REFERENCES files (id));
CREATE VIEW readable AS SELECT id FROM files WHERE status = 'stored';
CREATE INDEX documents_mine ON documents (collection, updated_at);
`,
);

const now = "'2026-01-02T03:04:05.678Z'";

/** By the file that makes the table. */
const rows: readonly (readonly [file: string, sql: string])[] = [
  [
    "0001",
    `INSERT INTO files (id, owner, storage_key, status, visibility, endpoint, original_file_name, file_type, extension, created_at, updated_at) VALUES ('f1', 'ann', 'a/1.png', 'stored', 'private', 'e', 'one', 'image/png', 'png', ${now}, ${now}), ('f2', 'ben', 'a/2.png', 'pending', 'public', 'e', 'two', 'image/png', 'png', ${now}, ${now})`,
  ],
  [
    "0002",
    `INSERT INTO gallery (id, user_id, storage_key, url, file_size, created_at, updated_at) VALUES ('g', 'ann', 'a/1.png', 'u', 1, ${now}, ${now})`,
  ],
  [
    "0003",
    `INSERT INTO documents (id, collection, body, created_at, updated_at) VALUES ('d', 'notes', '{"a":1}', ${now}, ${now})`,
  ],
  [
    "0004",
    `INSERT INTO links (id, file_id, kind, epoch, request_id, issued_at, expires_at) VALUES ('l', 'f1', 'worker', 0, 'r', ${now}, ${now})`,
  ],
  ["0004", `INSERT INTO link_epochs (scope, epoch) VALUES ('all', 3)`],
  [
    "0005",
    `INSERT INTO idempotency_keys (owner, scope, key, token, claimed_at, expires_at) VALUES ('ann', 's', 'k', 't', ${now}, ${now})`,
  ],
  ["0005", `INSERT INTO reconcile_runs (id, phase, position, started_at) VALUES ('run', 'idle', '', ${now})`],
  ["0005", `INSERT INTO reconcile_findings (storage_key, kind, first_seen) VALUES ('x', 'object_without_row', ${now})`],
  [
    "0006",
    `INSERT INTO jobs (id, endpoint, origin, fingerprint, state, priority, context, files, due_at, wake_at, created_at, updated_at) VALUES ('j', 'e', 'call', 'p', 'queued', 1, '{}', '["a/1.png"]', ${now}, ${now}, ${now}, ${now})`,
  ],
  ["0006", `INSERT INTO job_steps (job_id, step, created_at) VALUES ('j', 0, ${now})`],
  ["0006", `INSERT INTO schedules (endpoint, last_slot) VALUES ('e', ${now})`],
  ["0009", `INSERT INTO receipts (id, file_id) VALUES ('r', 'f1')`],
];

export function rowsFor(files: readonly MigrationFile[]): string[] {
  return rows.filter(([number]) => files.some(({ name }) => name.startsWith(number))).map(([, sql]) => sql);
}

/** Tables with something in them. */
export const filledTables = (files: readonly MigrationFile[]): string[] =>
  rowsFor(files).map((sql) => /INTO (\w+)/.exec(sql)?.[1] ?? "");
