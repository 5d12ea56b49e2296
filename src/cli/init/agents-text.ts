/** AGENTS.md of a new project: what an assistant must know to write ABIs. */

export const agentsText = `# Upload endpoints with Sluice

This project is a Cloudflare Worker made of JSON files. Each file in \`abis/\` is one endpoint (an ABI); \`migrations/*.sql\` are
the tables that their statements use. There is no code to write: \`sluice build\` compiles the ABIs, and proves every statement
against the migrations.

## Work in this order
1. A table that does not exist yet: the next number in \`migrations/\`. A migration that was deployed is never edited.
2. The ABI in \`abis/\`. Begin with a copy of \`abis/add-receipt.json\`.
3. \`npx sluice build --strict\`: every fault names file, place and what was expected. Mend all of them.
4. \`npx sluice dev\` serves it on http://localhost:8787; \`npx sluice token --id user_01\` prints a token for \`Authorization: Bearer <token>\`.

## An ABI
- \`id\` and \`resource\`: both are addresses, \`POST /<resource>\`. Unique in the project.
- \`methods: ["GET"]\` for what only reads: no UPLOAD, nothing that writes, no payload. \`resource: "receipts/:id"\` has a path
  parameter; \`query_parameters\` declares query parameters, name → \`{"type": "STRING", "optional": true}\`.
- \`tokenize\` and \`protected\`: who may call. Without them anybody may.
- \`actionables\`: steps, which run in the order of their dependencies and become durable together, or not at all.
  - \`mode: "UPLOAD"\`: \`uploads.max_file_uploads\`, \`max_upload_file_size\` (bytes), \`allowed_mimetypes\`, \`upload_folder\`,
    \`visibility\` ("public" or "private"), \`strip_metadata\`, \`strict_images\`, \`expiration\` (seconds), \`file_api\`, \`replaces\` (what the caller uploaded
    before goes), \`fields\` (the form's file fields by name, each with its own limits).
  - \`mode: "QUERY"\`: \`sql_query.query\` with $1, $2, … and as many \`parameters\`; \`multi: true\` runs it once for each row that
    an earlier step returned; \`links: {"download_url": "storage_key"}\` answers a signed link for each row.
  - \`payload_validation\`: rules for the fields of the body, checked before anything is stored.
- \`returnables\`: the fields that the step gives to later steps and to the answer; \`main_returnable: true\` marks the one that
  answers.

## Values in parameters and folders
| write | means |
| --- | --- |
| \`$PROTECTED.id\` | a claim of the token; it must stand in \`extract_claims\` |
| \`$PAYLOAD.title\` | a field of the JSON body or of the form |
| \`$PARAM.id\` | the segment of the address in place of \`:id\` |
| \`$QUERY.limit\` | a query parameter that \`query_parameters\` declares |
| \`storage_key\` | a field that an earlier step returns |
| \`$GENERATOR.KSUID\` | a new id: KSUID, ULID, UUID, NANOID, CUID2, SHORTUUID |
| \`$DATETIME\` | the call's moment |
| \`$ENV.NAME\` | a secret or variable of the deployment |
| \`$HEADER.ip\` | the caller's address |

## Rules
- Rows belong to somebody: write \`$PROTECTED.id\` into them, and ask for it in every WHERE.
- The table \`files\` has a row for each stored file (owner, storage_key, status, file_type, file_size, width, height …). It can be
  read and joined, never written. Other tables whose names begin with \`sluice\` are the runtime's.
- Everything that is not allowed in an ABI is refused: no file type but those of \`allowed_mimetypes\`, no method but POST
  where \`methods\` says no other.
- Never put a secret into a file of this project: \`npx wrangler secret put NAME\`.
`;
