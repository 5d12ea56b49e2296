/** How long the phases of a call took. */

export interface Timing {
  readonly name: string;
  readonly milliseconds: number;
}

export interface Timings {
  /** Adds the time until the work settles to the phase. */
  measure<Result>(name: string, work: () => Promise<Result>): Promise<Result>;
  /** In the order in which the phases began. */
  list(): readonly Timing[];
}

export function createTimings(clock: () => number): Timings {
  const total = new Map<string, number>();
  return {
    async measure(name, work) {
      const start = clock();
      try {
        return await work();
      } finally {
        total.set(name, (total.get(name) ?? 0) + clock() - start);
      }
    },
    list: () => Array.from(total, ([name, milliseconds]) => ({ name, milliseconds })),
  };
}
