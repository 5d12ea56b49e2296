/** Waiting that a signal ends. */
import { SluiceError } from "./error.ts";
import type { SignalLike } from "./platform.ts";

/** Does not begin what is aborted already. @throws SluiceError `aborted`, and as the work does */
export function orAbort<Value>(work: () => Promise<Value>, signal: SignalLike | undefined): Promise<Value> {
  return new Promise<Value>((resolve, reject) => {
    const stop = () => reject(new SluiceError("aborted", "Aborted", { cause: signal?.reason }));
    if (signal?.aborted) return stop();
    signal?.addEventListener("abort", stop);
    work()
      .finally(() => signal?.removeEventListener("abort", stop))
      .then(resolve, reject);
  });
}

export const sleep = (milliseconds: number, signal: SignalLike | undefined): Promise<unknown> =>
  orAbort(() => new Promise((resolve) => setTimeout(resolve, milliseconds)), signal);
