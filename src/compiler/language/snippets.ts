/** Endpoints to begin with: what an editor offers in an empty file, and in the list of actionables. */

export interface Snippet {
  readonly label: string;
  readonly description: string;
  /** JSON in the language of snippets: `${1:words}` is a place to fill in, and a dollar sign of the text is `\$`. */
  readonly bodyText: string;
}

/** What is filled in first. */
const place = (number: number, words: string): string => `«${String(number)}:${words}»`;

const protection = {
  tokenize: { type: "JWT", algorithm: "HS256", encryption_key: "$ENV.JWT_SECRET_KEY" },
  protected: { provide_as: "x-access-token", extract_claims: ["id"] },
};

const upload = {
  id: 1,
  mode: "UPLOAD",
  uploads: { allowed_mimetypes: [place(3, "image/*")], upload_folder: "/users/$PROTECTED.id" },
  returnables: ["storage_key", "url"],
};

const table = place(4, "gallery");

const insert = (id: number, multi: boolean) => ({
  id,
  mode: "QUERY",
  sql_query: {
    query: `INSERT INTO ${table} (id, user_id, storage_key, url, file_size, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6::timestamptz, $6::timestamptz) RETURNING id, url`,
    parameters: ["$GENERATOR.KSUID", "$PROTECTED.id", "storage_key", "url", "file_size", "$DATETIME"],
    ...(multi ? { multi } : {}),
  },
});

const list = (id: number) => ({
  id,
  mode: "QUERY",
  sql_query: {
    query: `SELECT id, url FROM ${table} WHERE user_id = $1 ORDER BY created_at DESC LIMIT COALESCE($2, 20)`,
    parameters: ["$PROTECTED.id", "$PAYLOAD.limit"],
  },
  data_shape: "list",
});

const named = {
  id: 1,
  mode: "UPLOAD",
  uploads: {
    visibility: "private",
    allowed_mimetypes: ["image/*"],
    fields: {
      [place(3, "document")]: { required: true, allowed_mimetypes: ["application/pdf"] },
      [place(5, "extras")]: { max_files: 3 },
    },
  },
};

const deletion = { id: 1, mode: "UPLOAD", uploads: { delete_files: true } };
const avatar = { ...upload, uploads: { ...upload.uploads, replaces: true } };

/** Dollar signs of the text are escaped, then the places are written. */
function bodyOf(value: unknown): string {
  const text = JSON.stringify(value, null, 2).replaceAll("\\", "\\\\").replaceAll("$", "\\$");
  return text.replaceAll(/«(\d):([^«»]*)»/g, (_, number: string, words: string) => `\${${number}:${words}}`);
}

function endpoint(label: string, description: string, actionables: readonly object[]): Snippet {
  const [id, resource] = [place(1, "receipts-01"), place(2, "receipts")];
  const abi = { $schema: "./schema.json", id, resource, ...protection, actionables };
  return { label, description, bodyText: bodyOf(abi) };
}

const step = (label: string, description: string, actionable: object): Snippet => ({
  label,
  description,
  bodyText: bodyOf(actionable),
});

export const endpointSnippets: readonly Snippet[] = [
  endpoint("Upload", "Takes files and answers what is known of them.", [upload]),
  endpoint("Upload and a row for each file", "Takes files and writes a row for each, all or nothing.", [
    { ...upload, uploads: { ...upload.uploads, max_file_uploads: 2 } },
    insert(2, true),
  ]),
  endpoint("Upload with named fields", "Takes files in fields of a form, each with rules of its own.", [named]),
  endpoint("Upload that replaces", "What the endpoint stored for the caller before goes, as for an avatar.", [avatar]),
  endpoint("List", "Reads the caller's rows.", [list(1)]),
  endpoint("Delete files", "Deletes the caller's files; the body is an array of storage keys.", [deletion]),
];

export const actionableSnippets: readonly Snippet[] = [
  step("UPLOAD", "Takes files.", upload),
  step("UPLOAD with named fields", "Takes files in fields of a form, each with rules of its own.", named),
  step("QUERY: INSERT", "Writes a row.", insert(2, false)),
  step("QUERY: SELECT", "Reads rows.", list(2)),
];
