/** The endpoints and tables that jobs are killed on. */
import { readMigrations } from "../../../src/cli/project.ts";

const root = new URL("../../..", import.meta.url).pathname;

/** Nothing in these tables keeps a row from being written twice: that must be the runtime's doing. */
const tables = `
CREATE TABLE counters (name TEXT PRIMARY KEY NOT NULL, total INTEGER NOT NULL);
INSERT INTO counters (name, total) VALUES ('batch', 0);
CREATE TABLE albums (id TEXT PRIMARY KEY NOT NULL, mark TEXT NOT NULL);
CREATE TABLE photos (
  id TEXT PRIMARY KEY NOT NULL,
  album TEXT,
  storage_key TEXT NOT NULL,
  mark TEXT NOT NULL CHECK (mark <> 'refused')
);`;

export const migrations = [...readMigrations(root), { name: "kills.sql", sql: tables }];

const upload = (maxFiles: number) => ({
  id: 1,
  mode: "UPLOAD",
  uploads: { max_file_uploads: maxFiles, max_upload_file_size: 10_000, allowed_mimetypes: ["text/plain"] },
  returnables: ["storage_key"],
});
const query = (id: number, sql: string, parameters: readonly string[], more = {}) => ({
  id,
  mode: "QUERY",
  sql_query: { query: sql, parameters, ...more },
});

export const abis = [
  {
    // All in one batch: rows of both files, and a count that a second run would show in.
    id: "batch",
    resource: "batch",
    run_in_background: true,
    queue: { priority: "high" },
    retries: 4,
    actionables: [
      upload(2),
      {
        ...query(2, "SELECT name FROM counters WHERE name = $1", ["$PAYLOAD.counter"]),
        must_return_value: true,
        no_op: true,
      },
      {
        ...query(
          3,
          "INSERT INTO photos (id, storage_key, mark) VALUES ($1, $2, $3)",
          ["$GENERATOR.NANOID", "storage_key", "$PAYLOAD.mark"],
          { multi: true },
        ),
        depends_on: [{ resource_id: "self", action_ids: [2] }],
      },
      query(4, "UPDATE counters SET total = total + 1 WHERE name = $1", ["$PAYLOAD.counter"]),
    ],
  },
  {
    // The album is durable before the photo that names it.
    id: "chain",
    resource: "chain",
    run_in_background: true,
    retries: 4,
    actionables: [
      upload(1),
      query(2, "INSERT INTO albums (id, mark) VALUES ($1, $2) RETURNING id", ["$GENERATOR.NANOID", "$PAYLOAD.mark"]),
      {
        ...query(3, "INSERT INTO photos (id, album, storage_key, mark) VALUES ($1, $2, $3, $4)", [
          "$GENERATOR.NANOID",
          "album",
          "key",
          "$PAYLOAD.mark",
        ]),
        depends_on: [
          { resource_id: "self", action_ids: [1], extract_response_for: [{ extract: "storage_key", for: "key" }] },
          { resource_id: "self", action_ids: [2], extract_response_for: [{ extract: "id", for: "album" }] },
        ],
      },
    ],
  },
];
