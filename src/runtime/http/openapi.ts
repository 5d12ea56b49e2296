/** `/openapi.json`, where OPENAPI is on: in front of the Worker, which knows nothing of it. */

import { listsTag } from "./conditional.ts";

/** A document that the build has printed. */
export interface OpenApi {
  /** A strong one, with its quotes. */
  readonly etag: string;
  readonly text: string;
}

type Fetch<Rest extends readonly unknown[]> = (request: Request, ...rest: Rest) => Response | Promise<Response>;

const PATH = "/openapi.json";

/** The same handlers, which answer for the document as well. It is for everybody: it says nothing that calls do not. */
export function withOpenApi<Handlers extends object, Rest extends readonly unknown[]>(
  handlers: Handlers & { fetch: Fetch<Rest> },
  document: OpenApi,
): Handlers & { fetch: Fetch<Rest> } {
  const fetch: Fetch<Rest> = (request, ...rest) => {
    const isRead = request.method === "GET" || request.method === "HEAD";
    if (!isRead || new URL(request.url).pathname !== PATH) return handlers.fetch(request, ...rest);
    const headers = {
      "Access-Control-Allow-Origin": "*",
      "Cache-Control": "no-cache",
      "Content-Type": "application/json",
      "X-Content-Type-Options": "nosniff",
      ETag: document.etag,
    };
    const isKnown = listsTag(request.headers.get("If-None-Match"), document.etag);
    if (isKnown) return new Response(null, { status: 304, headers });
    return new Response(request.method === "HEAD" ? null : document.text, { headers });
  };
  return { ...handlers, fetch };
}
