/** Prints endpoints as a document of OpenAPI 3.1: https://spec.openapis.org/oas/v3.1.1. The same input gives the same bytes. */
import { isParameter, parametersOf } from "../../../contract/routes.ts";
import type { EndpointInterface } from "../endpoint.ts";
import { fileApiPaths, fileSchema } from "./file-api-paths.ts";
import { linkPaths, linkSecurity } from "./link-paths.ts";
import { describeOperation, linkScheme, schemeOf, templateOf } from "./operation.ts";
import { filePaths, jobPaths } from "./own-paths.ts";
import { problemSchema } from "./problems.ts";
import { uploadPaths } from "./upload-paths.ts";

export interface OpenApiOptions {
  readonly title: string;
  readonly version: string;
  /** The deployment's public address; null = wherever the document is served. */
  readonly server: string | null;
  /** FILE_API is on. */
  readonly fileApi: boolean;
  /** And so is FILE_API_RESUMABLE. */
  readonly fileApiResumable: boolean;
}

/** The text of the document, as JSON. */
export function printOpenApi(endpoints: readonly EndpointInterface[], options: OpenApiOptions): string {
  const { title, version, server, fileApi, fileApiResumable } = options;
  const jobs = endpoints.filter(({ isBackground }) => isBackground);
  const storesFiles = fileApi || endpoints.some(({ request }) => request.files.length > 0);
  const document = {
    openapi: "3.1.1",
    info: { title, version },
    servers: [{ url: server ?? "/" }],
    paths: {
      ...describePaths(endpoints),
      ...Object.fromEntries(
        endpoints.flatMap((endpoint) => Object.entries({ ...linkPaths(endpoint), ...uploadPaths(endpoint) })),
      ),
      ...(storesFiles ? filePaths : {}),
      ...(jobs.length > 0 ? jobPaths(schemesOf(jobs)) : {}),
      ...(fileApi ? fileApiPaths(fileApiResumable) : {}),
    },
    components: {
      schemas: { Problem: problemSchema, ...(fileApi ? { File: fileSchema } : {}) },
      parameters: { IdempotencyKey: idempotencyKey },
      headers: { RequestId: requestId, RetryAfter: retryAfter },
      securitySchemes: describeSchemes(endpoints, fileApi),
    },
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

const idempotencyKey = {
  name: "Idempotency-Key",
  in: "header",
  required: false,
  description: "Makes the call safe to repeat: within a day the same key gets the first answer again.",
  schema: { type: "string", pattern: "^[!-~]{1,255}$" },
};
const requestId = { description: "Names the call in the log.", schema: { type: "string", format: "uuid" } };
const retryAfter = { description: "Seconds.", schema: { type: "integer" } };

/** Of paths that differ in the names alone there is one: https://spec.openapis.org/oas/v3.1.1#path-templating-matching */
function describePaths(endpoints: readonly EndpointInterface[]): Record<string, object> {
  const shapeOf = ({ resource }: EndpointInterface) =>
    resource.replaceAll(/[^/]+/g, (segment) => (isParameter(segment) ? ":" : segment));
  return Object.fromEntries(
    [...Map.groupBy(endpoints, shapeOf).values()].map((group) => {
      const resource = group[0]?.resource ?? "";
      return [templateOf(resource), describeMethods(group, parametersOf(resource))];
    }),
  );
}

function describeMethods(group: readonly EndpointInterface[], names: readonly string[]): object {
  const operations = group.flatMap((endpoint) =>
    endpoint.methods.map((method): [string, object] => [
      method.toLowerCase(),
      describeOperation(endpoint, method, names),
    ]),
  );
  return Object.fromEntries(operations);
}

const schemesOf = (endpoints: readonly EndpointInterface[]): string[] => [
  ...new Set(endpoints.flatMap(({ token }) => (token === null ? [] : schemeOf(token)))),
];

function describeSchemes(endpoints: readonly EndpointInterface[], fileApi: boolean): Record<string, object> {
  const names = new Set([...schemesOf(endpoints), ...(fileApi ? ["bearer"] : [])]);
  const schemes = [...names]
    .sort()
    .map((name) => [
      name,
      name === "bearer"
        ? { type: "http", scheme: "bearer", bearerFormat: "JWT" }
        : { type: "apiKey", in: "header", name, description: "The bare token (JWT)." },
    ]);
  return {
    ...Object.fromEntries(schemes),
    ...(endpoints.some(({ links }) => links !== null) ? { [linkScheme]: linkSecurity } : {}),
  };
}
