/**
 * docs/language.md: every property that an ABI may have, where it is from, what it does here, and the test that shows it. Names
 * and sentences are the JSON Schema's, so that no property is missing.
 */
import { existsSync } from "node:fs";
import { createJsonSchema } from "../../src/compiler/language/schema.ts";

interface Node {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly $defs?: Readonly<Record<string, Node>>;
  readonly [keyword: string]: unknown;
}

const nested = ["anyOf", "oneOf", "allOf", "items", "additionalProperties"] as const;

const isNode = (value: unknown): value is Node => typeof value === "object" && value !== null;

/** Properties by their path, with what the schema says of each. A rule of the payload is listed once. */
function* properties(schema: unknown, path: string): Generator<readonly [path: string, description: string]> {
  if (Array.isArray(schema)) for (const one of schema) yield* properties(one, path);
  else if (isNode(schema)) {
    for (const [name, property] of Object.entries(schema.properties ?? {})) {
      const own = path === "" ? name : `${path}.${name}`;
      yield [own, property.description ?? ""];
      yield* properties(property, own);
    }
    for (const keyword of nested) yield* properties(schema[keyword], path);
  }
}

function listed(): ReadonlyMap<string, string> {
  const schema = createJsonSchema() as Node;
  const rule = [...properties(schema.$defs?.["payload_type"], "payload_validation.field")];
  const found = new Map<string, string>();
  for (const [path, description] of [...properties(schema, ""), ...rule]) {
    const name = path.replace(/^actionables\./, "");
    found.set(name, found.get(name) || description || (own[name] ?? ""));
  }
  return found;
}

/** What the schema says by the values alone. */
const own: Readonly<Record<string, string>> = {
  mode: "`UPLOAD` or `QUERY`.",
  "hashables.options": "What making the hash takes.",
  "verify_hashables.options": "What a row that is not there takes, so that it is not told by the time.",
};

/** This runtime's own: Sub0 has no such property. Each stands for everything in it. */
const extensions = [
  "$schema",
  "methods",
  "path_parameters",
  "query_parameters",
  "tokenize.audience",
  "tokenize.issuer",
  "tokenize.max_age",
  "protected.require",
  "atomic",
  "keep_files",
  "data_shape",
  "links",
  "uploads.min_file_uploads",
  "uploads.visibility",
  "uploads.strip_metadata",
  "uploads.strict_images",
  "uploads.replaces",
  "uploads.thumbnails",
  "uploads.raw",
  "uploads.fields",
  "uploads.quota",
  "uploads.links",
  "uploads.resumable",
  "uploads.file_api",
  "mongo_query.filter",
  "mongo_query.set",
  "mongo_query.sort",
  "mongo_query.limit",
  "mongo_query.skip",
  "webhook.verifications.HmacSignatureVerifier.form",
  "webhook.verifications.HmacSignatureVerifier.encoding",
  "webhook.verifications.HmacSignatureVerifier.prefix",
  "webhook.verifications.HmacSignatureVerifier.tolerance",
  "webhook.verifications.PublicKeySignatureVerifier.timestamp_header",
  "webhook.verifications.PublicKeySignatureVerifier.tolerance",
];

/** From test/unit, without `.test.ts`; the longest beginning of a property's path counts. */
const tests: Readonly<Record<string, string>> = {
  "": "compiler/language/editor.node",
  id: "compiler/addresses.node",
  resource: "compiler/addresses.node",
  methods: "runtime/routes/addresses/addresses.workers-slow",
  path_parameters: "runtime/routes/addresses/addresses.workers-slow",
  query_parameters: "runtime/routes/addresses/addresses.workers-slow",
  tokenize: "runtime/auth/verify-token.workers",
  "tokenize.expiration": "runtime/accounts/accounts.workers-slow",
  "tokenize.custom_claim_fields": "runtime/accounts/accounts.workers-slow",
  "tokenize.property_name": "runtime/accounts/accounts.workers-slow",
  protected: "runtime/auth/authenticate.workers",
  rate_limit: "runtime/rate-limits/rate-limits.workers-slow",
  webhook: "runtime/webhooks/webhooks.workers-slow",
  maintenance: "runtime/pipeline/parallel.workers",
  parallel: "runtime/pipeline/parallel.workers",
  invalidate_tokenize: "runtime/accounts/accounts.workers-slow",
  returnables: "runtime/pipeline/query.workers",
  combine_returned_results_from: "runtime/pipeline/answers/answers.workers",
  run_in_background: "runtime/jobs/jobs.workers",
  queue: "runtime/jobs/priority.workers",
  retries: "runtime/jobs/jobs.workers",
  keep_files: "runtime/jobs/jobs.workers",
  cron_job: "runtime/jobs/schedule.workers",
  atomic: "compiler/endpoint/order.node",
  actionables: "compiler/sub0.node",
  main_returnable: "compiler/endpoint/order.node",
  data_shape: "runtime/pipeline/query.workers",
  depends_on: "compiler/endpoint/order.node",
  extract_response_for: "compiler/values/references.node",
  no_op: "compiler/endpoint/order.node",
  payload_validation: "runtime/body/validation.workers",
  bypass_payload_validation: "compiler/endpoint/payload-rules.node",
  uploads: "runtime/upload/upload.workers",
  "uploads.strip_metadata": "runtime/upload/pictures.workers",
  "uploads.strict_images": "runtime/upload/pictures.workers",
  "uploads.replaces": "runtime/upload/replacing/replacing.workers-slow",
  "uploads.thumbnails": "runtime/upload/thumbnails/thumbnails.workers-slow",
  "uploads.fields": "runtime/upload/fields/file-fields.workers-slow",
  "uploads.raw": "runtime/upload/raw/raw.workers-slow",
  "uploads.quota": "runtime/quotas/quotas.workers-slow",
  "uploads.links": "runtime/upload-links/upload-links.workers-slow",
  "uploads.resumable": "runtime/resumable/resumable.workers-slow",
  "uploads.delete_files": "runtime/pipeline/deleting/deleting.workers",
  "uploads.file_api": "runtime/file-api/managed.workers",
  must_return_value: "runtime/pipeline/query.workers",
  sql_query: "runtime/pipeline/query.workers",
  "sql_query.unique": "runtime/pipeline/unique.workers",
  "sql_query.with_timestamp": "compiler/sql/rules/rules.node",
  "sql_query.soft_delete": "compiler/sql/rules/rules.node",
  mongo_query: "runtime/pipeline/mongo.workers",
  hashables: "runtime/accounts/accounts.workers-slow",
  verify_hashables: "runtime/accounts/accounts.workers-slow",
  links: "compiler/endpoint/answer-links.node",
};

const isAt = (path: string, beginning: string): boolean =>
  beginning === "" || path === beginning || path.startsWith(`${beginning}.`) || path.startsWith(`${beginning}s`);

/** @throws Error where it is gone */
function testOf(path: string): string {
  const [beginning = ""] = Object.keys(tests)
    .filter((one) => isAt(path, one))
    .sort((one, other) => other.length - one.length);
  const file = `test/unit/${tests[beginning] ?? ""}.test.ts`;
  if (!existsSync(new URL(`../../${file}`, import.meta.url))) throw new Error(`${file}, of ${path}, does not exist`);
  return `[${
    (tests[beginning] ?? "")
      .split("/")
      .at(-1)
      ?.replace(/\.\w+(?:-\w+)?$/, "") ?? ""
  }](../${file})`;
}

const opening = `# The language, property by property

<!-- Written by tools/pages/language.ts from the JSON Schema of ABIs: edit those. -->

Everything that an ABI may hold. What is not here is refused by name, also what is [not supported yet](abi.md#not-supported-yet). Properties of an actionable stand without \`actionables.\` in front;
the decisions behind them are in [abi.md](abi.md). *Sub0*: documented there, and does here what its documentation says. *here*: this
runtime's own. PostgreSQL runs the tests of \`test/unit/runtime\` a second time, in \`test/unit/runtime/database/postgres\`.

| property | from | what it does | test |
| --- | --- | --- | --- |
`;

/** @throws Error where a property has no sentence, or its test is gone */
export function languagePage(): string {
  const rows = [...listed()].map(([path, description]) => {
    if (description === "") throw new Error(`The schema says nothing of ${path}`);
    const origin = extensions.some((beginning) => isAt(path, beginning)) ? "here" : "Sub0";
    return `| \`${path}\` | ${origin} | ${description.replaceAll(/[|<]/g, "\\$&")} | ${testOf(path)} |`;
  });
  return `${opening}${rows.join("\n")}\n`;
}
