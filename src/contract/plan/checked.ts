/** What every step may have. */
import type { Rule } from "../payload-rule.ts";

export interface Checked {
  /** What the whole payload must be before any step runs; absent = anything. */
  readonly payloadRule?: Rule;
}
