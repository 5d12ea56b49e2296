/** Answers a GET that an ABI asks for: who asks again may keep the answer, and is told whether it is still the same. */
import { answeredResults, type Plan } from "../../contract/plan.ts";
import { hex } from "../bytes.ts";
import { listsTag } from "../http/conditional.ts";
import { KEY_HEADER } from "../idempotency/idempotent-call.ts";

/** Of the digest: as long as no two answers of one address have the same by chance. */
const TAG_BYTES = 16;

/** Of a plan with `methods`. @param run makes the endpoint's answer */
export async function answerReading(
  plan: Plan,
  request: Request,
  run: (plan: Plan, request: Request) => Promise<Response>,
): Promise<Response> {
  if (!["GET", "HEAD"].includes(request.method)) return run(plan, request);
  const response = await run(plan, bare(request));
  const { authentication, answer } = plan;
  const { headers } = response;
  if (authentication !== null) headers.append("Vary", authentication.header);
  // Links are others each time, and a secret.
  if (answeredResults(answer).some(({ links }) => links !== undefined)) return response;
  // The text of the rows, which is in memory as one already.
  const body = await response.arrayBuffer();
  const tag = `"${hex(await crypto.subtle.digest("SHA-256", body)).slice(0, 2 * TAG_BYTES)}"`;
  headers.set("Cache-Control", "private, no-cache");
  // Weak: a proxy that compresses the answer leaves it the same (RFC 9110 §8.8.1).
  headers.set("ETag", `W/${tag}`);
  if (!listsTag(request.headers.get("If-None-Match"), tag)) return new Response(body, { headers });
  headers.delete("Content-Type");
  return new Response(null, { status: 304, headers });
}

/** Neither a key, which some clients send with every call, nor a body means anything in a GET (RFC 9110 §9.3.1). */
function bare({ url, method, headers: sent }: Request): Request {
  const headers = new Headers(sent);
  headers.delete(KEY_HEADER);
  return new Request(url, { method, headers });
}
