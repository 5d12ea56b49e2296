/** The files of a new project, by their path. */
import type { DatabaseName } from "../../contract/database-names.ts";
import manifest from "../../../package.json" with { type: "json" };
import { emitJsonSchema } from "../../compiler/emit.ts";
import { randomSecret } from "../local/secrets.ts";
import { schemaPath } from "../project.ts";
import { d1Binding, hyperdriveBinding } from "../../contract/bindings.ts";
import { agentsText } from "./agents-text.ts";
import { describeBindings } from "./binding-descriptions.ts";
import { requiredSecrets, type ProjectOptions } from "./options.ts";
import { readmeText } from "./readme-text.ts";
import { wranglerToml } from "./wrangler-toml.ts";

export function projectFiles(options: ProjectOptions): readonly (readonly [path: string, text: string])[] {
  const { database } = options;
  return [
    ["package.json", json(packageJson(options))],
    ["wrangler.toml", wranglerToml(options)],
    ["abis/add-receipt.json", json(addReceipt)],
    ["abis/list-receipts.json", json(listReceipts)],
    [schemaPath, emitJsonSchema()],
    ["migrations/0001_receipts.sql", database === "d1" ? receiptsOnD1 : receiptsOnPostgres],
    [".dev.vars", devVars(options)],
    [".dev.vars.example", exampleVars(options)],
    [".gitignore", "node_modules/\n.sluice/\n.wrangler/\n.dev.vars\n"],
    [".vscode/settings.json", json(editorSettings)],
    [".github/workflows/deploy.yml", deployWorkflow(options)],
    ["README.md", readmeText(options)],
    ["AGENTS.md", agentsText],
  ];
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

const versionOf = (name: keyof typeof manifest.peerDependencies): string => manifest.peerDependencies[name];

/** What each database needs beside the package. */
const drivers = {
  d1: [],
  neon: ["@electric-sql/pglite", "@neondatabase/serverless", "pg"],
  hyperdrive: ["@electric-sql/pglite", "pg"],
} as const satisfies Record<DatabaseName, readonly (keyof typeof manifest.peerDependencies)[]>;

const boundDatabase = { d1: [d1Binding], neon: [], hyperdrive: [hyperdriveBinding] } as const satisfies Record<
  DatabaseName,
  readonly string[]
>;

const packageJson = ({ name, database }: ProjectOptions) => ({
  name,
  private: true,
  type: "module",
  scripts: {
    dev: "sluice dev",
    build: "sluice build",
    check: "sluice build --check --strict",
    migrate: "sluice migrate",
    deploy: "sluice deploy",
  },
  cloudflare: { bindings: describeBindings(["BUCKET", ...boundDatabase[database], ...requiredSecrets(database)]) },
  dependencies: { sluice: `^${manifest.version}`, ...versions(drivers[database]) },
  devDependencies: versions(["wrangler"]),
});

const versions = (names: readonly (keyof typeof manifest.peerDependencies)[]) =>
  Object.fromEntries(names.map((name) => [name, versionOf(name)]));

function devVars({ database }: ProjectOptions): string {
  const secret = (name: string) => `${name}=${randomSecret()}`;
  const url = database === "d1" ? [] : ["DATABASE_URL=postgresql://user:password@localhost:5432/database"];
  return `${[secret("JWT_SECRET_KEY"), secret("LINK_SECRET"), ...url].join("\n")}\n`;
}

/** Without values: what stands here the deploy button would put on the Worker of whoever presses it. */
const exampleVars = ({ database }: ProjectOptions): string =>
  `# The secrets of a deployment. \`sluice dev\` makes up those of .dev.vars by itself.
${requiredSecrets(database)
  .map((name) => `${name}=\n`)
  .join("")}`;

/** Who calls is the claim `id` of a bearer token. */
const access = {
  tokenize: { type: "JWT", algorithm: "HS256", encryption_key: "$ENV.JWT_SECRET_KEY" },
  protected: { provide_as: "Authorization", extract_claims: ["id"] },
};

const addReceipt = {
  $schema: "./schema.json",
  id: "add-receipt-01",
  resource: "receipts",
  ...access,
  actionables: [
    {
      id: 1,
      mode: "UPLOAD",
      uploads: {
        max_file_uploads: 1,
        max_upload_file_size: 10_485_760,
        allowed_mimetypes: ["image/png", "image/jpeg", "application/pdf"],
        upload_folder: "/receipts/$PROTECTED.id",
        visibility: "private",
        file_api: true,
      },
      returnables: ["storage_key", "original_file_name", "file_type", "file_size", "download_url"],
    },
    {
      id: 2,
      mode: "QUERY",
      sql_query: {
        query:
          "INSERT INTO receipts (id, user_id, storage_key, name, created_at) VALUES ($1, $2, $3, $4, $5) RETURNING id, storage_key, name, created_at",
        parameters: ["$GENERATOR.KSUID", "$PROTECTED.id", "storage_key", "original_file_name", "$DATETIME"],
      },
      returnables: ["id", "storage_key", "name", "created_at"],
      main_returnable: true,
    },
  ],
};

const listReceipts = {
  $schema: "./schema.json",
  id: "list-receipts-01",
  resource: "receipts",
  methods: ["GET"],
  ...access,
  actionables: [
    {
      id: 1,
      mode: "QUERY",
      sql_query: {
        query:
          "SELECT id, storage_key, name, created_at FROM receipts WHERE user_id = $1 ORDER BY created_at DESC, id DESC LIMIT 50",
        parameters: ["$PROTECTED.id"],
      },
      links: { download_url: "storage_key" },
      data_shape: "list",
    },
  ],
};

const receiptsOnD1 = `CREATE TABLE receipts (
  id TEXT PRIMARY KEY NOT NULL,
  user_id TEXT NOT NULL,
  storage_key TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  created_at TIMESTAMP NOT NULL
);
CREATE INDEX receipts_by_user ON receipts (user_id, created_at, id);
`;

const receiptsOnPostgres = `CREATE TABLE receipts (
  id text PRIMARY KEY NOT NULL,
  user_id text NOT NULL,
  storage_key text NOT NULL UNIQUE,
  name text NOT NULL,
  created_at timestamptz(3) NOT NULL
);
CREATE INDEX receipts_by_user ON receipts (user_id, created_at, id);
`;

const editorSettings = {
  "json.schemas": [{ fileMatch: ["abis/*.json"], url: "./abis/schema.json" }],
};

const deployWorkflow = ({
  database,
}: ProjectOptions): string => `# Checks every push, and deploys what reaches main. Needs the secrets CLOUDFLARE_API_TOKEN and
# CLOUDFLARE_ACCOUNT_ID${database === "d1" ? "" : ", and DATABASE_URL, the database that is migrated"}.
name: deploy
on: [push, pull_request]
jobs:
  deploy:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
        with: { node-version: 24 }
      - run: npm install
      - run: npm run check
      - run: npm run deploy
        if: github.ref == 'refs/heads/main'
        env:
          CLOUDFLARE_API_TOKEN: \${{ secrets.CLOUDFLARE_API_TOKEN }}
          CLOUDFLARE_ACCOUNT_ID: \${{ secrets.CLOUDFLARE_ACCOUNT_ID }}
${database === "d1" ? "" : "          DATABASE_URL: ${{ secrets.DATABASE_URL }}\n"}`;
