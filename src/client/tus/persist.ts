/** Tries again what has failed for now: token, line, server. */
import { orAbort, sleep } from "../abort.ts";
import { IN_FLIGHT_RETRIES, RETRIES, type CallContext, type CallOptions } from "../call.ts";
import type { SluiceError } from "../error.ts";
import { waitBefore } from "../retry.ts";

/** What an attempt knows, and tells. */
export interface Attempts {
  /** The last token was not taken. */
  isRefused: boolean;
  /** Since something was gained. */
  failed: number;
}

/**
 * @param step undefined: there is more to do
 * @param mend whether an error is no reason to wait
 * @throws SluiceError
 */
export async function persist<Result>(
  { token }: CallContext,
  { retries = RETRIES, onRetry }: CallOptions,
  signal: AbortSignal,
  step: (attempts: Attempts) => Promise<Result | undefined>,
  mend: (error: SluiceError) => boolean,
): Promise<Result> {
  const attempts: Attempts = { isRefused: false, failed: 0 };
  let inFlight = 0;
  for (;;) {
    try {
      await online(signal);
      const result = await step(attempts);
      if (result !== undefined) return result;
      attempts.isRefused = false;
    } catch (thrown) {
      const error = thrown as SluiceError;
      attempts.isRefused = error.status === 401 && !attempts.isRefused && typeof token === "function";
      if (attempts.isRefused) continue;
      const isWaiting = error.code === "idempotency_in_flight";
      const count = isWaiting ? inFlight++ : attempts.failed++;
      const isMended = mend(error);
      const milliseconds = isMended ? 0 : waitBefore(count, error, true);
      if (milliseconds === null || attempts.failed > retries || inFlight > IN_FLIGHT_RETRIES) throw error;
      if (isMended) continue;
      queueMicrotask(() => onRetry?.(error, milliseconds));
      await sleep(milliseconds, signal);
    }
  }
}

/** Where a browser knows that there is no network, nothing is tried. */
async function online(signal: AbortSignal): Promise<void> {
  const { navigator }: { readonly navigator?: Partial<Navigator> } = globalThis;
  if (navigator?.onLine !== false) return;
  await orAbort(() => new Promise((resolve) => addEventListener("online", resolve, { once: true })), signal);
}
