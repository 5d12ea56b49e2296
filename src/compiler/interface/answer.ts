/** What an endpoint answers as `data`, as JSON Schema: from its plan, and from what the engine said of its statement. */
import type { AnsweredResult, AnswerPlan } from "../../contract/plan.ts";
import type { TokenIssue } from "../../contract/plan/authentication.ts";
import { namedField, type deletedFields, type UploadAnswer } from "../../contract/upload-fields.ts";
import { isDeletion } from "../language/upload-schema.ts";
import type { CastKind } from "../sql/casts.ts";
import type { RowCount } from "../sql/result.ts";
import { fieldsOf, type Work } from "../endpoint/task-names.ts";
import { anything, integer, listOf, moment, nothing, objectOf, orNull, text, type Schema } from "./schema.ts";

const link: Schema = { type: "string", format: "uri", description: "A signed link, for a short time." };
const address: Schema = { type: "string", format: "uri" };
const color: Schema = { type: "string", pattern: "^#[0-9a-f]{6}$" };

const uploadSchemas: Readonly<Record<keyof UploadAnswer, Schema>> = {
  id: text,
  storage_key: text,
  original_file_name: text,
  new_file_name: text,
  url: address,
  file_type: { type: "string", description: "The media type, as the bytes tell it." },
  extension: text,
  file_size: { type: "integer", description: "Bytes." },
  checksum_sha256: { type: "string", description: "In hexadecimal digits." },
  dominant_color: orNull(color),
  palette: orNull(listOf(objectOf({ color, share: { type: "number" } }))),
  width: orNull({ type: "integer", description: "Pixels." }),
  height: orNull({ type: "integer", description: "Pixels." }),
  thumbhash: orNull({ type: "string", contentEncoding: "base64" }),
  has_alpha: { type: ["boolean", "null"] },
  animated: { type: ["boolean", "null"] },
  download_url: orNull(link),
  thumbnail_url: orNull({ ...address, description: "Of its first thumbnail." }),
  thumbnails: listOf(objectOf({ name: text, width: integer, height: integer, url: address })),
  expires_at: orNull(moment),
};

const deletedSchemas: Readonly<Record<(typeof deletedFields)[number], Schema>> = {
  storage_key: text,
  status: { type: "string", enum: ["deleted", "not_found"] },
};

const kindSchemas: Readonly<Record<CastKind, Schema>> = {
  text,
  keep: text,
  integer: { type: "integer", description: "As text beyond 2^53." },
  number: { type: "number" },
  boolean: { type: "boolean" },
  timestamp: moment,
  bytes: { type: "string", contentEncoding: "base64" },
  json: anything,
  unknown: anything,
};

/** The members of one row, before the plan picks. */
function describeRow(work: Work): Readonly<Record<string, Schema>> {
  const { actionable } = work.task;
  if (actionable.mode === "UPLOAD") {
    const { uploads } = actionable;
    if (isDeletion(uploads)) return deletedSchemas;
    return uploads.fields === undefined ? uploadSchemas : { ...uploadSchemas, [namedField]: text };
  }
  const columns = work.query?.result.columns ?? {};
  return Object.fromEntries(
    (fieldsOf(work) ?? []).map((name) => {
      const column = columns[name];
      if (column !== undefined)
        return [name, column.neverNull ? kindSchemas[column.kind] : orNull(kindSchemas[column.kind])];
      return [name, work.document !== null && name === "id" ? text : anything];
    }),
  );
}

function countRows({ task: { actionable }, query, document, mustReturn }: Work): RowCount {
  if (actionable.mode === "UPLOAD") return { least: 1, most: null };
  if (document !== null)
    return actionable.mongo_query?.action === "INSERT" ? { least: 1, most: 1 } : { least: 0, most: null };
  const rows = query?.result.rows ?? { least: 0, most: null };
  return mustReturn ? { ...rows, least: 1 } : rows;
}

/** @param work of all steps; empty where the endpoint has none */
export function describeAnswer(answer: AnswerPlan, work: readonly Work[]): Schema {
  const { combined, token } = answer;
  if (combined === undefined) return describeResult(answer, work[answer.step], token);
  return objectOf(Object.fromEntries(combined.map((one) => [String(one.id), describeResult(one, work[one.step])])));
}

function describeResult(answered: AnsweredResult, work: Work | undefined, token?: TokenIssue): Schema {
  if (work === undefined) return nothing;
  const { links = {}, shape } = answered;
  const members: Readonly<Record<string, Schema>> = {
    ...describeRow(work),
    ...Object.fromEntries(Object.keys(links).map((name) => [name, orNull(link)])),
    ...(token === undefined ? {} : { [token.property]: { type: "string", description: "A token (JWT)." } }),
  };
  const names = answered.fields ?? Object.keys(members);
  const row = objectOf(Object.fromEntries(names.map((name) => [name, members[name] ?? anything])));
  // What returns nothing has no row.
  if (names.length === 0 && work.query !== null) return shape === "list" ? listOf(row) : nothing;
  const { least, most } = countRows(work);
  if (shape === "list") return listOf(row);
  const single = least === 1 ? row : orNull(row);
  return shape === "object" || most === 1 ? single : { anyOf: [row, listOf(row), ...(least === 1 ? [] : [nothing])] };
}
