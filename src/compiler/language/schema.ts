/** The shape of an ABI file as zod definitions: the compiler's checks, its types and the editors' JSON Schema. */
import * as z from "zod";
import { invalidateTokenize, issuing, passwords } from "./account-schema.ts";
import { background, cronJob } from "./background-schema.ts";
import { thumbnailName } from "../../contract/limits.ts";
import { methods } from "../../contract/plan.ts";
import { addValues, addWords } from "./editor-schema.ts";
import { mongoQuery } from "./mongo-schema.ts";
import { parameterRules, payloadDefinitions, payloadRuleReference } from "./payload-schema.ts";
import { rateLimit } from "./rate-limit-schema.ts";
import { uploads } from "./upload-schema.ts";
import { webhook } from "./webhook-schema.ts";

const name = z.string().min(1).max(255);
const fields = z
  .array(name)
  .min(1)
  .describe(
    "Names of the fields to answer. Absent: all of them. Names only: accessors and secrets are never answered.",
  );

export const extraction = z
  .strictObject({
    extract: name.describe('A field, a path such as "user.email" or "items.0.id", or "self_" for the whole result.'),
    for: z
      .string()
      .regex(/^[A-Za-z_]\w*$/, "expected a plain name: letters, digits and _")
      .describe("The bare name under which this actionable knows the value."),
  })
  .describe("Gives a value of an earlier result a name.");
const extractions = z.array(extraction).min(1);

const expectedText = z
  .string()
  .regex(/^(?:[^$]|\$ENV\.[A-Za-z_]\w*$)/, "expected a text, or a variable of the deployment, written $ENV.NAME");

export const tokenize = z
  .strictObject({
    type: z.literal("JWT").describe("The kind of token."),
    algorithm: z.enum(["HS256", "HS384", "HS512"]).describe("The one algorithm that signs and is accepted."),
    encryption_key: z
      .string()
      .regex(/^\$ENV\.[A-Za-z_]\w*$/, "expected a secret of the deployment, written $ENV.NAME; never the secret itself")
      .describe(
        "The secret that signs and verifies tokens: $ENV.NAME. $ENV.NAME_PREVIOUS, where it is set, verifies as well.",
      ),
    audience: z
      .union([expectedText, z.array(expectedText).min(1)], { error: "expected a text or a list of texts" })
      .describe("Whom tokens must be for: `aud` is one of these or holds one. Texts, or $ENV.NAME. Absent: anybody.")
      .optional(),
    issuer: expectedText
      .describe("Who must have issued tokens: `iss`. A text, or $ENV.NAME. Absent: anybody.")
      .optional(),
    max_age: z
      .int()
      .min(1)
      .describe("Seconds since `iat` after which a token is refused, whatever its `exp`. Absent: no matter.")
      .optional(),
    ...issuing,
  })
  .describe("How tokens are verified (beside `protected`), and how one is issued from the answering row.");

export const protection = z
  .strictObject({
    provide_as: z
      .string()
      .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, "expected the name of a request header")
      .describe("Header that carries the token: `Authorization` means `Bearer <token>`, any other the bare token."),
    extract_claims: z
      .array(z.string().regex(/^[A-Za-z_]\w*$/, "expected the name of a claim: letters, digits and _"))
      .min(1)
      .describe("Claims a token must carry; the only ones that $PROTECTED can reach."),
    require: z
      .record(
        z.string().regex(/^[A-Za-z_]\w*$/, "expected the name of a claim: letters, digits and _"),
        z.array(z.union([z.string(), z.number(), z.boolean()])).min(1),
      )
      .describe('Claims and the values of which a token must have one, else 403: {"role": ["admin", "reviewer"]}.')
      .optional(),
  })
  .describe("Only callers with a valid token may call. Needs `tokenize`.");

export const dependency = z
  .strictObject({
    resource_id: name.describe('"self", or the id of another endpoint whose QUERY runs here as well.'),
    action_ids: z.array(z.int().min(0)).min(1).describe("Ids of the actionables this one waits for."),
    extract_response_for: extractions.describe("Values of their results to know by a name.").optional(),
  })
  .describe("Runs other actionables first; this one only runs if each of them has a row.");

/** What a rule holds is read by payload-rules.ts; editors get payload-schema.ts. */
const payloadRule = z.unknown();
const pathRules = z
  .unknown()
  .describe("What path parameters must be: name → type. One without a rule may be any text.");
const queryRules = z
  .unknown()
  .describe("The query parameters that there are: name → type, read as $QUERY.name. Any other is refused.");

const parallel = z
  .boolean()
  .describe("Reads that no later step needs go to the database together with everything else of the call, at its end.");

const common = {
  ...background,
  id: z.int().min(0).describe("The actionable's id, unique in its ABI."),
  returnables: fields.optional(),
  main_returnable: z.boolean().describe("Answer with this result instead of the last actionable's.").optional(),
  data_shape: z.enum(["list", "object"]).describe("Always answer an array, or always one object (or null).").optional(),
  depends_on: z.array(dependency).min(1).describe("What has to run before.").optional(),
  extract_response_for: extractions.describe("Values of the previous result to know by another name.").optional(),
  no_op: z.boolean().describe("Runs only for the actionables that depend on it, before the first of them.").optional(),
  payload_validation: z
    .array(payloadRule)
    .describe("What fields of the payload must be: else 422 with every fault, before anything runs.")
    .optional(),
  parallel: parallel.optional(),
  cron_job: cronJob.optional(),
  bypass_payload_validation: z.boolean().describe("The rules are not applied.").optional(),
};

const parameter = z
  .union([z.string(), z.number(), z.boolean(), z.null()])
  .describe(
    "$PROTECTED.claim, $PAYLOAD.field, $PARAM.name, $QUERY.name, $ENV.NAME, $HEADER.Name, $DATETIME, $GENERATOR.KIND, a bare name, or a literal.",
  );
export const sqlQuery = z
  .strictObject({
    query: z.string().min(1).max(100_000).describe("One SELECT, INSERT, UPDATE or DELETE in PostgreSQL's SQL."),
    parameters: z.array(parameter).describe("Values of $1, $2, … in order.").optional(),
    multi: z
      .boolean()
      .describe("Run once per element of the previous result or of the payload, atomically.")
      .optional(),
    unique: z
      .array(name)
      .min(1)
      .describe("Columns, each of whose written values no other row may have: else 409 and nothing is stored.")
      .optional(),
    with_timestamps: z
      .boolean()
      .describe("Sets created_at (INSERT) and updated_at to the request's moment, unless the statement does.")
      .optional(),
    with_timestamp: z.boolean().describe("The same as with_timestamps.").optional(),
    soft_delete: z
      .boolean()
      .describe("DELETE only sets deleted_at; SELECT and UPDATE see no rows that have it.")
      .optional(),
  })
  .describe("A statement whose values are only ever bound.");

/** A value of `links`. */
export const linkedThumbnail = z.strictObject({
  column: name.describe("The column of the storage key."),
  thumbnail: z
    .string()
    .regex(
      thumbnailName,
      "expected a plain name: at most 32 lower-case letters, digits, - and _, no sign at its beginning",
    )
    .describe("The name of the file's thumbnail that the link opens."),
});

export const uploadActionable = z.strictObject({ ...common, mode: z.literal("UPLOAD"), uploads });
export const queryActionable = z.strictObject({
  ...common,
  mode: z.literal("QUERY"),
  must_return_value: z.boolean().describe("No row ends the request with 422 and undoes it.").optional(),
  sql_query: sqlQuery.optional(),
  mongo_query: mongoQuery.optional(),
  ...passwords,
  links: z
    .record(
      name,
      z.union([name, linkedThumbnail], {
        error: 'expected a column, or such as {"column":"storage_key","thumbnail":"small"}',
      }),
    )
    .describe(
      'Fields to answer that are download links, each with the column of the storage key: {"download_url": "storage_key"}; or links to a thumbnail of the file: {"preview": {"column": "storage_key", "thumbnail": "small"}}.',
    )
    .optional(),
});

/** One ABI file. */
export const abiSchema = z
  .strictObject({
    $schema: z.string().describe("For editors only.").optional(),
    id: z
      .string()
      .max(255)
      .regex(/^[A-Za-z0-9][A-Za-z0-9_-]*$/, "expected letters, digits, - and _")
      .describe("Unique id of the endpoint, also an address: POST /<id>."),
    resource: z
      .string()
      .max(255)
      .regex(
        /^(?:[a-z0-9]+(?:-[a-z0-9]+)*|:[A-Za-z_]\w*)(?:\/(?:[a-z0-9]+(?:-[a-z0-9]+)*|:[A-Za-z_]\w*))*$/,
        "expected kebab-case words, or :name for a whole segment, / between segments",
      )
      .describe("Route in kebab-case: POST /<resource>. A segment :name is a path parameter, read as $PARAM.name."),
    methods: z
      .array(z.enum(methods))
      .min(1)
      .describe(
        'How the endpoint is called: ["GET"] for what only reads, ["POST"], or both. Default: POST; with "raw", PUT as well.',
      )
      .optional(),
    path_parameters: pathRules.optional(),
    query_parameters: queryRules.optional(),
    tokenize: tokenize.optional(),
    protected: protection.optional(),
    rate_limit: rateLimit.optional(),
    webhook: webhook.optional(),
    maintenance: z.boolean().describe("Every call is answered with 503, before anything else is done.").optional(),
    parallel: parallel.optional(),
    invalidate_tokenize: invalidateTokenize.optional(),
    returnables: fields.optional(),
    combine_returned_results_from: z
      .array(z.int().min(0))
      .min(1)
      .describe("Ids of actionables whose results are answered in one object, each under its id.")
      .optional(),
    ...background,
    keep_files: z.boolean().describe("A job that finally fails leaves the files of its call.").optional(),
    cron_job: cronJob.optional(),
    atomic: z
      .boolean()
      .describe("All that the endpoint writes stays or none of it: a database that cannot promise it is refused.")
      .optional(),
    actionables: z
      .array(z.discriminatedUnion("mode", [uploadActionable, queryActionable]))
      .describe("The steps. Only beside `invalidate_tokenize` there may be none."),
  })
  .meta({
    title: "Sluice ABI",
    description: "One upload endpoint: who may call it, the steps it runs, what it answers.",
  });

export type Abi = z.infer<typeof abiSchema>;
export type Actionable = Abi["actionables"][number];
export type UploadActionable = z.infer<typeof uploadActionable>;
export type QueryActionable = z.infer<typeof queryActionable>;
export type Extraction = z.infer<typeof extraction>;

/** The JSON Schema that editors check ABI files with. */
export function createJsonSchema(): unknown {
  const schema = z.toJSONSchema(abiSchema, {
    target: "draft-2020-12",
    override({ zodSchema, jsonSchema }) {
      addWords(zodSchema, jsonSchema);
      if (zodSchema === payloadRule) Object.assign(jsonSchema, payloadRuleReference);
      if (zodSchema === pathRules || zodSchema === queryRules) Object.assign(jsonSchema, parameterRules);
      if (zodSchema === abiSchema) Object.assign(jsonSchema, { $defs: payloadDefinitions });
    },
  });
  addValues(schema);
  return schema;
}
