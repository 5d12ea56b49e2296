/** Serves the sample page of public/. */
import { Problem } from "../../contract/problem.ts";

/**
 * A file of the page. `run_worker_first` in wrangler's configuration lets the Worker decide; otherwise the platform would serve it
 * unasked.
 * @param assets absent where there are no `assets`
 * @throws Problem `resource_not_found`
 */
export async function servePage(assets: Fetcher | undefined, request: Request): Promise<Response> {
  const isRead = request.method === "GET" || request.method === "HEAD";
  const response = isRead ? await assets?.fetch(request) : undefined;
  if (response === undefined || response.status === 404) throw new Problem("resource_not_found");
  // The headers of a binding's answer are immutable.
  return new Response(response.body, response);
}
