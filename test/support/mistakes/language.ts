/** Mistakes in what an endpoint is: the file, its properties, tokens, the order of its steps. */
import { abiSchema } from "../../../src/compiler/language/schema.ts";
import { endpoint, query, upload, type Mistake } from "./mistake.ts";

const mine = (more = "", parameters = '["$PROTECTED.id"]', id = 2) =>
  query("SELECT id, url FROM gallery WHERE user_id = $1", parameters, more, id);

export const languageMistakes: readonly Mistake[] = [
  {
    title: "A comma is missing",
    marked: endpoint([upload()]).replace('"receipts-01",\n  ', '"receipts-01"\n  ▶'),
    told: 'not JSON: expected "," or "}", found "\\""',
  },
  {
    title: "A text in single quotes",
    marked: endpoint([upload()]).replace('"receipts-01"', "▶'receipts-01'"),
    told: 'not JSON: expected a value, found "\'"',
  },
  {
    title: "A member stands twice",
    marked: endpoint([upload('"visibility": "private",\n    ▶"visibility": "public"')]),
    told: "this object has a member of that name already",
  },
  {
    title: "A property is misspelt",
    marked: endpoint([upload('▶"max_file_upload": 2')]),
    told: 'unknown property "max_file_upload"; expected max_file_uploads, min_file_uploads, max_upload_file_size, allowed_mimetypes, upload_folder, visibility, strip_metadata, strict_images, replaces, thumbnails, fields, raw, quota, links, resumable, expiration, file_api, delete_files. Did you mean "max_file_uploads"?',
  },
  {
    title: "A property that must be there is misspelt",
    marked: endpoint([mine()]).replace('"resource"', '▶"resourse"'),
    told: `unknown property "resourse"; expected ${Object.keys(abiSchema.shape).join(", ")}. Did you mean "resource"?`,
  },
  {
    title: "A property that must be there is not",
    marked: endpoint([mine()]).replace('  "resource": "receipts",\n', "").replace("{", "▶{"),
    told: '"resource" is missing; expected a text',
  },
  {
    title: "main_returnable one level too low",
    marked: endpoint([upload('▶"main_returnable": true')]),
    told: '"main_returnable" belongs one level up, beside "mode"',
  },
  {
    title: "main_returnable at the top",
    marked: endpoint([upload()], '▶"main_returnable": true,'),
    told: '"main_returnable" belongs into an actionable',
  },
  {
    title: "A member of uploads beside it",
    marked: endpoint([upload("", '▶"upload_folder": "receipts",')]),
    told: '"upload_folder" belongs into "uploads"',
  },
  {
    title: "protected inside an actionable",
    marked: endpoint([mine('▶"protected": { "provide_as": "Authorization", "extract_claims": ["id"] }')]),
    told: '"protected" belongs to the top of the file, beside "actionables"',
  },
  {
    title: "A flat cache_key",
    marked: endpoint([mine()], '▶"cache_key": "receipts",'),
    told: '"cache_key" belongs into "cacheable", which is not supported yet',
  },
  {
    title: "A property of Sub0 that is not supported yet",
    marked: endpoint([mine()], '▶"broadcast_websocket_message": { "broadcast_type": "ALL" },'),
    told: '"broadcast_websocket_message" is not supported yet',
  },
  {
    title: "A name where the runtime shows its jobs",
    marked: endpoint([mine("", '["$PARAM.id"]')]).replace('"resource": "receipts"', '"resource": ▶"jobs/:id"'),
    told: '"jobs/:id" would take addresses of the runtime\'s own jobs, which end in 32 hex digits; expected a rule that no such text passes, as {"id": {"type": "STRING", "max_length": 31}}',
  },
  {
    title: "A result that no actionable has",
    marked: endpoint([mine()], '"combine_returned_results_from": [2, ▶3],'),
    told: "there is no actionable 3 in this file; expected some of 2",
  },
  {
    title: "A secret is written out",
    marked: endpoint(
      [mine()],
      '"webhook": { "verifications": { "HeaderTokenVerifier": { "header_key": "X-Token", "secret_key": ▶"s3cret" } } },',
    ),
    told: "expected a secret of the deployment, written $ENV.NAME; never the secret itself",
  },
  {
    title: "A network that is none",
    marked: endpoint(
      [mine()],
      '"webhook": { "verifications": { "IpAllowListVerifier": { "allowed_ips": [▶"192.0.2.1/24"] } } },',
    ),
    told: '"192.0.2.1/24" has bits behind its first 24: expected the network\'s own address',
  },
  {
    title: "Two schedules",
    marked: endpoint(
      [mine('"cron_job": { "execution_interval": ▶"0 0 4 * * *" }', "[7]")],
      '"cron_job": { "execution_interval": "0 0 3 * * *" },',
    ),
    told: "differs from /cron_job: an endpoint runs by one schedule",
  },
  {
    title: "A mode in small letters",
    marked: endpoint([upload().replace('"UPLOAD"', '▶"upload"')]),
    told: 'expected "UPLOAD" or "QUERY", found "upload". Did you mean "UPLOAD"?',
  },
  {
    title: "An algorithm that is not offered",
    marked: endpoint([mine()]).replace('"HS256"', '▶"RS256"'),
    told: 'expected "HS256" or "HS384" or "HS512", found "RS256". Did you mean "HS256"?',
  },
  {
    title: "The key itself in place of its name",
    marked: endpoint([mine()]).replace('"$ENV.JWT_SECRET_KEY"', '▶"hunter2hunter2"'),
    told: "expected a secret of the deployment, written $ENV.NAME; never the secret itself",
  },
  {
    title: "A secret that is not declared",
    marked: endpoint([mine()]).replace('"$ENV.JWT_SECRET_KEY"', '▶"$ENV.JWT_SECRET_KY"'),
    told: '$ENV.JWT_SECRET_KY is neither under vars nor under secrets.required of the Wrangler configuration; expected one of JWT_SECRET_KEY, LINK_SECRET. Did you mean "JWT_SECRET_KEY"?',
  },
  {
    title: "A route with a slash before it",
    marked: endpoint([mine()]).replace('"receipts",', '▶"/My_Receipts",'),
    told: 'expected kebab-case words, or :name for a whole segment, / between segments; write "my-receipts"',
  },
  {
    title: "A star for all claims",
    marked: endpoint([query("SELECT id FROM gallery")]).replace('["id", "email"]', '[▶"*"]'),
    told: '"*" is no claim; write each by its name, such as ["id", "email"]',
  },
  {
    title: "require as a list",
    marked: endpoint([mine()]).replace('"email"] }', '"email"], ▶"require": ["admin"] }'),
    told: 'expected an object, found a list; write {"role":["admin"]}',
  },
  {
    title: "require with one value that stands in no list",
    marked: endpoint([mine()]).replace('"email"] }', '"email"], "require": { "role": ▶"admin" } }'),
    told: 'expected a list, found a string; write ["admin"]',
  },
  {
    title: "require beside protected",
    marked: endpoint([mine()], '▶"require": { "role": ["admin"] },'),
    told: '"require" belongs into "protected"',
  },
  {
    title: "depends_on as a list of ids",
    marked: endpoint([mine("", '["$PROTECTED.id"]', 1), mine('"depends_on": [▶1]')]),
    told: 'expected an object; write {"resource_id":"self","action_ids":[1]}',
  },
  {
    title: "depends_on as one object",
    marked: endpoint([
      mine("", '["$PROTECTED.id"]', 1),
      mine('▶"depends_on": { "resource_id": "self", "action_ids": [1] }'),
    ]),
    told: 'expected a list, found an object; write [{"resource_id":"self","action_ids":[1]}]',
  },
  {
    title: "It depends on an actionable that is not there",
    marked: endpoint([
      mine(
        '"depends_on": [\n    { "resource_id": "self", ▶"action_ids": [7], "extract_response_for": [{ "extract": "id", "for": "own" }] }\n  ]',
        '["own"]',
      ),
    ]),
    told: "this ABI has no actionable 7; expected one of 2",
  },
  {
    title: "It depends on an endpoint that is not there",
    marked: endpoint([mine('"depends_on": [{ "resource_id": ▶"recipts-01", "action_ids": [2] }]')]),
    told: 'there is no endpoint with the id "recipts-01". Did you mean "receipts-01"?',
  },
  {
    title: "A step that only feeds others, and nothing depends on it",
    marked: endpoint([mine('"no_op": ▶true', '["$PROTECTED.id"]', 1), mine()]),
    told: "nothing depends on this actionable, so it would never run",
  },
  {
    title: "A star for all fields",
    marked: endpoint([mine('"returnables": [▶"*"]')]),
    told: '"*" is no field; write the names, or leave "returnables" out for all fields',
  },
  {
    title: "A field that the statement never returns",
    marked: endpoint([mine('"returnables": ["id", ▶"ulr"]')]),
    told: 'actionable 2 never returns "ulr"; expected id, url. Did you mean "url"?',
  },
];
