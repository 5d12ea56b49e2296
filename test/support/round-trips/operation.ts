/** What can be asked of the runtime, as round-trips/measure counts it. */

/** A call to the runtime that nobody counts, from a caller whom the headers name. */
export type Call = (path: string, init?: RequestInit) => Promise<Response>;

/** The one call that is counted. */
export type Question =
  | {
      readonly kind: "request";
      readonly path: string;
      readonly method: string;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: Uint8Array | null;
      /** The body takes its time: what has to wait for its end is counted as well. */
      readonly sendsFiles: boolean;
      readonly status: number;
    }
  /** The queue delivers messages, one for each job. */
  | { readonly kind: "jobs"; readonly ids: readonly string[] };

export interface Operation {
  /** Unique. */
  readonly name: string;
  /** Makes everything that the operation needs to find, for a caller of its own; may be asked more than once. */
  prepare(call: Call): Promise<Question>;
}
