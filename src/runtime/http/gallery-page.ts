/** The sample page of public/. Knows nothing of what it shows, or of whether it is to be served. */
import { Problem } from "../../contract/problem.ts";

/**
 * A file of the page. `run_worker_first` in wrangler.toml: else the platform would serve it without asking.
 * @param assets absent where wrangler.toml has no [assets]
 * @throws Problem `resource_not_found`
 */
export async function servePage(assets: Fetcher | undefined, request: Request): Promise<Response> {
  const isRead = request.method === "GET" || request.method === "HEAD";
  const response = isRead ? await assets?.fetch(request) : undefined;
  if (response === undefined || response.status === 404) throw new Problem("resource_not_found");
  // Headers of a binding's answer cannot be added to.
  return new Response(response.body, response);
}
