/** What tells, once the body has passed, whether a call is who it should be from. */

export interface BodyProof {
  push(bytes: Uint8Array): void | Promise<void>;
  /** Called once, after the last bytes. Resolves with null, or with why there is no proof, for the log. */
  finish(): Promise<string | null>;
}
