/**
 * What editors are told beside the shape: defaults, values that complete, the words of a fault, whole endpoints to begin with.
 * The members that JSON Schema does not have are those of VS Code's language service, which most editors run.
 */
import * as z from "zod";
import { mediaTypes } from "../../contract/media-types.ts";
import { deletedFields, extensionFields, namedField, uploadFields } from "../../contract/upload-fields.ts";
import { generatorKinds } from "../text/accessor.ts";
import { actionableSnippets, endpointSnippets } from "./snippets.ts";

type Schema = Record<string, unknown>;

const isSchema = (value: unknown): value is Schema =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The default is said in the description, for people who read it there. */
function defaultOf({ description }: Schema): Schema {
  const [, written] = /Default: (\d+|true|false)\b/.exec(String(description)) ?? [];
  return written === undefined ? {} : { default: JSON.parse(written) as unknown };
}

/** The compiler's own words for a text of another form. */
function wordsOf(zodSchema: z.core.$ZodType, { pattern, type }: Schema): Schema {
  if (type === "integer") return { errorMessage: "expected a whole number, without quotes and unit" };
  if (type === "boolean") return { errorMessage: "expected true or false, without quotes" };
  if (pattern === undefined) return {};
  // A text that no pattern of the language takes.
  const { error } = z.safeParse(zodSchema, "\0");
  const words = error?.issues.find(({ code }) => code === "invalid_format")?.message;
  return words === undefined ? {} : { patternErrorMessage: words };
}

/** Adds to the schema of one value what can be told from it. */
export function addWords(zodSchema: z.core.$ZodType, jsonSchema: Schema): void {
  Object.assign(jsonSchema, defaultOf(jsonSchema), wordsOf(zodSchema, jsonSchema));
}

const generators = generatorKinds.map((kind) => `$GENERATOR.${kind}`);
const accessors = [
  "$PROTECTED.id",
  "$PAYLOAD.name",
  "$PARAM.id",
  "$QUERY.limit",
  "$DATETIME",
  "$HEADER.ip",
  "$ENV.NAME",
  ...generators,
];
const bareNames = ["storage_key", "url", "file_size", "file_type", "original_file_name", "dominant_color"];

/** Values to begin with, by the name of the property. */
const examples: Readonly<Record<string, readonly unknown[]>> = {
  methods: [["GET"], ["POST"], ["GET", "POST"]],
  path_parameters: [{ id: { type: "STRING", format: "ksuid" } }],
  query_parameters: [{ limit: { type: "NUMBER", integer: true, min: 1, max: 100, default: 20 } }],
  replaces: [true, "$PAYLOAD.album"],
  delete_files: [true, "storage_key", "$PAYLOAD.keys"],
  encryption_key: ["$ENV.JWT_SECRET_KEY"],
  audience: ["$ENV.TOKEN_AUDIENCE"],
  issuer: ["$ENV.TOKEN_ISSUER"],
  provide_as: ["x-access-token", "Authorization"],
  extract_claims: [["id"], ["id", "email"]],
  require: [{ role: ["admin"] }],
  max_upload_file_size: [1_048_576, 5_242_880, 20_971_520],
  upload_folder: ["/users/$PROTECTED.id", "/receipts/$PROTECTED.id/$GENERATOR.NANOID"],
  expiration: [3600, 86_400, 604_800],
  fields: [{ document: { required: true } }],
  links: [{ download_url: "storage_key" }],
  depends_on: [[{ resource_id: "self", action_ids: [1] }]],
  filter: [{ user_id: "$PROTECTED.id" }],
  sort: [{ id: -1 }],
};
/** Of the items of a list, or the values of an object. */
const itemExamples: Readonly<Record<string, readonly unknown[]>> = {
  parameters: [...accessors, ...bareNames],
  filter: accessors,
  set: accessors,
};

function addExamples(properties: Schema): void {
  for (const [name, property] of Object.entries(properties)) {
    if (!isSchema(property)) continue;
    const own = examples[name];
    // Rules of the payload have members of the same names.
    if (own !== undefined && property["examples"] === undefined && property["description"] !== undefined) {
      property["examples"] = own;
    }
    const inner = property["items"] ?? property["additionalProperties"];
    const items = itemExamples[name];
    if (items !== undefined && isSchema(inner)) inner["examples"] = items;
  }
}

/** Every object's properties, at and under a schema. */
function* propertiesIn(value: unknown): Generator<Schema> {
  if (Array.isArray(value)) for (const item of value) yield* propertiesIn(item);
  if (!isSchema(value)) return;
  if (isSchema(value["properties"])) yield value["properties"];
  for (const inner of Object.values(value)) yield* propertiesIn(inner);
}

const wildcards = [...new Set([...mediaTypes.keys()].map((type) => `${type.split("/")[0] ?? ""}/*`))];

const definitions = {
  media_type: {
    anyOf: [{ enum: ["*/*", ...wildcards, ...mediaTypes.keys()] }, { type: "string", pattern: "^[^/]+/[^/]+$" }],
    patternErrorMessage: 'expected "image/png", "image/*" or "*/*"',
  },
  upload_field: { enum: [...new Set([...uploadFields, ...extensionFields, namedField, ...deletedFields])] },
};

/** The schema of an actionable of this mode among the alternatives. */
function ofMode(alternatives: unknown, mode: string): Schema {
  const list = Array.isArray(alternatives) ? alternatives.filter(isSchema) : [];
  const found = list.map((schema) => schema["properties"]).filter(isSchema);
  return found.find((properties) => isSchema(properties["mode"]) && properties["mode"]["const"] === mode) ?? {};
}

/** Adds to the schema of an ABI what only the whole of it tells. */
export function addValues(root: Schema): void {
  for (const properties of propertiesIn(root)) {
    addExamples(properties);
    const types = properties["allowed_mimetypes"];
    if (isSchema(types)) types["items"] = { $ref: "#/$defs/media_type" };
  }
  const { actionables } = isSchema(root["properties"]) ? root["properties"] : {};
  const items = isSchema(actionables) && isSchema(actionables["items"]) ? actionables["items"] : {};
  const { returnables } = ofMode(items["oneOf"], "UPLOAD");
  if (isSchema(returnables)) returnables["items"] = { $ref: "#/$defs/upload_field" };
  Object.assign(items, { defaultSnippets: actionableSnippets });
  root["$defs"] = { ...(isSchema(root["$defs"]) ? root["$defs"] : {}), ...definitions };
  Object.assign(root, { allowComments: true, allowTrailingCommas: true, defaultSnippets: endpointSnippets });
}
