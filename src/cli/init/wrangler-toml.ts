/** The wrangler.toml of a new project. */
import { requiredSecrets, type ProjectOptions } from "./options.ts";

const placement = `# Near the database, not near the caller: a call waits for it more often than for anything else. "smart" finds the place by
# itself, once calls come from several. Where you know the region, name it in place of the mode; Neon has it in its addresses:
#   region = "aws:eu-central-1"
[placement]
mode = "smart"
`;

const databaseBlocks = {
  d1: (name: string) => `[[d1_databases]]
binding = "DB"
database_name = "${name}"
# Without an id it is known by its name: \`sluice deploy\` finds it, or makes it.
migrations_dir = "migrations"
`,
  neon: () => placement,
  hyperdrive: () => `[[hyperdrive]]
binding = "HYPERDRIVE"
# Of \`npx wrangler hyperdrive create\`: \`sluice deploy\` refuses this one.
id = "00000000000000000000000000000000"
localConnectionString = "postgresql://user:password@localhost:5432/database"

${placement}`,
} as const;

const galleryBlock = `# The page of uploaded files; \`sluice dev\` shows it, a deployment with GALLERY = "on".
[assets]
directory = "node_modules/sluice/public"
binding = "ASSETS"
run_worker_first = true

`;

export function wranglerToml({ name, database, gallery }: ProjectOptions): string {
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
required = [${requiredSecrets(database)
    .map((secret) => `"${secret}"`)
    .join(", ")}]

[vars]
DATABASE = "${database}"
ALLOWED_HTTP_METHODS = "POST"
${gallery ? 'FILE_API = "on"\nFILE_API_THUMBNAILS = "small:384"\nGALLERY = "on"\n' : ""}`;
}
