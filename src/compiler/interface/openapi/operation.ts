/** One endpoint under one of its methods, as an operation of OpenAPI. */
import type { Method } from "../../../contract/plan.ts";
import { isParameter } from "../../../contract/routes.ts";
import { anyField, type FilesInterface, type ParameterInterface } from "../request.ts";
import type { EndpointInterface } from "../endpoint.ts";
import { objectOf, type Schema } from "../schema.ts";
import { exampleOf } from "./example.ts";
import { problemResponses } from "./problems.ts";
import { chunk, creationParameters, creationSuccess } from "./tus.ts";

/** The name of the security scheme of a link that stands for a token. */
export const linkScheme = "uploadLink";

/** The name of the security scheme of a header. */
export const schemeOf = ({ header, isBearer }: NonNullable<EndpointInterface["token"]>): string =>
  isBearer ? "bearer" : header;

/** The schemes of a call of the endpoint, one of which is enough. */
export const securityOf = ({ token, links }: Pick<EndpointInterface, "token" | "links">): string[] =>
  token === null ? [] : [schemeOf(token), ...(links === null ? [] : [linkScheme])];

/** A resource as a path of OpenAPI. */
export const templateOf = (resource: string): string =>
  `/${resource.replaceAll(/[^/]+/g, (segment) => (isParameter(segment) ? `{${segment.slice(1)}}` : segment))}`;

/** The parameters of the path. @param names as the path has them, in order */
export const pathParameters = ({ request }: EndpointInterface, names: readonly string[]): object[] =>
  request.path.map((own, index) => parameterOf({ ...own, name: names[index] ?? own.name }, "path"));

/** @param pathNames the names of the path's parameters, in order, as the path has them */
export function describeOperation(endpoint: EndpointInterface, method: Method, pathNames: readonly string[]): object {
  const { id, methods, request, isRepeatable, resumable } = endpoint;
  const createsUploads = resumable !== null && method === "POST";
  const parameters = [
    ...pathParameters(endpoint, pathNames),
    ...request.query.map((parameter) => parameterOf(parameter, "query")),
    ...request.headers.map((parameter) => parameterOf(parameter, "header")),
    ...(method !== "GET" && request.isRaw ? [fileNameParameter(request)] : []),
    ...(isRepeatable && method !== "GET" ? [{ $ref: "#/components/parameters/IdempotencyKey" }] : []),
    ...(createsUploads ? creationParameters : []),
  ];
  const body = method === "GET" ? null : bodyOf(endpoint);
  return {
    // Two of one name would be none.
    operationId: methods.length === 1 ? id : `${id}.${method.toLowerCase()}`,
    tags: ["Endpoints"],
    security: securityOf(endpoint).map((scheme) => ({ [scheme]: [] })),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === null ? {} : { requestBody: body }),
    responses: {
      ...successOf(endpoint, method),
      ...(createsUploads ? creationSuccess : {}),
      ...problemResponses(endpoint.problems),
    },
  };
}

export const parameterOf = (
  { name, isRequired, schema }: ParameterInterface,
  place: "path" | "query" | "header",
): object => ({
  name,
  in: place,
  required: isRequired,
  schema,
});

/** Of a body that is the file itself. */
function fileNameParameter({ files }: Pick<EndpointInterface["request"], "files">): object {
  const [first] = files;
  const isNamed = first !== undefined && first.name !== anyField;
  const example = isNamed
    ? `form-data; name="${first.name}"; filename="photo.jpg"`
    : 'attachment; filename="photo.jpg"';
  const which = files.length > 1 ? " and the field that it is for" : "";
  const description = `Of a body that is the file itself: the file's name${which} (RFC 6266).`;
  return {
    name: "Content-Disposition",
    in: "header",
    required: false,
    description,
    schema: { type: "string" },
    example,
  };
}

/** A body that is the file itself, under each type that some field takes. */
function rawContent({ files, isRaw }: Pick<EndpointInterface["request"], "files" | "isRaw">): object {
  const types = isRaw ? new Set(files.flatMap((rules) => rules.types)) : [];
  return Object.fromEntries([...types].map((type) => [type, { schema: { type: "string", format: "binary" } }]));
}

function bodyOf({ request, resumable }: EndpointInterface): object | null {
  const { accepts, payload, files } = request;
  if (payload === null && files.length === 0) return null;
  const json = payload !== null && accepts !== "multipart" ? payload : null;
  // A list is no form.
  const form = accepts !== "json" && (payload === null || payload.type === "object") ? formOf(payload, files) : null;
  const isRequired = [json, form].some((schema) => schema?.type === "array" || (schema?.required ?? []).length > 0);
  return {
    // A creation needs none.
    required: isRequired && resumable === null,
    content: {
      ...(json === null ? {} : { "application/json": { schema: json, example: exampleOf(json) } }),
      ...(form === null ? {} : { "multipart/form-data": { schema: form, ...encodingOf(files) } }),
      ...rawContent(request),
      ...(resumable === null ? {} : chunk),
    },
  };
}

const nameOf = ({ name }: FilesInterface): string => (name === anyField ? "file" : name);

/** The fields of a form. Files are binary. */
function formOf(payload: Schema | null, files: readonly FilesInterface[]): Schema {
  const fields = files.map((rules): [string, Schema] => [nameOf(rules), fileSchema(rules)]);
  const needed = files.filter(({ least }) => least > 0).map(nameOf);
  const required = [...(payload?.required ?? []), ...needed];
  return {
    type: "object",
    properties: { ...payload?.properties, ...Object.fromEntries(fields) },
    ...(required.length === 0 ? {} : { required }),
  };
}

function fileSchema({ name, least, most, bytes, types }: FilesInterface): Schema {
  const where = name === anyField ? " In a field of any name." : "";
  const description = `At most ${String(bytes)} bytes each, of ${types.join(", ")}.${where}`;
  const file: Schema = { type: "string", format: "binary" };
  if (most === 1) return { ...file, description };
  return { type: "array", items: file, minItems: least, maxItems: most, description };
}

function encodingOf(files: readonly FilesInterface[]): object {
  if (files.length === 0) return {};
  return {
    encoding: Object.fromEntries(files.map((rules) => [nameOf(rules), { contentType: rules.types.join(", ") }])),
  };
}

export const envelope = (message: string, data: Schema, more: Readonly<Record<string, Schema>> = {}): Schema =>
  objectOf({
    success: { type: "boolean", enum: [true] },
    message: { type: "string", enum: [message] },
    data,
    ...more,
  });

export function successOf(
  { answer, isBackground, methods }: EndpointInterface,
  method: Method,
): Record<string, object> {
  const schema = isBackground
    ? envelope("Accepted", answer, {
        job_id: { type: "string", pattern: "^[0-9a-f]{32}$" },
        status_url: { type: "string", format: "uri" },
      })
    : envelope("OK", answer);
  const success = {
    description: isBackground ? "Accepted: a job goes on." : "Done.",
    headers: { "X-Request-Id": { $ref: "#/components/headers/RequestId" } },
    content: { "application/json": { schema, example: exampleOf(schema) } },
  };
  // GET by way of ALLOWED_HTTP_METHODS is no reading.
  const isReading = method === "GET" && methods.length === 1;
  return {
    [isBackground ? "202" : "200"]: success,
    ...(isReading ? { "304": { description: "What `If-None-Match` names is still the answer." } } : {}),
  };
}
