/** An operation of the runtime's own, whatever the ABIs are. */
import type { ProblemCode } from "../../../contract/problem.ts";
import type { Schema } from "../schema.ts";
import { problemResponses } from "./problems.ts";

export interface OwnOperation {
  readonly id: string;
  readonly summary: string;
  readonly tag: "Files" | "Jobs" | "File API" | "Uploads" | "Upload links";
  /** Names of security schemes; one of them is enough. Empty: anybody. */
  readonly security?: readonly string[];
  readonly parameters?: readonly object[];
  readonly body?: object;
  readonly success: Record<string, object>;
  readonly problems: readonly ProblemCode[];
}

const always: readonly ProblemCode[] = ["internal", "misconfigured", "database_unavailable"];

export const operation = ({
  id,
  summary,
  tag,
  security = [],
  parameters,
  body,
  success,
  problems,
}: OwnOperation): object => ({
  operationId: id,
  summary,
  tags: [tag],
  security: security.map((scheme) => ({ [scheme]: [] })),
  ...(parameters === undefined ? {} : { parameters }),
  ...(body === undefined ? {} : { requestBody: body }),
  responses: { ...success, ...problemResponses([...new Set([...problems, ...always])]) },
});

export const json = (schema: Schema, description = "Done."): object => ({
  description,
  content: { "application/json": { schema } },
});

export const parameter = (
  name: string,
  place: "path" | "query" | "header",
  schema: Schema,
  description?: string,
): object => ({
  name,
  in: place,
  required: place === "path",
  schema,
  ...(description === undefined ? {} : { description }),
});
