/** Writes ABIs of every kind into a project, for measuring the compiler. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const protection = {
  tokenize: { type: "JWT", algorithm: "HS256", encryption_key: "$ENV.JWT_SECRET_KEY" },
  protected: { provide_as: "x-access-token", extract_claims: ["id"] },
};

const upload = {
  id: 1,
  mode: "UPLOAD",
  uploads: { max_file_uploads: 2, allowed_mimetypes: ["image/*"], upload_folder: "/gallery/$PROTECTED.id" },
};

const sql = (id: number, query: string, parameters: readonly unknown[], more: object = {}) => ({
  id,
  mode: "QUERY",
  sql_query: { query, parameters, ...more },
});

/** Statements differ by the number, as those of different endpoints do. */
const kinds: readonly ((number: number) => readonly object[])[] = [
  (number) => [
    upload,
    sql(
      2,
      `INSERT INTO gallery (id, user_id, storage_key, url, file_size, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6::timestamptz, $6::timestamptz) RETURNING id AS id_${number}, storage_key, url`,
      ["$GENERATOR.KSUID", "$PROTECTED.id", "storage_key", "url", "file_size", "$DATETIME"],
      { multi: true },
    ),
  ],
  (number) => [
    sql(
      1,
      `SELECT id, url, file_size, ${number} AS number FROM gallery WHERE user_id = $1 ORDER BY created_at DESC LIMIT COALESCE($2, 20)`,
      ["$PROTECTED.id", "$PAYLOAD.limit"],
    ),
  ],
  (number) => [
    sql(1, `SELECT count(*) AS files_${number}, sum(file_size) AS bytes FROM gallery WHERE user_id = $1`, [
      "$PROTECTED.id",
    ]),
    sql(2, `UPDATE gallery SET dominant_color = $3 WHERE id = $1 AND user_id = $2 RETURNING id, ${number} AS number`, [
      "$PAYLOAD.id",
      "$PROTECTED.id",
      "$PAYLOAD.color",
    ]),
  ],
  () => [{ ...upload, uploads: { ...upload.uploads, strip_metadata: true }, returnables: ["storage_key", "url"] }],
];

/** @param root the project's folder */
export function writeAbis(root: string, count: number): void {
  mkdirSync(join(root, "abis"), { recursive: true });
  for (let number = 1; number <= count; number += 1) {
    const kind = kinds[number % kinds.length];
    const abi = {
      $schema: "./schema.json",
      id: `endpoint-${number}-01`,
      resource: `endpoints/number-${number}`,
      ...protection,
      actionables: kind?.(number) ?? [],
    };
    writeFileSync(join(root, `abis/endpoint-${number}.json`), `${JSON.stringify(abi, null, 2)}\n`);
  }
}
