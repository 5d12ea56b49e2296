/** One call under an idempotency key, from the header to the stored answer. */
import type { Statement } from "../database/database.ts";
import type { Json } from "../../contract/plan.ts";
import { Problem } from "../../contract/problem.ts";
import { watchBody, type WatchedBody } from "../body/fingerprint.ts";
import {
  createIdempotencyKeys,
  NOT_KEPT,
  RENEWAL_SECONDS,
  type CallName,
  type ClaimOutcome,
  type IdempotencyKeys,
} from "./keys.ts";
import type { IncomingBody } from "../body/incoming-body.ts";
import type { Call } from "../call/call.ts";

/** What is answered; a key stores it for a day, without its links. */
export interface KeptAnswer {
  readonly data: Json;
  /** The job that continues after the answer; null = none. */
  readonly job: { readonly id: string } | null;
}

export interface KeyedRequest {
  readonly request: Request;
  readonly body: IncomingBody;
  /** Null when nobody could own a key. */
  readonly owner: string | null;
  /** The endpoint. */
  readonly scope: string;
}

/** A call that was carried out before. */
export interface FinishedCall {
  readonly isFinished: true;
  /** The answer given then, with new links, once the body has been read and found to be the same. */
  answer(): Promise<KeptAnswer>;
}

/** A call to carry out, which ends with `succeed` or `fail`. Without a key its methods do nothing. */
export interface RunningCall {
  readonly isFinished: false;
  /** To be read in place of the request's own body. */
  readonly body: IncomingBody;
  /** For the call's last batch. @param answer null: known only after the batch */
  finishing(answer: KeptAnswer | null): Promise<readonly Statement[]>;
  /** The last batch was committed. Stores an answer that it did not have. Never throws. */
  succeed(answer: KeptAnswer): Promise<void>;
  /** Releases the key. Never throws; resolves with the error to answer with. */
  fail(error: unknown): Promise<unknown>;
}

export const KEY_HEADER = "idempotency-key";
/** 1 to 255 visible ASCII characters; two headers arrive joined by a comma and a space. */
const form = /^[!-~]{1,255}$/;
/** Half of what a row of D1 may hold: https://developers.cloudflare.com/d1/platform/limits/ */
const MAX_ANSWER_LENGTH = 1_000_000;

/** @throws Problem `idempotency_key_invalid`, `idempotency_in_flight` */
export async function beginIdempotentCall(
  { request, body, owner, scope }: KeyedRequest,
  call: Call,
): Promise<FinishedCall | RunningCall> {
  const key = request.headers.get(KEY_HEADER);
  if (key === null) return unkeyed(body);
  if (!form.test(key)) throw invalid("The Idempotency-Key must be 1 to 255 visible ASCII characters.");
  if (owner === null) throw invalid("This endpoint does not know its callers, so nobody can own an Idempotency-Key.");
  const name = { owner, scope, key };
  const keys = createIdempotencyKeys(call.deployment.database, call.deployment.dialect);
  const outcome = await keys.claim(name, call.now);
  if (outcome.state === "in_flight") throw inFlight();
  const watched = watchBody(body, request);
  return outcome.state === "finished"
    ? finished(outcome, watched, call)
    : running({ name, token: outcome.token, keys }, watched, call);
}

function unkeyed(body: IncomingBody): RunningCall {
  return {
    isFinished: false,
    body,
    finishing: async () => [],
    succeed: async () => undefined,
    fail: async (error) => error,
  };
}

function finished(
  { fingerprint, answer }: ClaimOutcome & { state: "finished" },
  body: WatchedBody,
  { links }: Call,
): FinishedCall {
  const readFingerprint = async () => {
    try {
      return await body.fingerprint();
    } finally {
      await body.close();
    }
  };
  return {
    isFinished: true,
    async answer() {
      if ((await readFingerprint()) !== fingerprint) {
        throw new Problem("idempotency_key_reused", {
          detail: "The Idempotency-Key was used in the last 24 hours for another request.",
        });
      }
      if (answer === null) throw new Problem("idempotency_answer_lost");
      return (await links.revive(answer)) as KeptAnswer;
    },
  };
}

/** A key that the call has claimed. */
interface HeldKey {
  readonly name: CallName;
  readonly token: string;
  readonly keys: IdempotencyKeys;
}

function running(held: HeldKey, body: WatchedBody, call: Call): RunningCall {
  const { name, token, keys } = held;
  const { links } = call;
  const { log } = call.deployment;
  const stopRenewing = startRenewing(held, call);
  let isAnswerKept = false;
  const toText = (answer: KeptAnswer) => {
    const text = links.keep(answer);
    return text.length > MAX_ANSWER_LENGTH ? NOT_KEPT : text;
  };
  return {
    isFinished: false,
    body,
    async finishing(answer) {
      const text = answer === null ? null : toText(answer);
      isAnswerKept = text !== null;
      return keys.finishing(name, token, await body.fingerprint(), text);
    },
    async succeed(answer) {
      const keeping = isAnswerKept ? Promise.resolve() : keys.keepAnswer(name, token, toText(answer));
      await keeping.catch((error: unknown) => log("warn", "idempotency_answer_not_kept", { error: String(error) }));
      stopRenewing();
    },
    async fail(error) {
      stopRenewing();
      try {
        const released = await keys.release(name, token);
        // The batch found another call's claim: this call was too slow.
        const isOvertaken = !released && error instanceof Problem && error.code === "row_missing";
        return isOvertaken ? inFlight(error) : error;
      } catch (failure) {
        log("warn", "idempotency_key_not_released", { error: String(failure) });
        return error;
      }
    },
  };
}

/**
 * Renews the lease while the call runs, however slowly the body comes; a call that was killed renews nothing. Ends when
 * told to.
 */
function startRenewing({ name, token, keys }: HeldKey, { now, deployment: { log } }: Call): () => void {
  const began = performance.now();
  const timer = setInterval(() => {
    const renewing = keys.renew(name, token, new Date(now.getTime() + performance.now() - began));
    renewing.catch((error: unknown) => log("warn", "idempotency_key_not_renewed", { error: String(error) }));
  }, RENEWAL_SECONDS * 1000);
  return () => clearInterval(timer);
}

function invalid(detail: string): Problem {
  return new Problem("idempotency_key_invalid", { detail });
}

function inFlight(cause?: unknown): Problem {
  return new Problem("idempotency_in_flight", {
    detail: "Send the same request again in a moment.",
    headers: { "Retry-After": "2" },
    cause,
  });
}
