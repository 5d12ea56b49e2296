/** The address that each resumable upload has below its endpoint's, by tus 1.0. */
import { resumablePath } from "../../../contract/routes.ts";
import type { EndpointInterface } from "../endpoint.ts";
import { integer, nothing, objectOf, orNull, text, type Schema } from "../schema.ts";
import { envelope, schemeOf, successOf } from "./operation.ts";
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

/** The address below which an endpoint's uploads are. */
export function uploadPaths(endpoint: EndpointInterface): Record<string, object> {
  const { id, token, resumable } = endpoint;
  if (resumable === null) return {};
  const call = (own: Pick<OwnOperation, "summary" | "parameters" | "body" | "success"> & { readonly name: string }) => {
    const { name, parameters = [], ...rest } = own;
    return operation({
      ...rest,
      id: `${id}.upload.${name}`,
      tag: "Uploads",
      security: token === null ? [] : [schemeOf(token)],
      parameters: [parameter("upload", "path", text, "From `Location`."), ...parameters],
      problems: resumable.problems,
    });
  };
  const told = { ...parameter("Tus-Resumable", "header", versionSchema), required: true };
  const incomplete = objectOf({
    success: { type: "boolean", enum: [true] },
    message: { type: "string", enum: ["Incomplete"] },
    data: nothing,
    offset: integer,
    length: orNull(integer),
  });
  return {
    [`${resumablePath}/${id}/{upload}`]: {
      get: call({
        name: "get",
        summary: "What the endpoint answers, once the file is whole",
        success: answerOr(endpoint, incomplete),
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
          ...successOf(endpoint, "POST"),
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
function answerOr(endpoint: EndpointInterface, incomplete: Schema): Record<string, object> {
  const success = successOf(endpoint, "POST");
  if (!endpoint.isBackground) return { ...success, "202": json(incomplete, "Not whole yet.") };
  const job = { job_id: text, status_url: { type: "string", format: "uri" } } as const;
  const either: Schema = { anyOf: [envelope("Accepted", endpoint.answer, job), incomplete] };
  return { "202": json(either, "Not whole yet; or a job goes on.") };
}
