/**
 * `rate_limit`: counts a call before anything but its headers is read. One Durable Object counts for all isolates, so
 * the limit is exact; each isolate remembers whom it refused, so that a flood reaches neither the object nor the
 * database. Where the object cannot be asked, calls are refused: an open door would be what an attacker tries for.
 */
import { rateLimiterClass, rateLimitsBinding } from "../../contract/bindings.ts";
import type { RateLimit } from "../../contract/plan.ts";
import { misconfigured, Problem } from "../../contract/problem.ts";
import { sha256, within } from "../bytes.ts";
import type { CountedCall } from "../call/features.ts";
import { identifierOf } from "../call/identifier.ts";
import { createMemory, mayAsk, refusedFor, type Known } from "./known-identifiers.ts";
import type { RateLimiter, RateVerdict } from "./rate-limiter.ts";

export { RateLimiter } from "./rate-limiter.ts";

type Objects = DurableObjectNamespace<RateLimiter>;

/** How long a call waits for its turn to ask, and how long for the answer. */
const PATIENCE_MILLISECONDS = 5000;
const POLL_MILLISECONDS = 10;

/** By binding, which is the same object as long as the isolate lives. */
const memories = new WeakMap<Objects, (key: string) => Known>();

/** @throws Problem `rate_limited`, `rate_limit_unavailable`, `identifier_invalid`; `unauthorized` for a claim that names nobody */
export async function limitCalls(counted: CountedCall): Promise<void> {
  const { rateLimit, endpoint, call } = counted;
  const { limit, windowSeconds } = rateLimit;
  // Neither addresses nor claims are the names of objects, which the account's dashboard shows.
  const key = await sha256(`${endpoint}\n${identifierOf(rateLimit.identifier, counted)}`);
  const { isAllowed, remaining, milliseconds } = await judge(rateLimit, key, openObjects(call.deployment));
  const seconds = Math.max(1, Math.ceil(milliseconds / 1000));
  // https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/
  call.setField("RateLimit-Policy", `"${endpoint}";q=${limit};w=${windowSeconds}`);
  call.setField("RateLimit", `"${endpoint}";r=${remaining};t=${seconds}`);
  if (isAllowed) return;
  throw new Problem("rate_limited", {
    detail: `Only ${limit} calls are taken in ${windowSeconds} seconds. Try again in ${seconds} seconds.`,
    members: { limit },
    headers: { "Retry-After": String(seconds) },
  });
}

function openObjects({ binding }: CountedCall["call"]["deployment"]): Objects {
  const objects = binding(rateLimitsBinding) as Objects | undefined;
  // Whatever else may have that name.
  if (typeof objects?.getByName === "function") return objects;
  throw misconfigured(`${rateLimitsBinding} is not bound to the class ${rateLimiterClass}: run "sluice build"`);
}

async function judge({ limit, windowSeconds }: RateLimit, key: string, objects: Objects): Promise<RateVerdict> {
  const memory = memories.get(objects) ?? createMemory();
  memories.set(objects, memory);
  const known = memory(key);
  // A promise of one call cannot be settled from another, so calls that wait for others poll.
  for (let waited = 0; waited < PATIENCE_MILLISECONDS; waited += POLL_MILLISECONDS) {
    const now = Date.now();
    const milliseconds = refusedFor(known, now);
    if (milliseconds > 0) return { isAllowed: false, remaining: 0, milliseconds };
    if (mayAsk(known, now, PATIENCE_MILLISECONDS)) {
      return ask(known, now, () => objects.getByName(key).take(limit, 1000 * windowSeconds));
    }
    await scheduler.wait(POLL_MILLISECONDS);
  }
  throw unavailable("Too many calls wait for the object");
}

async function ask(known: Known, now: number, take: () => Promise<RateVerdict>): Promise<RateVerdict> {
  known.asking++;
  known.askedAt = now;
  try {
    const verdict = await within(askTwice(take), PATIENCE_MILLISECONDS, () => new Error("No answer in time"));
    known.remaining = verdict.remaining;
    if (!verdict.isAllowed) {
      known.refusedFrom = now;
      known.refusedUntil = now + verdict.milliseconds;
    }
    return verdict;
  } catch (error) {
    throw unavailable(String(error), error);
  } finally {
    known.asking = Math.max(0, known.asking - 1);
  }
}

/**
 * Asks once more where the platform says that this may do, as after each deployment. At worst a call is counted twice:
 * never too many pass. https://developers.cloudflare.com/durable-objects/best-practices/error-handling/
 */
async function askTwice(take: () => Promise<RateVerdict>): Promise<RateVerdict> {
  try {
    return await take();
  } catch (error) {
    const { retryable, overloaded } = error as { readonly retryable?: unknown; readonly overloaded?: unknown };
    if (retryable !== true || overloaded === true) throw error;
    return take();
  }
}

function unavailable(reason: string, cause?: unknown): Problem {
  const headers = { "Retry-After": "5" };
  return new Problem("rate_limit_unavailable", { reason, cause, detail: "Try again in a few seconds.", headers });
}
