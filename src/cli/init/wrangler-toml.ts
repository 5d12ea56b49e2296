/** The wrangler.toml of a new project. */
import type { ProjectOptions } from "./options.ts";

/** Ids that `sluice deploy` asks to be replaced: of D1, and of Hyperdrive. */
export const placeholders = ["00000000-0000-0000-0000-000000000000", "00000000000000000000000000000000"] as const;
const [d1Id, hyperdriveId] = placeholders;

const databaseBlocks = {
  d1: (name: string) => `[[d1_databases]]
binding = "DB"
database_name = "${name}"
# Of \`npx wrangler d1 create ${name}\`; local development needs none.
database_id = "${d1Id}"
migrations_dir = "migrations"
`,
  neon: () => `# Near the database, not near the caller: a call waits for it more often than for anything else.
[placement]
mode = "smart"
`,
  hyperdrive: () => `[[hyperdrive]]
binding = "HYPERDRIVE"
# Of \`npx wrangler hyperdrive create\`.
id = "${hyperdriveId}"
localConnectionString = "postgresql://user:password@localhost:5432/database"

# Near the database, not near the caller: a call waits for it more often than for anything else.
[placement]
mode = "smart"
`,
} as const;

const galleryBlock = `# The page of uploaded files; \`sluice dev\` shows it, a deployment with GALLERY = "on".
[assets]
directory = "node_modules/sluice/public"
binding = "ASSETS"
run_worker_first = true

`;

export function wranglerToml({ name, database, gallery }: ProjectOptions): string {
  const secrets = ["JWT_SECRET_KEY", "LINK_SECRET", ...(database === "neon" ? ["DATABASE_URL"] : [])];
  return `name = "${name}"
main = ".sluice/worker.ts"
compatibility_date = "2026-10-20"
compatibility_flags = ["enable_request_signal"]
minify = true
keep_names = false
upload_source_maps = true

[build]
command = "npx sluice build"
watch_dir = ["abis", "migrations"]

# Each minute: schedules, lost jobs, files whose time is over.
[triggers]
crons = ["* * * * *"]

[observability]
enabled = true

[[r2_buckets]]
binding = "BUCKET"
bucket_name = "${name}"

${databaseBlocks[database](name)}
${gallery ? galleryBlock : ""}[secrets]
required = [${secrets.map((secret) => `"${secret}"`).join(", ")}]

[vars]
DATABASE = "${database}"
ALLOWED_HTTP_METHODS = "POST"
${gallery ? 'FILE_API = "on"\nGALLERY = "on"\n' : ""}`;
}
