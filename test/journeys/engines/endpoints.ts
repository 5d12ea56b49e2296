/** The endpoints that are examined, compiled as a deployment's are: those that are shipped, and some that fail. */
import { compileAbis } from "../../../src/compiler/compile.ts";
import { databaseKindOf } from "../../../src/cli/databases.ts";
import type { DatabaseName } from "../../../src/contract/database-names.ts";
import { pointerLine } from "../../support/pointer-line.ts";
import { openTarget } from "../../../src/compiler/sql/open-target.ts";
import { readAbis, readMigrations } from "../../../src/cli/project.ts";
import type { Plan } from "../../../src/contract/plan.ts";

const root = new URL("../../..", import.meta.url).pathname;

const columnTypes = {
  d1: { moment: "TIMESTAMP", json: "JSON", flag: "BOOLEAN", count: "INTEGER", ratio: "REAL" },
  postgres: { moment: "timestamptz(3)", json: "jsonb", flag: "boolean", count: "bigint", ratio: "double precision" },
} as const;

/** What only PostgreSQL has: a function that writes, called by a SELECT. */
const ownFunction = `
CREATE FUNCTION album_create (id text, user_id text) RETURNS text LANGUAGE plpgsql AS
  $$ BEGIN INSERT INTO albums VALUES (id, user_id, id, now(), now()); RETURN id; END $$;`;

/** The tables of these endpoints. Nothing in them keeps a row from being written twice: that is the runtime's doing. */
export function ownTables(database: DatabaseName): string {
  const type = columnTypes[databaseKindOf(database).kind];
  return `
CREATE TABLE albums (
  id text PRIMARY KEY NOT NULL,
  user_id text NOT NULL,
  name text NOT NULL,
  created_at ${type.moment} NOT NULL,
  updated_at ${type.moment} NOT NULL
);
CREATE INDEX albums_by_name ON albums (name);
CREATE TABLE photos (
  id text PRIMARY KEY NOT NULL,
  user_id text NOT NULL,
  album text,
  storage_key text NOT NULL,
  mark text NOT NULL CHECK (mark <> 'refused')
);
CREATE TABLE samples (
  id text PRIMARY KEY NOT NULL,
  words text,
  body ${type.json},
  flag ${type.flag},
  count ${type.count},
  ratio ${type.ratio},
  moment ${type.moment}
);${database === "d1" ? "" : ownFunction}`;
}

const protection = {
  tokenize: { type: "JWT", algorithm: "HS256", encryption_key: "$ENV.JWT_SECRET_KEY" },
  protected: { provide_as: "x-access-token", extract_claims: ["id"] },
};
const endpoint = (id: string, actionables: readonly unknown[]) => ({ id, resource: id, ...protection, actionables });

const upload = {
  id: 1,
  mode: "UPLOAD",
  uploads: { max_file_uploads: 2, allowed_mimetypes: ["image/png"], upload_folder: "/gallery/$PROTECTED.id" },
  returnables: ["storage_key", "url", "dominant_color", "file_size"],
};
const query = (id: number, sql: string, parameters: readonly string[], rules = {}) => ({
  id,
  mode: "QUERY",
  sql_query: { query: sql, parameters, ...rules },
});

const insertGallery = query(
  2,
  "INSERT INTO gallery (id, user_id, storage_key, url, file_size, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6::timestamptz, $7::timestamptz)",
  ["$GENERATOR.KSUID", "$PROTECTED.id", "storage_key", "url", "file_size", "$DATETIME", "$DATETIME"],
  { multi: true },
);

const own = [
  // The last statement finds no row: the files and rows before it must go.
  endpoint("upload-if-album", [
    upload,
    insertGallery,
    {
      ...query(3, "UPDATE albums SET updated_at = $1::timestamptz WHERE id = $2 AND user_id = $3 RETURNING id", [
        "$DATETIME",
        "$PAYLOAD.album",
        "$PROTECTED.id",
      ]),
      must_return_value: true,
    },
  ]),
  endpoint("upload-cover", [
    upload,
    query(
      2,
      "INSERT INTO albums (id, user_id, name) VALUES ($1, $2, $3) RETURNING id, name",
      ["$PAYLOAD.album", "$PROTECTED.id", "$PAYLOAD.name"],
      { unique: ["name"], with_timestamps: true },
    ),
  ]),
  // The photos need the album's id: it is written before them, and seen by nobody until all is.
  endpoint("upload-album", [
    upload,
    {
      ...query(
        2,
        "INSERT INTO albums (id, user_id, name) VALUES ($1, $2, $3) RETURNING id, name",
        ["$GENERATOR.NANOID", "$PROTECTED.id", "$PAYLOAD.name"],
        { with_timestamps: true },
      ),
      no_op: true,
    },
    {
      ...query(
        3,
        "INSERT INTO photos (id, user_id, album, storage_key, mark) VALUES ($1, $2, $3, $4, $5) RETURNING album, storage_key, mark",
        ["$GENERATOR.NANOID", "$PROTECTED.id", "album", "storage_key", "$PAYLOAD.mark"],
        { multi: true },
      ),
      depends_on: [{ resource_id: "self", action_ids: [2], extract_response_for: [{ extract: "id", for: "album" }] }],
    },
  ]),
  endpoint("keep-sample", [
    query(
      1,
      "INSERT INTO samples (id, words, body, flag, count, ratio, moment) VALUES ($1, $2, $3::jsonb, $4::boolean, $5::bigint, $6, $7::timestamptz) RETURNING id, words, body, flag, count, ratio, moment",
      ["id", "words", "body", "flag", "count", "ratio", "moment"].map((name) => `$PAYLOAD.${name}`),
    ),
  ]),
  endpoint("list-samples", [
    { ...query(1, "SELECT * FROM samples WHERE id LIKE 'sample-%' ORDER BY id", []), data_shape: "list" },
  ]),
];

/** Where a SELECT may write: its function's row must go with the call that failed. */
const onPostgres = [
  {
    ...endpoint("create-album", [
      query(1, "SELECT album_create($1, $2) AS id", ["$PAYLOAD.album", "$PROTECTED.id"]),
      {
        ...query(2, "SELECT id FROM albums WHERE id = $1 AND user_id = $2", ["$PAYLOAD.needed", "$PROTECTED.id"]),
        must_return_value: true,
      },
    ]),
    atomic: true,
  },
];

/** @throws Error with the faults */
export async function compileEndpoints(database: DatabaseName): Promise<readonly Plan[]> {
  const { target, kind } = databaseKindOf(database);
  const tables = { name: "engines.sql", sql: ownTables(database) };
  const open = openTarget(target, [...readMigrations(root, kind), tables]);
  try {
    const files = [...own, ...(database === "d1" ? [] : onPostgres)].map((abi) => ({
      name: `${abi.id}.json`,
      text: JSON.stringify(abi),
    }));
    const { plans, diagnostics } = await compileAbis([...readAbis(root), ...files], { database: open });
    if (plans.length === 0) throw new Error(diagnostics.map(pointerLine).join("\n"));
    return plans;
  } finally {
    await open.close();
  }
}
