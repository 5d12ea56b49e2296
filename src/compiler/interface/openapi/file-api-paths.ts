/** The file API, whose answers have an envelope of their own: docs/file-api.md. */
import type { ProblemCode } from "../../../contract/problem.ts";
import { fileApiPath } from "../../../contract/routes.ts";
import { integer, listOf, moment, objectOf, orNull, text, type Schema } from "../schema.ts";
import { chunk, creationParameters, creationSuccess } from "./tus.ts";
import { fileApiUploadPaths } from "./upload-paths.ts";
import { json, operation, parameter, type OwnOperation } from "./own-operation.ts";

const document: Schema = { $ref: "#/components/schemas/File" };
const visibility: Schema = { type: "string", enum: ["public", "private"] };
const url: Schema = { type: "string", format: "uri" };

export const fileSchema: Schema = objectOf({
  _id: text,
  name: { type: "string", description: "The storage key." },
  uploaded_by: text,
  type: text,
  size: { type: "string", description: "Bytes, as text." },
  bucket: text,
  url,
  meta: {
    type: "object",
    properties: {
      originalName: text,
      visibility,
      width: orNull(integer),
      height: orNull(integer),
      dominantColor: orNull(text),
      thumbhash: orNull(text),
      checksumSha256: orNull(text),
      expiresAt: orNull(moment),
      restorableUntil: orNull(moment),
      thumbnails: listOf(objectOf({ name: text, width: integer, height: integer, url })),
      thumbnailUrl: url,
    },
    required: "originalName visibility width height dominantColor thumbhash checksumSha256 expiresAt".split(" "),
  },
  status: { type: "boolean" },
  deletedAt: orNull(moment),
  createdAt: moment,
  updatedAt: moment,
  __v: integer,
});

export const linkSchema: Schema = objectOf({
  id: text,
  kind: text,
  state: { type: "string", enum: ["live", "expired", "revoked", "used_up"] },
  issued_at: moment,
  expires_at: moment,
  max_downloads: orNull(integer),
  downloads: orNull(integer),
  ip: orNull(text),
  requested_from: orNull(text),
  request_id: text,
});

export const limitsSchema: Schema = objectOf({
  maxFileBytes: { ...integer, description: "Of one file." },
  types: { ...listOf(text), description: "As `image/png`, `image/*` or `*/*`." },
  quota: orNull(
    objectOf({ maxBytes: orNull(integer), maxFiles: orNull(integer), usedBytes: integer, usedFiles: integer }),
  ),
});

/** With FILE_API_RESUMABLE. */
export const resumableLimitsSchema: Schema = objectOf({
  ...limitsSchema.properties,
  maxFileBytes: { ...integer, description: "Of one file in a form." },
  resumable: { type: "boolean", enum: [true] },
  maxResumableBytes: { ...integer, description: "Of one file in pieces." },
});

/** Its address is told once: to whom it is issued. */
export const issuedLinkSchema: Schema = objectOf({ url, ...linkSchema.properties });

const answer = (data: Schema): Record<string, object> => ({
  "200": json(objectOf({ status: { type: "string", enum: ["success"] }, message: text, data })),
});

const call = (own: Omit<OwnOperation, "tag" | "security">): object =>
  operation({ ...own, tag: "File API", security: ["bearer"], problems: ["unauthorized", ...own.problems] });

const key = { $ref: "#/components/parameters/IdempotencyKey" };
const keyProblems: readonly ProblemCode[] = [
  "idempotency_in_flight",
  "idempotency_answer_lost",
  "idempotency_key_invalid",
  "idempotency_key_reused",
];
const jsonProblems: readonly ProblemCode[] = ["payload_invalid", "body_malformed", "content_type_unsupported"];
const id = parameter("id", "path", text);
const missing: readonly ProblemCode[] = ["file_not_found", "file_expired"];

const form = {
  "multipart/form-data": {
    schema: { type: "object", properties: { file: { type: "string", format: "binary" } }, required: ["file"] },
  },
};
/** Of what is known when a file has come, whichever way it did. */
const storing: readonly ProblemCode[] = [
  "file_missing",
  "file_too_large",
  "file_type_not_allowed",
  "file_type_mismatch",
  "overloaded",
  "storage_unavailable",
];
const uploading: readonly ProblemCode[] = [
  "body_malformed",
  "content_type_unsupported",
  "too_many_files",
  "body_too_large",
  "quota_exceeded",
  "client_too_slow",
  ...storing,
  ...keyProblems,
];
/** What requests of tus are refused for. */
const ofPieces: readonly ProblemCode[] = ["precondition_failed", "parameter_invalid", "checksum_mismatch"];

const upload = (name: string, summary: string, isResumable: boolean): object =>
  call({
    id: name,
    summary,
    parameters: [key, ...(isResumable ? creationParameters : [])],
    // A creation needs none.
    body: { required: !isResumable, content: { ...form, ...(isResumable ? chunk : {}) } },
    success: { ...answer(document), ...(isResumable ? creationSuccess : {}) },
    problems: [...uploading, ...(isResumable ? ofPieces : [])],
  });

/** Of one file, by its id, which a key makes safe to repeat. */
const change = (name: string, summary: string): object =>
  call({
    id: name,
    summary,
    parameters: [id, key],
    success: answer(document),
    problems: [...missing, ...keyProblems],
  });

/** Of an upload's own address. */
const pieceProblems: readonly ProblemCode[] = [
  "unauthorized",
  "resource_not_found",
  "method_not_allowed",
  "content_type_unsupported",
  "offset_conflict",
  "idempotency_in_flight",
  "idempotency_answer_lost",
  ...storing,
  ...ofPieces,
];

const filters = [
  parameter("page", "query", { type: "integer", minimum: 1 }),
  parameter("limit", "query", { type: "integer", minimum: 1, maximum: 1000, default: 10 }),
  parameter("cursor", "query", text, "Empty to begin; then `nextCursor` of the answer before."),
  parameter("type", "query", text, "A media type, or `image/*`."),
  parameter("visibility", "query", visibility),
  parameter("prefix", "query", text, "How the storage key begins."),
  parameter("name", "query", text, "Part of the original name, in upper or lower case."),
  parameter("from", "query", text, "A day or a moment: stored then or later."),
  parameter("to", "query", text, "A day or a moment: stored before."),
  parameter("status", "query", { type: "string", enum: ["stored", "deleted"], default: "stored" }),
  parameter(
    "sort",
    "query",
    { type: "string", enum: ["newest", "oldest", "name", "size"], default: "newest" },
    "`size`: the largest first.",
  ),
];

const linkTerms: Schema = {
  type: "object",
  properties: {
    expires: { type: "integer", minimum: 1, maximum: 604_800, description: "Seconds." },
    max_downloads: { type: "integer", minimum: 1 },
    ip: text,
    disposition: text,
    thumbnail: { type: "string", description: "Opens that thumbnail in place of the file." },
  },
};

/** @param isResumable FILE_API_RESUMABLE is true */
export const fileApiPaths = (isResumable: boolean): Record<string, object> => ({
  [fileApiPath]: {
    get: call({
      id: "files.list",
      summary: "The caller's files, page by page",
      parameters: filters,
      success: answer(
        objectOf({
          count: orNull(integer),
          pages: orNull(integer),
          data: listOf(document),
          nextCursor: orNull(text),
        }),
      ),
      problems: ["parameter_invalid"],
    }),
    post: upload("files.upload", "Stores a file for everybody", isResumable),
  },
  [`${fileApiPath}/private`]: { post: upload("files.uploadPrivate", "Stores a file for its owner", isResumable) },
  [`${fileApiPath}/limits`]: {
    get: call({
      id: "files.limits",
      summary: "What an upload may be, and how much of the quota is used",
      success: answer(isResumable ? resumableLimitsSchema : limitsSchema),
      problems: [],
    }),
  },
  [`${fileApiPath}/{id}`]: {
    get: call({ id: "files.get", summary: "A file", parameters: [id], success: answer(document), problems: missing }),
    patch: call({
      id: "files.rename",
      summary: "Gives a file another name; its extension stays",
      parameters: [id, key],
      body: { required: true, content: { "application/json": { schema: objectOf({ name: text }) } } },
      success: answer(document),
      problems: [...missing, ...jsonProblems, ...keyProblems],
    }),
    delete: change("files.delete", "Deletes a file, which can be restored for a while"),
  },
  [`${fileApiPath}/{id}/restore`]: {
    post: change("files.restore", "Brings a deleted file back"),
  },
  [`${fileApiPath}/url/{id}`]: {
    get: call({
      id: "files.sign",
      summary: "A signed link to a file, as text",
      parameters: [
        id,
        parameter("expires", "query", { type: "integer", minimum: 1, maximum: 604_800 }, "Seconds."),
        parameter("disposition", "query", text),
        parameter("thumbnail", "query", text, "Opens that thumbnail in place of the file."),
      ],
      success: answer(url),
      problems: [...missing, "parameter_invalid"],
    }),
  },
  [`${fileApiPath}/{id}/links`]: {
    get: call({
      id: "links.list",
      summary: "The links of a file",
      parameters: [id],
      success: answer(listOf(linkSchema)),
      problems: missing,
    }),
    post: call({
      id: "links.issue",
      summary: "A link with limits",
      parameters: [id, key],
      body: { required: false, content: { "application/json": { schema: linkTerms } } },
      success: answer(issuedLinkSchema),
      problems: [...missing, ...jsonProblems, ...keyProblems],
    }),
    delete: call({
      id: "links.revoke",
      summary: "Ends all links of a file",
      parameters: [id],
      success: answer(objectOf({ revoked: { type: "string", enum: ["file"] }, id: text })),
      problems: missing,
    }),
  },
  [`${fileApiPath}/links`]: {
    delete: call({
      id: "links.revokeAll",
      summary: "Ends all links of the caller",
      success: answer(objectOf({ revoked: { type: "string", enum: ["owner"] } })),
      problems: [],
    }),
  },
  ...(isResumable ? fileApiUploadPaths(answer(document), pieceProblems) : {}),
});
