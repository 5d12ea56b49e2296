/** What the engine runs and their Worker say to each other, beside the calls that any client makes. */

/** Runs the sweep now. */
export const SWEEP_PATH = "/__sweep";
/** Lists every object with the SHA-256 of its bytes: `StoredObject[]`. */
export const OBJECTS_PATH = "/__objects";

export interface StoredObject {
  readonly key: string;
  /** Hex. */
  readonly sha256: string;
}
