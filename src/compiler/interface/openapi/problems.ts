/** The answers with which a call is refused. */
import { problems, type ProblemCode } from "../../../contract/problem.ts";
import type { Schema } from "../schema.ts";

export const problemSchema: Schema = {
  type: "object",
  description: "RFC 9457. Clients switch on `code`.",
  properties: {
    type: { type: "string", enum: ["about:blank"] },
    title: { type: "string" },
    status: { type: "integer" },
    detail: { type: "string", description: "What to do about it." },
    code: { type: "string" },
    request_id: { type: "string", format: "uuid" },
    errors: {
      type: "array",
      items: {
        type: "object",
        properties: {
          pointer: { type: "string", description: "Of the payload: a JSON pointer (RFC 6901)." },
          parameter: { type: "string", description: "Of the address." },
          detail: { type: "string" },
        },
        required: ["detail"],
      },
    },
    success: { type: "boolean", enum: [false] },
    message: { type: "string" },
    data: { type: "null" },
  },
  required: ["type", "title", "status", "code", "request_id", "success", "message", "data"],
};

/** With these the caller is told when to try again. */
const temporary: ReadonlySet<number> = new Set([429, 503]);

/** By status. */
export function problemResponses(codes: readonly ProblemCode[]): Record<string, object> {
  const byStatus = Map.groupBy(codes, (code) => problems[code].status);
  return Object.fromEntries([...byStatus].map(([status, some]) => [String(status), responseOf(status, some)]));
}

const responseOf = (status: number, codes: readonly ProblemCode[]): object => ({
  description: codes.map((code) => `\`${code}\`: ${problems[code].title}.`).join(" "),
  headers: {
    "X-Request-Id": { $ref: "#/components/headers/RequestId" },
    ...(temporary.has(status) ? { "Retry-After": { $ref: "#/components/headers/RetryAfter" } } : {}),
  },
  content: {
    "application/problem+json": {
      schema: {
        allOf: [
          { $ref: "#/components/schemas/Problem" },
          { type: "object", properties: { code: { type: "string", enum: codes } } },
        ],
      },
    },
  },
});
