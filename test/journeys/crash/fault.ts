/** What the crash run and its Worker say to each other. */

/** What happens at one call, counted from 1 in the order in which they begin. */
export interface Fault {
  readonly call: number;
  /** Before the real call is made, or once it was made and before its answer is seen. */
  readonly when: "before" | "after";
  /** `kill` ends the whole workerd with its storage. */
  readonly mode: "throw" | "hang" | "kill";
}

/** The header of a request that says which faults it meets, as JSON. */
export const FAULTS_HEADER = "x-faults";
/** The answer's header that names the calls that were made, in order, with commas. */
export const CALLS_HEADER = "x-calls";
