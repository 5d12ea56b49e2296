/** Where an endpoint's upload links are asked for, listed and ended: below its own address. */
import { uploadLinkParameter } from "../../../contract/limits.ts";
import { parametersOf } from "../../../contract/routes.ts";
import type { EndpointInterface, LinksInterface } from "../endpoint.ts";
import type { FilesInterface } from "../request.ts";
import { integer, listOf, moment, objectOf, orNull, text, type Schema } from "../schema.ts";
import { envelope, parameterOf, pathParameters, schemeOf, templateOf } from "./operation.ts";
import { json, operation, parameter, type OwnOperation } from "./own-operation.ts";

export const linkSecurity = {
  type: "apiKey",
  in: "query",
  name: uploadLinkParameter,
  description: "Of an upload link, whose `url` has it: stands for the token, and says what may be sent.",
} as const;

const method: Schema = { type: "string", enum: ["POST", "PUT"] };
const texts: Schema = {
  type: "object",
  additionalProperties: text,
  description: "Text fields of the form that every upload by the link has.",
};

/** A link as lists show it. */
export const uploadLinkSchema: Schema = objectOf({
  id: text,
  method,
  path: { type: "string", description: "The address that it is for." },
  state: { type: "string", enum: ["live", "expired", "revoked", "used_up"] },
  issued_at: moment,
  expires_at: moment,
  max_uploads: integer,
  uploads: { ...integer, description: "That were stored or are under way." },
  max_bytes: orNull(integer),
  types: orNull(listOf(text)),
  max_files: orNull(integer),
  fields: orNull(texts),
  ip: orNull(text),
  requested_from: orNull(text),
  request_id: text,
});

/** Its address is told once: to whom it is issued. */
export const issuedUploadLinkSchema: Schema = objectOf({
  url: { type: "string", format: "uri" },
  ...uploadLinkSchema.properties,
});

const revoked = (what: string): Schema => ({ type: "string", enum: [what] });

/** What is answered where links were ended: all of them, or one. */
export const revokedSchema = objectOf({ revoked: revoked("endpoint") });
export const revokedLinkSchema = objectOf({ revoked: revoked("link"), id: text });

export function linkPaths(endpoint: EndpointInterface): Record<string, object> {
  const { id, resource, token, request, links } = endpoint;
  if (links === null) return {};
  const names = parametersOf(resource);
  const call = (own: Pick<OwnOperation, "summary" | "parameters" | "body" | "success"> & { readonly name: string }) => {
    const { name, parameters = [], ...rest } = own;
    return operation({
      ...rest,
      id: `${id}.links.${name}`,
      tag: "Upload links",
      security: token === null ? [] : [schemeOf(token)],
      parameters: [...pathParameters(endpoint, names), ...parameters],
      problems: links.problems,
    });
  };
  const success = (data: Schema) => ({ "200": json(envelope("OK", data)) });
  const path = `${templateOf(resource)}/links`;
  return {
    [path]: {
      post: call({
        name: "issue",
        summary: "A link by which somebody without a token uploads, once or a number of times",
        parameters: request.query.map((one) => parameterOf(one, "query")),
        body: { required: false, content: { "application/json": { schema: termsOf(links, request.files) } } },
        success: success(issuedUploadLinkSchema),
      }),
      get: call({
        name: "list",
        summary: "The caller's newest 1,000 links of the endpoint, without their addresses",
        success: success(listOf(uploadLinkSchema)),
      }),
      delete: call({
        name: "revokeAll",
        summary: "Ends every link of the endpoint that the caller was given so far",
        success: success(revokedSchema),
      }),
    },
    [`${path}/{link}`]: {
      delete: call({
        name: "revoke",
        summary: "Ends one of the caller's links",
        parameters: [parameter("link", "path", text)],
        success: success(revokedLinkSchema),
      }),
    },
  };
}

/** What may be asked for; no limit of the endpoint gets wider by it. */
function termsOf({ maxUploads, maxLifeSeconds }: LinksInterface, files: readonly FilesInterface[]): Schema {
  const whole = (description: string, maximum: number, otherwise?: number): Schema => ({
    type: "integer",
    minimum: 1,
    maximum,
    description,
    ...(otherwise === undefined ? {} : { default: otherwise }),
  });
  const types = [...new Set(files.flatMap((rules) => rules.types))].join(", ");
  return {
    type: "object",
    properties: {
      method: { ...method, description: "The only one that the link is for." },
      expires: whole("Seconds.", maxLifeSeconds, Math.min(3600, maxLifeSeconds)),
      max_uploads: whole("Uploads in all.", maxUploads, 1),
      max_bytes: whole("Of one file.", Math.max(...files.map(({ bytes }) => bytes))),
      types: { ...listOf(text), minItems: 1, description: `Some of ${types}.` },
      max_files: whole(
        "Of one upload.",
        files.reduce((sum, { most }) => sum + most, 0),
      ),
      fields: texts,
      ip: { type: "string", description: "The only IPv4 or IPv6 address that uploads come from." },
    },
  };
}
