/** What one call has under way to the bucket and the database while it goes on reading. */

/** Lends memory for bytes that are on their way; see `CallAccount`. */
export interface Lender {
  borrow(bytes: number): boolean;
  return(bytes: number): void;
}

export interface InFlight extends Lender {
  /** Begins the work once fewer than MAX_CALLS are under way. @throws what was given to `fail`, if it has not begun */
  run<Result>(work: () => Promise<Result>): Promise<Result>;
  /** From now on nothing is begun. The first error counts. */
  fail(error: unknown): void;
  /** @throws what was given to `fail` */
  check(): void;
}

/** As many as the platform lets wait at once: https://developers.cloudflare.com/workers/platform/limits/ */
const MAX_CALLS = 6;

export function createInFlight(lender: Lender): InFlight {
  let free = MAX_CALLS;
  let failure: { readonly error: unknown } | null = null;
  const waiting: (() => void)[] = [];
  const check = () => {
    if (failure !== null) throw failure.error;
  };
  return {
    borrow: (bytes) => lender.borrow(bytes),
    return: (bytes) => lender.return(bytes),
    async run(work) {
      check();
      if (free > 0) free--;
      else await new Promise<void>((resolve) => waiting.push(resolve));
      try {
        check();
        return await work();
      } finally {
        const next = waiting.shift();
        if (next === undefined) free++;
        else next();
      }
    },
    fail: (error) => void (failure ??= { error }),
    check,
  };
}
