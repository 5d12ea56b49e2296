/** Prints the plans of the suite's own endpoints as JSON, compiled as a deployment's are: each kind of upload in three sets, and what takes no files. */
import { compileAbis } from "../../../../src/compiler/compile.ts";
import { pointerLine } from "../../../support/pointer-line.ts";
import { openTarget } from "../../../../src/compiler/sql/open-target.ts";
import { readMigrations } from "../../../../src/cli/project.ts";
import { sqliteTarget } from "../../../../src/compiler/sql/sqlite/target.ts";
import { algorithms, usersTable, type Algorithm } from "../support/users.ts";

const MAX_FILE_BYTES = 262_144;

const tokenize = { type: "JWT", algorithm: "HS256", encryption_key: "$ENV.JWT_SECRET_KEY" };
const guarded = { tokenize, protected: { provide_as: "x-access-token", extract_claims: ["id"] } };
const bearer = { tokenize, protected: { provide_as: "Authorization", extract_claims: ["id"] } };

/** What a set's uploads take. */
const sets: Readonly<Record<string, object>> = {
  narrow: { allowed_mimetypes: ["image/png", "image/jpeg"] },
  wide: { allowed_mimetypes: ["*/*"] },
  strict: { allowed_mimetypes: ["image/*"], strict_images: true, strip_metadata: true },
};

const returnables = ["storage_key", "url", "file_type", "original_file_name", "width", "height", "dominant_color"];

const upload = (uploads: object) => ({
  id: 1,
  mode: "UPLOAD",
  uploads: { max_file_uploads: 2, max_upload_file_size: MAX_FILE_BYTES, ...uploads },
  returnables: [...returnables, "download_url"],
  main_returnable: true,
});

const query = (
  id: number,
  sql: string,
  parameters: readonly (string | number)[],
  more: object = {},
  rules: object = {},
) => ({
  id,
  mode: "QUERY",
  sql_query: { query: sql, parameters, ...rules },
  ...more,
});

const INSERT_GALLERY =
  "INSERT INTO gallery (id, user_id, storage_key, url, file_size, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6::timestamptz, $6::timestamptz) RETURNING id, user_id, storage_key, url";

const storeRows = query(
  2,
  INSERT_GALLERY,
  ["$GENERATOR.KSUID", "$PROTECTED.id", "storage_key", "original_file_name", "file_size", "$DATETIME"],
  {},
  { multi: true },
);

function uploads(name: string, rules: object): readonly object[] {
  const one = (kind: string, access: object, folder: string, actionables: readonly object[], more: object = {}) => ({
    id: `${name}-${kind}-01`,
    resource: `${name}/${kind}`,
    ...access,
    ...more,
    actionables: [upload({ ...rules, upload_folder: folder }), ...actionables],
  });
  const own = `/${name}/$PROTECTED.id`;
  return [
    one("plain", guarded, own, []),
    one("bearer", bearer, own, []),
    one("open", {}, `/${name}/open`, []),
    one("stored", guarded, own, [storeRows]),
    one("job", guarded, own, [{ ...storeRows, run_in_background: true }]),
    {
      ...one("raw", guarded, own, []),
      actionables: [upload({ ...rules, upload_folder: own, max_file_uploads: 1, raw: true })],
    },
  ];
}

const endpoint = (resource: string, actionables: readonly object[], more: object = {}) => ({
  id: `${resource}-01`,
  resource,
  ...guarded,
  actionables,
  ...more,
});

const notesWhere = (value: string, more: string, ...values: string[]) => [
  query(
    1,
    `SELECT id, user_id, storage_key, url FROM gallery WHERE user_id = $1 AND url = $2 ORDER BY id ${more}`,
    ["$PROTECTED.id", value, ...values],
    { data_shape: "list" },
  ),
];
const limited = (resource: string, identifier: string, access: object) => ({
  id: `${resource.replaceAll("/", "-")}-01`,
  resource,
  ...access,
  rate_limit: { limit: 3, identifier, expires_after: 3600 },
  actionables: [query(1, "SELECT id FROM gallery LIMIT 1", [], { data_shape: "list" })],
});

const counted = (resource: string, per: string, access: object) => ({
  id: `${resource.replaceAll("/", "-")}-01`,
  resource,
  ...access,
  actionables: [
    upload({ allowed_mimetypes: ["image/png"], max_file_uploads: 5, quota: { files: 2, bytes: 100_000, per } }),
  ],
});

const INSERT_EVENT =
  "INSERT INTO gallery (id, user_id, storage_key, url, file_size, created_at, updated_at) VALUES ($1, 'hook', $1, $2, 1, $3, $3) ON CONFLICT (id) DO NOTHING";
const storeEvent = (id: number) => query(id, INSERT_EVENT, ["$PAYLOAD.id", "$PAYLOAD.text", "$DATETIME"]);
/** What a wrong signature has to undo, in tens of megabytes. */
const storeFiles = upload({ ...sets["wide"], max_upload_file_size: 40_000_000, upload_folder: "/hooks" });

const hooks = (): readonly object[] => {
  const hook = (name: string, verifications: object, more: object = {}) => ({
    id: `hooks-${name}-01`,
    resource: `hooks/${name}`,
    webhook: { verifications, ...more },
    actionables: name === "files" ? [storeFiles, storeEvent(2)] : [storeEvent(1)],
  });
  const hmac = { sig_header: "X-Signature", secret_key: "$ENV.HOOK_SECRET" };
  const token = { header_key: "X-Hook-Token", secret_key: "$ENV.HOOK_TOKEN" };
  const jwt = { header_key: "Authorization", secret_key: "$ENV.HOOK_JWT", algorithm: "HS256", issuer: "sender" };
  const listed = { allowed_ips: ["192.0.2.0/25", "2001:db8::/33", "198.51.100.7"] };
  const signed = (more: object) => ({ HmacSignatureVerifier: { ...hmac, ...more } });
  const each = {
    ...signed({}),
    HeaderTokenVerifier: token,
    JwtVerifier: jwt,
    IpAllowListVerifier: listed,
  };
  return [
    hook("signed", signed({})),
    hook("github", signed({ prefix: "sha256=" })),
    hook("base64", signed({ algorithm: "SHA512", encoding: "base64" })),
    hook("stripe", signed({ sig_header: "Stripe-Signature", form: "stripe", tolerance: 60 })),
    hook("standard", signed({ sig_header: "webhook-signature", secret_key: "$ENV.STANDARD_SECRET", form: "standard" })),
    hook("files", signed({})),
    hook("token", { HeaderTokenVerifier: token }),
    hook("jwt", { JwtVerifier: jwt }),
    hook("listed", { IpAllowListVerifier: listed }),
    hook("any", each, { composition_strategy_mode: "ANY" }),
    hook("all", each),
  ];
};

/** With the least rounds: what is attacked is not how long it takes. */
const accounts = (algorithm: Algorithm) => {
  const options = algorithm === "bcrypt" ? { options: { rounds_cost: 4 } } : {};
  const password = [{ property: "password", algorithm: algorithm.toUpperCase(), ...options }];
  const issuing = { ...tokenize, expiration: 600, custom_claim_fields: ["id", "email"] };
  const door = (name: string, sql: string, parameters: readonly string[], more: object) => ({
    id: `${algorithm}-${name}-01`,
    resource: `${algorithm}/${name}`,
    tokenize: issuing,
    actionables: [
      query(1, sql, parameters, {
        payload_validation: [{ field: { email: { type: "EMAIL" } } }],
        returnables: ["id", "email", "token"],
        ...more,
      }),
    ],
  });
  const insert = "INSERT INTO users (id, email, password) VALUES ($1, $2, $3) RETURNING *";
  return [
    door("sign-up", insert, ["$GENERATOR.KSUID", "email", "$PAYLOAD.password"], { hashables: password }),
    door("sign-in", "SELECT * FROM users WHERE email = $1", ["email"], { verify_hashables: password }),
  ];
};

/** Beside the addresses of jobs; only where a world asks for it. */
const openJobs = {
  id: "open-jobs-01",
  resource: "jobs/:title",
  methods: ["GET"],
  path_parameters: { title: { type: "STRING", max_length: 31 } },
  actionables: [query(1, "SELECT $1 AS title", ["$PARAM.title"])],
};

/** Takes files in pieces. */
const pieces = (name: string, access: object = guarded) => ({
  id: `${name}-pieces-01`,
  resource: `${name}/pieces`,
  ...access,
  actionables: [upload({ ...sets[name], resumable: true, max_file_uploads: 1, upload_folder: `/${name}/pieces` })],
});

/** By each door; whoever may call it gets links by which others upload. */
const linked = (name: string) => ({
  id: `${name}-01`,
  resource: `${name}/:album`,
  ...guarded,
  query_parameters: { shelf: { type: "STRING", max_length: 20, optional: true } },
  actionables: [
    upload({
      ...sets["narrow"],
      links: { max_uploads: 300, max_expires: 7200 },
      raw: true,
      resumable: true,
      upload_folder: `/${name}/$PROTECTED.id/$PARAM.album`,
    }),
    {
      ...query(
        2,
        INSERT_GALLERY,
        ["$GENERATOR.KSUID", "$PROTECTED.id", "storage_key", "$PAYLOAD.note", "file_size", "$DATETIME"],
        {},
        { multi: true },
      ),
      payload_validation: [{ field: { note: { type: "STRING" } }, max_length: 40, default: "none" }],
    },
  ],
});

const others: readonly object[] = [
  pieces("narrow"),
  linked("linked"),
  linked("linked-too"),
  pieces("wide"),
  endpoint(
    "counted-pieces",
    [
      upload({
        ...sets["wide"],
        resumable: true,
        max_file_uploads: 1,
        quota: { files: 2, bytes: 100_000, per: "$PROTECTED.id" },
      }),
    ],
    { resource: "counted/pieces" },
  ),
  ...hooks(),
  openJobs,
  counted("counted/by-address", "$HEADER.ip", {}),
  counted("counted/by-caller", "$PROTECTED.id", guarded),
  ...algorithms.flatMap(accounts),
  endpoint("sign-out", [], { invalidate_tokenize: {} }),
  {
    ...limited("limited/sign-in", "$HEADER.ip", {}),
    actionables: [
      query(1, "SELECT id, password FROM users WHERE email = $1", ["$PAYLOAD.email"], {
        verify_hashables: [{ property: "password", algorithm: "BCRYPT", options: { rounds_cost: 4 } }],
      }),
    ],
  },
  limited("limited/by-address", "$HEADER.ip", {}),
  limited("limited/by-caller", "$PROTECTED.id", guarded),
  endpoint("delete", [{ id: 1, mode: "UPLOAD", uploads: { delete_files: true } }]),
  endpoint("note", [
    query(1, INSERT_GALLERY, ["$GENERATOR.KSUID", "$PROTECTED.id", "$PAYLOAD.key", "$PAYLOAD.text", 1, "$DATETIME"]),
  ]),
  endpoint("find", [
    query(
      1,
      "SELECT id, user_id, storage_key, url FROM gallery WHERE user_id = $1 AND storage_key = $2",
      ["$PROTECTED.id", "$PAYLOAD.key"],
      { data_shape: "list" },
    ),
  ]),
  endpoint("find-by-path", notesWhere("$PARAM.key", ""), { resource: "notes/:key", methods: ["GET"] }),
  endpoint("find-by-query", notesWhere("$QUERY.key", "LIMIT $3", "$QUERY.limit"), {
    resource: "notes",
    methods: ["GET"],
    query_parameters: {
      key: { type: "STRING" },
      limit: { type: "NUMBER", integer: true, min: 1, max: 100, default: 10 },
    },
  }),
  endpoint("album", [upload({ ...sets["wide"], upload_folder: "/album/$PROTECTED.id/$PARAM.name" })], {
    resource: "album/:name",
  }),
  endpoint("keep-document", [
    {
      id: 1,
      mode: "QUERY",
      mongo_query: {
        collection: "attacks",
        action: "INSERT",
        set: { user_id: "$PROTECTED.id", key: "$PAYLOAD.key", text: "$PAYLOAD.text" },
      },
    },
  ]),
  endpoint("find-document", [
    {
      id: 1,
      mode: "QUERY",
      mongo_query: {
        collection: "attacks",
        action: "FIND",
        filter: { user_id: "$PROTECTED.id", key: "$PAYLOAD.key" },
      },
      data_shape: "list",
    },
  ]),
  endpoint("page", [
    query(
      1,
      "SELECT id, storage_key FROM gallery WHERE user_id = $1 ORDER BY id LIMIT $2 OFFSET $3",
      ["$PROTECTED.id", "$PAYLOAD.limit", "$PAYLOAD.offset"],
      { data_shape: "list" },
    ),
  ]),
  endpoint("checked", [
    query(1, "SELECT id FROM gallery WHERE user_id = $1 AND url = $2", ["$PROTECTED.id", "$PAYLOAD.mail"], {
      data_shape: "list",
      payload_validation: [
        { field: { mail: { type: "EMAIL" } } },
        { field: { words: { type: "STRINGARRAY", arr_length: 4, optional: true } } },
      ],
    }),
  ]),
];

const root = new URL("../../../../", import.meta.url).pathname;
const migrations = [...readMigrations(root), { name: "users.sql", sql: `${usersTable};` }];
const database = openTarget(sqliteTarget, migrations);
const abis = [...Object.entries(sets).flatMap(([name, rules]) => uploads(name, rules)), ...others];
const files = abis.map((abi, index) => ({ name: `attacks-${index}.json`, text: JSON.stringify(abi) }));
const { plans, diagnostics } = await compileAbis(files, { database });
await database.close();
if (plans.length !== abis.length) throw new Error(diagnostics.map(pointerLine).join("\n"));
process.stdout.write(JSON.stringify(plans));
