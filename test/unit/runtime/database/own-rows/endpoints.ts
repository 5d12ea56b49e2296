/**
 * Endpoints that write a claim into a column of each type, and read the rows of that claim in every place where a
 * statement can compare it. Plain ABIs: the tests compile them for each engine.
 */

/** Each column is named after what it holds. */
export const columnTypes = {
  d1: {
    text: "TEXT",
    whole: "INTEGER",
    ratio: "REAL",
    decimal: "NUMERIC",
    flag: "BOOLEAN",
    moment: "TIMESTAMP",
    body: "JSON",
  },
  postgres: {
    text: "text",
    whole: "bigint",
    ratio: "double precision",
    decimal: "numeric",
    flag: "boolean",
    moment: "timestamptz(3)",
    body: "jsonb",
  },
} as const;

export type EngineName = keyof typeof columnTypes;
export type ColumnName = keyof (typeof columnTypes)["d1"];

export const columnNames = Object.keys(columnTypes.d1) as ColumnName[];

export const tableOf = (engine: EngineName): string =>
  `CREATE TABLE kept (id text PRIMARY KEY NOT NULL, ${Object.entries(columnTypes[engine])
    .map(([name, type]) => `${name} ${type}`)
    .join(", ")})`;

/** Conditions for the rows whose column is `$1`. */
const positions: Readonly<Record<string, (column: ColumnName) => string>> = {
  right: (column) => `${column} = $1`,
  left: (column) => `$1 = ${column}`,
  list: (column) => `${column} IN ($1, $1)`,
  range: (column) => `${column} BETWEEN $1 AND $1`,
  row: (column) => `(${column}, id) = ($1, id)`,
  join: (column) => `id IN (SELECT k.id FROM kept k JOIN kept o ON o.id = k.id AND o.${column} = $1)`,
  inside: (column) =>
    `EXISTS (SELECT 1 FROM (SELECT id AS other, ${column} AS v FROM kept) k WHERE other = id AND v = $1)`,
  around: (column) => `$1 IN (SELECT o.${column} FROM kept o WHERE o.id = kept.id)`,
  choice: (column) => `CASE WHEN ${column} = $1 THEN 1 ELSE 0 END = 1`,
  coalesce: (column) => `${column} = COALESCE($1, ${column})`,
  cast: (column) => `${column} = $1::${columnTypes.postgres[column].replace(/\(.*/, "")}`,
};

export const positionNames = Object.keys(positions);

const protection = {
  tokenize: { type: "JWT", algorithm: "HS256", encryption_key: "$ENV.JWT_SECRET_KEY" },
  protected: { provide_as: "x-access-token", extract_claims: ["team"] },
};
const endpoint = (id: string, actionable: object) => ({
  id,
  resource: id,
  ...protection,
  actionables: [{ id: 1, mode: "QUERY", data_shape: "list", ...actionable }],
});
const statement = (query: string, ...parameters: string[]) => ({ sql_query: { query, parameters } });

/** Every endpoint, the documents' too. */
export const abis: readonly { readonly id: string }[] = [
  ...columnNames.flatMap((column) => [
    endpoint(
      `insert-${column}`,
      statement(`INSERT INTO kept (id, ${column}) VALUES ($1, $2) RETURNING id`, "$PAYLOAD.id", "$PROTECTED.team"),
    ),
    endpoint(
      `update-${column}`,
      statement(`UPDATE kept SET ${column} = $1 WHERE id = $2 RETURNING id`, "$PROTECTED.team", "$PAYLOAD.id"),
    ),
    ...positionNames.map((name) =>
      endpoint(
        `read-${column}-${name}`,
        statement(`SELECT id FROM kept WHERE ${positions[name]?.(column) ?? ""} ORDER BY id`, "$PROTECTED.team"),
      ),
    ),
  ]),
  endpoint("insert-document", {
    mongo_query: { collection: "kept", action: "INSERT", parameters: ["team"], set: { name: "$PAYLOAD.id" } },
  }),
  endpoint("read-document", {
    mongo_query: { collection: "kept", action: "FIND", filter: { team: "$PROTECTED.team" } },
    returnables: ["name"],
  }),
];
