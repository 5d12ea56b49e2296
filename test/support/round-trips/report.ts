/** What is told of one operation. Knows no types of the platform: it is read outside of workerd. */

/** What its calls of bindings are billed as. */
export interface Bill {
  /** Round trips to D1, and the statements in them. */
  readonly d1Calls: number;
  readonly statements: number;
  /** As D1 itself counts them. */
  readonly rowsRead: number;
  readonly rowsWritten: number;
  /** Calls of R2, by their price. */
  readonly classA: number;
  readonly classB: number;
  readonly freeR2: number;
  /** Objects stored. */
  readonly objects: number;
  /** Messages sent. */
  readonly messages: number;
}

/** Waves: see waves. */
export interface Depths {
  /** Until the caller has an answer, all of the body being there at once. */
  readonly atOnce: number;
  /**
   * The same from the body's last bytes on, everything having been answered that can be asked before them; null: the
   * operation sends no files.
   */
  readonly afterLastByte: number | null;
  /** Behind the answer. */
  readonly behind: number;
}

export interface Report extends Depths {
  readonly name: string;
  /** Messages that a queue delivered. */
  readonly delivered: number;
  /** Of everything, the body being there at once. */
  readonly bill: Bill;
}
