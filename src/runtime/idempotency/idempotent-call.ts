/** One call under an idempotency key, from the header to the stored answer. */
import type { Rows, Statement } from "../database/database.ts";
import type { Json } from "../../contract/plan.ts";
import { Problem } from "../../contract/problem.ts";
import { watchBody, type WatchedBody } from "../body/fingerprint.ts";
import {
  createIdempotencyKeys,
  NOT_KEPT,
  RENEWAL_SECONDS,
  type CallName,
  type HeldOutcome,
  type IdempotencyKeys,
} from "./keys.ts";
import type { IncomingBody } from "../body/incoming-body.ts";
import type { Call } from "../call/call.ts";
import type { Log } from "../log.ts";

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
  /** Tells what the call is without its body. Absent: the body does. */
  readonly fingerprint?: string;
}

/** A call to carry out, which ends with `succeed` or `fail`. Without a key its methods do nothing but `send`. */
export interface KeyedCall {
  /** To be read in place of the request's own body. */
  readonly body: IncomingBody;
  /**
   * Sends statements of the runtime's own; the first time, they take effect only together with the claim of the key.
   * Nothing else may be written before. Resolves with the rows of each.
   * @throws RepeatedCall, and Problem `idempotency_in_flight`, or as `Database.batch` does
   */
  send(statements: readonly Statement[]): Promise<Rows>;
  /** For the call's last batch. @param answer null: known only after the batch */
  finishing(answer: KeptAnswer | null): Promise<readonly Statement[]>;
  /** The last batch was committed. Stores an answer that it did not have. Never throws. */
  succeed(answer: KeptAnswer): Promise<void>;
  /** Releases the key. Never throws; resolves with the error to answer with, which may be what `send` throws. */
  fail(error: unknown): Promise<unknown>;
}

/** Tells that the call was carried out before. */
export class RepeatedCall extends Error {
  /**
   * The answer given then, with new links, once the rest of the body has been read and all of it found to be the same.
   * @throws Problem `idempotency_key_reused`, `idempotency_answer_lost`
   */
  readonly answer: () => Promise<KeptAnswer>;

  constructor(answer: () => Promise<KeptAnswer>) {
    super("The call was carried out before");
    this.answer = answer;
  }
}

export const KEY_HEADER = "idempotency-key";
/** 1 to 255 visible ASCII characters; two headers arrive joined by a comma and a space. */
const form = /^[!-~]{1,255}$/;
/** Half of what a row of D1 may hold: https://developers.cloudflare.com/d1/platform/limits/ */
export const MAX_ANSWER_LENGTH = 1_000_000;

/** @throws Problem `idempotency_key_invalid` */
export function openKeyedCall({ request, body, owner, scope, fingerprint }: KeyedRequest, call: Call): KeyedCall {
  const name = readCallName(request.headers, owner, scope);
  if (name === null) return unkeyed(body, call);
  const keys = createIdempotencyKeys(call.deployment.database, call.deployment.dialect);
  const watched: WatchedBody =
    fingerprint === undefined ? watchBody(body, request) : { ...body, fingerprint: async () => fingerprint };
  return keyed({ name, token: crypto.randomUUID(), keys }, watched, call);
}

/** Null: the call has no key. @throws Problem `idempotency_key_invalid` */
export function readCallName(headers: Headers, owner: string | null, scope: string): CallName | null {
  const key = headers.get(KEY_HEADER);
  if (key === null) return null;
  if (!form.test(key)) throw invalid("The Idempotency-Key must be 1 to 255 visible ASCII characters.");
  if (owner === null) throw invalid("This endpoint takes none: it does not know its callers, or keeps no answers.");
  return { owner, scope, key };
}

function unkeyed(body: IncomingBody, { deployment }: Call): KeyedCall {
  return {
    body,
    send: (statements) => deployment.database.batch(statements),
    finishing: async () => [],
    succeed: async () => undefined,
    fail: async (error) => error,
  };
}

/** A key that the call claims. */
interface ClaimedKey {
  readonly name: CallName;
  readonly token: string;
  readonly keys: IdempotencyKeys;
}

function keyed(claim: ClaimedKey, body: WatchedBody, call: Call): KeyedCall {
  const { name, token, keys } = claim;
  const { links } = call;
  const { database, log } = call.deployment;
  const clock = createClock(call.now);
  let stopRenewing = () => {};
  /** `unsure`: the claim was sent, and its answer may be lost. */
  let state: "open" | "unsure" | "ours" = "open";
  /** Why the claim failed. */
  let refusal: Error | null = null;
  let isAnswerKept = false;
  const toText = (answer: KeptAnswer) => {
    const text = links.keep(answer);
    return text.length > MAX_ANSWER_LENGTH ? NOT_KEPT : text;
  };
  return {
    body,
    async send(statements) {
      const isClaiming = state !== "ours";
      if (isClaiming) state = "unsure";
      const claiming = isClaiming ? keys.claiming(name, token, clock()) : [];
      let rows: Rows;
      try {
        rows = await database.batch([...claiming, ...statements]);
      } catch (error) {
        if (!isClaiming || !isRowMissing(error)) throw error;
        const outcome = await keys.outcomeOf(name, clock());
        refusal = outcome.state === "finished" ? repeated(outcome, body, call) : inFlight();
        throw refusal;
      }
      if (isClaiming) {
        state = "ours";
        stopRenewing = startRenewing(claim, clock, log);
      }
      return rows.slice(claiming.length);
    },
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
        // A request that fails before it claims its key may still be another one than that of the finished call.
        if (state === "open") {
          const outcome = await keys.outcomeOf(name, clock());
          return outcome.state === "finished" ? repeated(outcome, body, call) : error;
        }
        if (refusal !== null) return refusal;
        const released = await keys.release(name, token);
        // The batch found another call's claim: this call was too slow.
        const isOvertaken = !released && state === "ours" && isRowMissing(error);
        return isOvertaken ? inFlight(error) : error;
      } catch (failure) {
        log("warn", "idempotency_key_not_released", { error: String(failure) });
        return error;
      }
    },
  };
}

function repeated(outcome: HeldOutcome & { state: "finished" }, body: WatchedBody, { links }: Call): RepeatedCall {
  const readFingerprint = async () => {
    try {
      return await body.fingerprint();
    } finally {
      await body.close();
    }
  };
  return new RepeatedCall(async () => {
    if ((await readFingerprint()) !== outcome.fingerprint) throw reused();
    if (outcome.answer === null) throw new Problem("idempotency_answer_lost");
    return (await links.revive(outcome.answer)) as KeptAnswer;
  });
}

const isRowMissing = (error: unknown): boolean => error instanceof Problem && error.code === "row_missing";

/** The time now, as far as it has moved on since the call's. */
function createClock(now: Date): () => Date {
  const began = performance.now();
  return () => new Date(now.getTime() + performance.now() - began);
}

/**
 * Renews the lease while the call runs, however slowly the body comes; a call that was killed renews nothing. Ends when
 * told to.
 */
function startRenewing({ name, token, keys }: ClaimedKey, clock: () => Date, log: Log): () => void {
  const timer = setInterval(() => {
    const renewing = keys.renew(name, token, clock());
    renewing.catch((error: unknown) => log("warn", "idempotency_key_not_renewed", { error: String(error) }));
  }, RENEWAL_SECONDS * 1000);
  return () => clearInterval(timer);
}

function invalid(detail: string): Problem {
  return new Problem("idempotency_key_invalid", { detail });
}

export const reused = (): Problem =>
  new Problem("idempotency_key_reused", {
    detail: "The Idempotency-Key was used in the last 24 hours for another request.",
  });

export function inFlight(cause?: unknown): Problem {
  return new Problem("idempotency_in_flight", {
    detail: "Send the same request again in a moment.",
    headers: { "Retry-After": "2" },
    cause,
  });
}
