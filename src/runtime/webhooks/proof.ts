/** What tells, once the body has passed, whether a call is who it should be from. */
import type { CallAccount } from "../admission/ledger.ts";

export interface BodyProof {
  /** @param account of the call: what is kept of the bytes is taken from it, and given back with everything else */
  push(bytes: Uint8Array, account: Pick<CallAccount, "take">): void | Promise<void>;
  /** Called once, after the last bytes. Resolves with null, or with why there is no proof, for the log. */
  finish(): Promise<string | null>;
}
