/** What an answer means, and how long to wait before the same request may be sent again. */
import { SluiceError } from "./error.ts";
import type { Reply } from "./request/transport.ts";

const BASE_MS = 500;
const MAX_BACKOFF_MS = 20_000;
/** Whoever waits in front of a screen is told instead. */
const MAX_WAIT_SECONDS = 60;
/** The server has read nothing of the call: it may be sent again without a key. */
const unread = /rate_limit|maintenance|overloaded/;

/** The members of a success. @throws SluiceError the problem that it is instead */
export function readReply({ status, text, requestId, retryAfter }: Reply): Readonly<Record<string, unknown>> {
  let members: Readonly<Record<string, unknown>> = {};
  try {
    members = { ...JSON.parse(text) };
  } catch {
    // A proxy's page, or an answer that was cut.
  }
  if (status < 300 && (members["success"] === true || members["status"] === "success")) return members;
  const {
    code = "bad_answer",
    title = code,
    detail = title,
  } = status >= 400 && "code" in members ? members : { detail: `Status ${status}` };
  // Sluice and Cloudflare say seconds. A date, which RFC 9110 §10.2.3 allows too, is as none: the client's clock may be wrong.
  const seconds = Number(retryAfter) || null;
  throw new SluiceError(String(code), String(detail), { status, requestId, members, retryAfter: seconds });
}

/**
 * Milliseconds; null = sending again cannot help, or could do twice what was done.
 * @param isSafe the call has an idempotency key, or changes nothing
 */
export function waitBefore(attempt: number, error: SluiceError, isSafe: boolean): number | null {
  const { code, status, retryAfter } = error;
  const mayPass = isUnsure(error) || status === 408 || status === 429;
  // A fault of the server's, which another try meets again.
  const isLasting = status === 500 && code !== "bad_answer";
  const wait = Number(retryAfter);
  if (!mayPass || isLasting || wait > MAX_WAIT_SECONDS || !(isSafe || unread.test(code))) return null;
  const backoff = Math.min(MAX_BACKOFF_MS, BASE_MS * 2 ** attempt);
  // Those that broke together do not come again together.
  return wait * 1000 + backoff * (0.5 + Math.random() / 2);
}

/** Tells if the server may have carried the call out, or is about to. */
export const isUnsure = ({ code, status }: SluiceError): boolean =>
  status >= 500 || /^network$|^timeout$|in_flight$/.test(code);
