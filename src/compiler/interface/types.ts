/** Prints endpoints as the TypeScript module that `sluice/client` takes. The same endpoints give the same bytes. */
import { anyField, type FilesInterface, type ParameterInterface } from "./request.ts";
import type { EndpointInterface } from "./endpoint.ts";
import type { Schema, SchemaType } from "./schema.ts";

const header = "/** Written by `sluice types`, never edited by hand. */";

/** The text of the module. */
export function printTypes(endpoints: readonly EndpointInterface[]): string {
  const takesFiles = endpoints.some(({ request }) => request.files.length > 0);
  return [
    header,
    `import type { EndpointTable${takesFiles ? ", FileInput" : ""} } from "sluice/client";`,
    "",
    "export interface Endpoints {",
    ...endpoints.flatMap((endpoint) => indent(printEndpoint(endpoint))),
    "}",
    "",
    "/** What a client has to know of each endpoint when it runs. */",
    "export const endpoints: EndpointTable<Endpoints> = {",
    ...endpoints.flatMap((endpoint) => indent(printRow(endpoint))),
    "};",
    "",
  ].join("\n");
}

const indent = (lines: readonly string[]): string[] => lines.map((line) => `  ${line}`);

function printEndpoint({ id, resource, methods, request, answer, problems, resumable }: EndpointInterface): string[] {
  const { path, query, payload, files } = request;
  const member = (name: string, type: string | null) => (type === null ? [] : [`readonly ${name}: ${type};`]);
  return [
    `/** \`${methods.join(", ")} /${resource}\` */`,
    `readonly ${nameOf(id)}: {`,
    ...indent([
      ...member("path", printParameters(path)),
      ...member("query", printParameters(query)),
      ...member("body", payload === null ? null : typeOf(payload)),
      ...member("files", printFiles(files)),
      ...member("resumable", resumable === null ? null : "true"),
      ...member("answer", typeOf(answer)),
      ...member("problem", problems.map((code) => JSON.stringify(code)).join(" | ")),
    ]),
    "};",
  ];
}

function printParameters(parameters: readonly ParameterInterface[]): string | null {
  if (parameters.length === 0) return null;
  const members = parameters.map(({ name, isRequired, schema }) => {
    return `readonly ${nameOf(name)}${isRequired && schema.default === undefined ? "" : "?"}: ${typeOf(schema)}`;
  });
  return `{ ${members.join("; ")} }`;
}

function printFiles(files: readonly FilesInterface[]): string | null {
  if (files.length === 0) return null;
  const one = "FileInput";
  const [first] = files;
  if (first?.name === anyField) return `readonly ${one}[]`;
  const members = files.map(({ name, least, most }) => {
    return `readonly ${nameOf(name)}${least === 0 ? "?" : ""}: ${most === 1 ? one : `readonly ${one}[]`}`;
  });
  return `{ ${members.join("; ")} }`;
}

function printRow(endpoint: EndpointInterface): string[] {
  const { id, resource, methods, token, request, isBackground, resumable } = endpoint;
  const hasBody = request.payload !== null || request.files.length > 0;
  const body = request.accepts === "multipart" ? "form" : hasBody ? "json" : null;
  const files = request.files.map(({ name, most, bytes, types }) => {
    // A larger one comes in pieces alone.
    const inForm = Math.min(bytes, resumable?.formBytes ?? bytes);
    const inPieces = resumable === null ? "" : `, resumable: ${String(bytes)}`;
    return `${nameOf(name)}: { max: ${String(most)}, bytes: ${String(inForm)}${inPieces}, types: ${JSON.stringify(types)} }`;
  });
  return [
    `${nameOf(id)}: {`,
    ...indent([
      `method: "${(["POST", "PUT"] as const).find((name) => methods.includes(name)) ?? "GET"}",`,
      `resource: ${JSON.stringify(resource)},`,
      `token: ${token === null ? "null" : JSON.stringify(token.isBearer ? "Authorization" : token.header)},`,
      `body: ${body === null ? "null" : `"${body}"`},`,
      ...(files.length === 0 ? [] : [`files: { ${files.join(", ")} },`]),
      ...(isBackground ? ["background: true,"] : []),
    ]),
    "},",
  ];
}

/** As a member's name is written. */
const nameOf = (name: string): string => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name));

const typeNames: Readonly<Record<Exclude<SchemaType, "object" | "array">, string>> = {
  string: "string",
  number: "number",
  integer: "number",
  boolean: "boolean",
  null: "null",
};

/** A schema as a type, on one line. */
export function typeOf(schema: Schema): string {
  const { type, enum: values, anyOf, allOf } = schema;
  if (values !== undefined) return union(values.map((value) => JSON.stringify(value)));
  if (anyOf !== undefined) return union(anyOf.map(typeOf));
  if (allOf !== undefined) return allOf.map(operandOf).join(" & ");
  if (type === undefined) return "unknown";
  return union([type].flat().map((name) => (name === "object" ? objectType(schema) : simpleType(name, schema))));
}

const simpleType = (name: Exclude<SchemaType, "object">, { items = {} }: Schema): string =>
  name === "array" ? `readonly ${operandOf(items)}[]` : typeNames[name];

/** A field that may be missing may be null as well, unless its type says otherwise. */
function objectType({ properties = {}, required = [] }: Schema): string {
  const members = Object.entries(properties).map(([name, schema]) => {
    return `readonly ${nameOf(name)}${required.includes(name) ? "" : "?"}: ${typeOf(schema)}`;
  });
  return members.length === 0 ? "object" : `{ ${members.join("; ")} }`;
}

const union = (types: readonly string[]): string => [...new Set(types)].join(" | ");

/** As a part of a longer type. */
function operandOf(schema: Schema): string {
  const { type = [], enum: values = [], anyOf = [], allOf = [] } = schema;
  const isJoined = [[type].flat(), values, anyOf, allOf].some(({ length }) => length > 1);
  return isJoined ? `(${typeOf(schema)})` : typeOf(schema);
}
