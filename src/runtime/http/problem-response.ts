/**
 * Formats problems on the wire, and is the only place that does: RFC 9457 with the members that Sub0's clients read.
 * Whoever catches an error logs it, reason and cause included.
 */
import type { Problem } from "../../contract/problem.ts";

/**
 * Which further members an answer has: those of ABIs, or `status: "error"` of the file API. That text replaces RFC
 * 9457's number, which only repeats the status line: §3.1 tells readers to ignore a member of another type.
 */
export type Envelope = "abi" | "file-api";

/**
 * The answer to a refused call. `type` is `about:blank`: `code` is the stable thing to switch on, and a deployment has
 * no address for documentation that would hold everywhere. Every 401 has the same bytes but for the request id, so that
 * it says nothing about what was wrong with a token.
 */
export function problemResponse(problem: Problem, requestId: string, envelope: Envelope = "abi"): Response {
  const isSilent = problem.status === 401;
  const detail = isSilent ? null : problem.detail;
  const body = {
    // First, so that no extra member can displace one that clients rely on.
    ...(isSilent ? {} : problem.members),
    type: "about:blank",
    title: problem.title,
    ...(detail === null ? {} : { detail }),
    code: problem.code,
    request_id: requestId,
    ...(envelope === "abi" ? { status: problem.status, success: false } : { status: "error" }),
    message: detail ?? problem.title,
    data: null,
  };
  // RFC 9110 §11.6.1: a 401 names a scheme.
  const headers = new Headers(isSilent ? { "WWW-Authenticate": "Bearer" } : problem.headers);
  headers.set("Content-Type", "application/problem+json");
  headers.set("Cache-Control", "no-store");
  headers.set("X-Request-Id", requestId);
  return new Response(JSON.stringify(body), { status: problem.status, headers });
}
