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
/** Where the Worker tells the course of the last call, as JSON. */
export const COURSE_PATH = "/course-of-call";
/** In front of the id of an upload's object, whose time is over once it is asked for. */
export const EXPIRY_PATH = "/expire/";

export interface Course {
  /** Names of the calls of bindings that were begun so far, in order. */
  readonly calls: readonly string[];
  /** Nothing goes on behind the answer. */
  readonly isOver: boolean;
}
