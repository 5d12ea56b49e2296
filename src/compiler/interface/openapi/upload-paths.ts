/** The address that each resumable upload has, by tus 1.0. */
import type { ProblemCode } from "../../../contract/problem.ts";
import { fileApiUploadsPath, resumablePath } from "../../../contract/routes.ts";
import type { EndpointInterface } from "../endpoint.ts";
import { integer, nothing, objectOf, orNull, text, type Schema } from "../schema.ts";
import { envelope, securityOf, successOf } from "./operation.ts";
import { json, operation, parameter, type OwnOperation } from "./own-operation.ts";
import {
  bytes,
  checksumParameter,
  chunk,
  expiry,
  header,
  length,
  offset,
  preference,
  version,
  versionSchema,
} from "./tus.ts";

const incompleteOf = (envelope: Record<string, Schema>): Schema =>
  objectOf({
    ...envelope,
    message: { type: "string", enum: ["Incomplete"] },
    data: nothing,
    offset: integer,
    length: orNull(integer),
  });

/** The address below which an endpoint's uploads are. */
export function uploadPaths(endpoint: EndpointInterface): Record<string, object> {
  const { id, resumable } = endpoint;
  if (resumable === null) return {};
  const success = successOf(endpoint, "POST");
  const incomplete = incompleteOf({ success: { type: "boolean", enum: [true] } });
  return describeUploads({
    folder: `${resumablePath}/${id}`,
    id: `${id}.upload`,
    tag: "Uploads",
    security: securityOf(endpoint),
    problems: resumable.problems,
    success,
    answer: answerOr(endpoint, success, incomplete),
  });
}

/** Those of the file API. @param success what its forms answer */
export const fileApiUploadPaths = (
  success: Record<string, object>,
  problems: readonly ProblemCode[],
): Record<string, object> =>
  describeUploads({
    folder: fileApiUploadsPath,
    id: "files.uploads",
    tag: "File API",
    security: ["bearer"],
    problems,
    success,
    answer: { ...success, ...notWhole(incompleteOf({ status: { type: "string", enum: ["success"] } })) },
  });

interface Uploads extends Pick<OwnOperation, "tag" | "security" | "problems"> {
  /** Their addresses without the last segment. */
  readonly folder: string;
  /** What the operations' ids begin with. */
  readonly id: string;
  /** What the last bytes may be answered with. */
  readonly success: Record<string, object>;
  /** Of GET. */
  readonly answer: Record<string, object>;
}

function describeUploads({ folder, id, success, answer, ...shared }: Uploads): Record<string, object> {
  const call = (own: Pick<OwnOperation, "summary" | "parameters" | "body" | "success"> & { readonly name: string }) => {
    const { name, parameters = [], ...rest } = own;
    return operation({
      ...rest,
      ...shared,
      id: `${id}.${name}`,
      parameters: [parameter("upload", "path", text, "From `Location`."), ...parameters],
    });
  };
  const told = { ...parameter("Tus-Resumable", "header", versionSchema), required: true };
  return {
    [`${folder}/{upload}`]: {
      get: call({
        name: "get",
        summary: "What the endpoint answers, once the file is whole",
        success: answer,
      }),
      head: call({
        name: "head",
        summary: "How far an upload has come; ends the PATCH that may be running",
        parameters: [told],
        success: {
          "200": {
            description: "It goes on at `Upload-Offset`.",
            headers: {
              ...version,
              ...offset,
              ...expiry,
              "Upload-Length": header(bytes),
              "Upload-Defer-Length": header(text),
              "Upload-Metadata": header(text),
            },
          },
          "423": {
            description: "All bytes are there, and what follows could not be carried out yet: ask again.",
            headers: { ...version, ...offset, "Retry-After": header(text) },
          },
        },
      }),
      patch: call({
        name: "patch",
        summary: "The bytes from `Upload-Offset` on",
        parameters: [
          told,
          { ...parameter("Upload-Offset", "header", bytes), required: true },
          length("Of the whole file, where the creation deferred it."),
          checksumParameter,
          preference,
        ],
        body: { required: false, content: chunk },
        success: {
          ...success,
          "204": { description: "They are durable.", headers: { ...version, ...offset, ...expiry } },
        },
      }),
      delete: call({
        name: "delete",
        summary: "Ends an upload that has not stored its file",
        parameters: [told],
        success: { "204": { description: "Nothing is left of it.", headers: version } },
      }),
    },
  };
}

/** A job is announced with the status that an upload has that is not whole. */
function answerOr(
  endpoint: EndpointInterface,
  success: Record<string, object>,
  incomplete: Schema,
): Record<string, object> {
  if (!endpoint.isBackground) return { ...success, ...notWhole(incomplete) };
  const job = { job_id: text, status_url: { type: "string", format: "uri" } } as const;
  const either: Schema = { anyOf: [envelope("Accepted", endpoint.answer, job), incomplete] };
  return { "202": json(either, "Not whole yet; or a job goes on.") };
}

const notWhole = (incomplete: Schema): Record<string, object> => ({ "202": json(incomplete, "Not whole yet.") });
