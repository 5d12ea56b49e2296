/**
 * CORS, which lets pages of other origins call the runtime: https://fetch.spec.whatwg.org/#http-cors-protocol. Never
 * with credentials: callers send tokens, not cookies.
 */

/** PUT is added where an endpoint takes it. */
const METHODS = "GET,HEAD,POST,PATCH,DELETE,OPTIONS";
const EXPOSED = [
  "Accept-Ranges",
  "Content-Disposition",
  "Content-Length",
  "Content-Range",
  "ETag",
  "Idempotent-Replayed",
  "RateLimit",
  "RateLimit-Policy",
  "Retry-After",
  "Server-Timing",
  "X-Request-Id",
].join(",");
const MAX_AGE_SECONDS = "86400";

/**
 * Adds the headers that a page needs to read the answer. To be called on the finished response: one whose headers were
 * started earlier is copied, which costs more than everything else on a file's way out.
 * @param allowed exact origins; `*` = any
 * @returns the origin of a page that may not read it; null for every other request
 */
export function share(response: Response, request: Request, allowed: ReadonlySet<string>): string | null {
  const { headers } = response;
  const origin = request.headers.get("Origin");
  const named = origin !== null && allowed.has(origin) ? origin : null;
  const readers = allowed.has("*") ? "*" : named;
  if (readers !== null) headers.set("Access-Control-Allow-Origin", readers);
  headers.append("Access-Control-Expose-Headers", EXPOSED);
  headers.append("Vary", "Origin");
  return readers === null ? origin : null;
}

/**
 * Answers OPTIONS, without what `share` adds: an allowed origin may send any header.
 * @param allow what an endpoint at the address takes
 */
export function preflight(request: Request, allow: string | undefined): Response {
  const headers = new Headers({
    "Access-Control-Allow-Methods": allow?.includes("PUT") === true ? `${METHODS},PUT` : METHODS,
    "Access-Control-Max-Age": MAX_AGE_SECONDS,
    ...(allow === undefined ? {} : { Allow: allow }),
  });
  const asked = request.headers.get("Access-Control-Request-Headers");
  if (asked !== null) {
    headers.set("Access-Control-Allow-Headers", asked);
    headers.set("Vary", "Access-Control-Request-Headers");
  }
  return new Response(null, { status: 204, headers });
}
