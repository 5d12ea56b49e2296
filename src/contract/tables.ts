/**
 * The runtime's own tables: names, columns in order, and what each column holds. The files in
 * src/runtime/database/migrations make them on every database; a test compares. The Worker and the compiler both take
 * names from here, so nothing is imported.
 */

/** PostgreSQL's schema for all that is the runtime's. On D1, which has none, names begin with it: every other is the user's. */
export const runtimeSchema = "sluice";
/** The name of the runtime's table `jobs` in a statement for D1. */
export const onD1 = (table: string): string => `${runtimeSchema}_${table}`;
/** And in one for PostgreSQL. */
export const onPostgres = (table: string): string => `${runtimeSchema}.${table}`;
/** In PostgreSQL's SELECT, for its transaction: a role that is called like the schema looks for the user's tables there first. */
export const setUserPath = (): string =>
  `set_config('search_path', coalesce((SELECT string_agg(quote_ident(name), ',') FROM unnest(current_schemas(false)) AS path(name) WHERE name <> '${runtimeSchema}'), 'public'), true)`;

/** What a column holds: the type that TypeScript sees, and in which types it is kept on D1 and on PostgreSQL. */
interface Values {
  /** text, text */
  readonly text: string;
  /** integer, integer */
  readonly integer: number;
  /** A number of bytes or of rows. integer, bigint */
  readonly bigint: number;
  /** integer, boolean */
  readonly boolean: boolean;
  /** RFC 3339, UTC, milliseconds. text, timestamptz(3) */
  readonly moment: string;
  /** The same in a table that ABIs' statements may read: D1's columns are declared for them. timestamp, timestamptz(3) */
  readonly timestamp: string;
  /** json, jsonb */
  readonly json: unknown;
}

type Kind = keyof Values;
/** `?`: may be null. A list: text, one of these. */
type Column = Kind | `${Kind}?` | readonly string[];

type Tables = Readonly<Record<string, Readonly<Record<string, Column>>>>;

export const tables = {
  files: {
    id: "text",
    owner: "text?",
    storage_key: "text",
    status: ["pending", "stored", "deleted", "expired", "gone"],
    visibility: ["public", "private"],
    endpoint: "text",
    original_file_name: "text",
    file_type: "text",
    extension: "text",
    file_size: "bigint",
    checksum_sha256: "text?",
    dominant_color: "text?",
    thumbhash: "text?",
    width: "integer?",
    height: "integer?",
    upload_id: "text?",
    link_epoch: "integer",
    expires_at: "moment?",
    deleted_at: "moment?",
    purge_at: "moment?",
    created_at: "moment",
    updated_at: "moment",
    file_api: "boolean",
    stored_at: "moment?",
    replaces_key: "text?",
    quota: "text?",
    quota_ends_at: "moment?",
    thumbnails: "text?",
    resumable_until: "moment?",
    upload_link: "text?",
    field: "text?",
  },
  quotas: {
    name: "text",
    bytes: "bigint",
    files: "bigint",
    ends_at: "moment?",
  },
  owner_clocks: {
    owner: "text",
    moment: "moment",
  },
  /** Named in the engines' own SQL. */
  row_guard: {
    found: "integer",
    excess: "integer?",
  },
  /** Written by the compiler's statements. */
  documents: {
    position: "bigint",
    id: "text",
    collection: "text",
    body: "json",
    created_at: "timestamp",
    updated_at: "timestamp",
  },
  links: {
    id: "text",
    file_id: "text",
    owner: "text?",
    kind: ["worker", "r2"],
    epoch: "integer",
    bound_ip: "text?",
    max_downloads: "integer?",
    downloads: "integer",
    bytes_left: "bigint",
    request_id: "text",
    client_ip: "text?",
    issued_at: "moment",
    expires_at: "moment",
    storage_keys: "text?",
  },
  upload_links: {
    id: "text",
    endpoint: "text",
    owner: "text",
    epoch: "integer",
    terms: "text",
    max_uploads: "integer",
    uploads: "integer",
    request_id: "text",
    client_ip: "text?",
    issued_at: "moment",
    expires_at: "moment",
    revoked_at: "moment?",
  },
  link_epochs: {
    scope: "text",
    epoch: "integer",
  },
  idempotency_keys: {
    owner: "text",
    scope: "text",
    key: "text",
    token: "text",
    fingerprint: "text?",
    answer: "text?",
    claimed_at: "moment",
    expires_at: "moment",
  },
  revoked_tokens: {
    digest: "text",
    expires_at: "moment",
  },
  reconcile_runs: {
    id: "text",
    phase: ["confirming", "passing", "idle"],
    position: "text",
    started_at: "moment",
  },
  reconcile_findings: {
    storage_key: "text",
    kind: ["object_without_row", "row_without_object"],
    first_seen: "moment",
  },
  jobs: {
    id: "text",
    endpoint: "text",
    origin: ["call", "schedule"],
    fingerprint: "text",
    owner: "text?",
    state: ["queued", "running", "done", "dead"],
    priority: "integer",
    attempts: "integer",
    context: "text",
    files: "text",
    result: "text?",
    problem: "text?",
    lease: "text?",
    due_at: "moment",
    wake_at: "moment",
    expires_at: "moment?",
    created_at: "moment",
    updated_at: "moment",
  },
  job_steps: {
    job_id: "text",
    step: "integer",
    result: "text?",
    created_at: "moment",
  },
  schedules: {
    endpoint: "text",
    last_slot: "moment",
  },
} as const satisfies Tables;

/** D1 has one writer at a time, and needs no such table. */
export const postgresTables = { row_lock: { number: "integer" } } as const satisfies Tables;

export type TableName = keyof typeof tables;

type ValueOf<Held> = Held extends readonly (infer Word)[]
  ? Word
  : Held extends `${infer Name extends Kind}?`
    ? Values[Name] | null
    : Held extends Kind
      ? Values[Held]
      : never;

/** A row as every engine returns it. */
export type TableRow<Name extends TableName> = {
  readonly [Column in keyof (typeof tables)[Name]]: ValueOf<(typeof tables)[Name][Column]>;
};
