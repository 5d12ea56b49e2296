/**
 * What of the pipeline only some plans use, so that a Worker whose plans do not is built without it. Knows nothing of who
 * decides that.
 */
import type { Seat } from "../admission/turns.ts";
import type { ByteSource, Tap } from "../bytes.ts";
import type { Rule } from "../../contract/plan.ts";
import type { IncomingBody } from "../body/incoming-body.ts";

/** Null: no plan of this build uses it. */
export interface PlanFeatures {
  /** `payload_validation`: the body, refusing what breaks a rule; see validation/validated-body. */
  readonly validate: ((body: IncomingBody, rules: readonly Rule[]) => IncomingBody) | null;
  readonly stripping: Stripping | null;
  readonly structure: StructureCheck | null;
}

/** `strip_metadata`: see image/strip. */
export interface Stripping {
  /** Media types whose metadata can be removed. */
  readonly types: ReadonlySet<string>;
  /** Owns the source. @param fileType one of the types */
  readonly strip: (fileType: string, source: ByteSource, seat: Seat) => ByteSource;
}

/** `strict_images`: see image/structure. */
export interface StructureCheck {
  /** Media types whose structure can be followed to its end. */
  readonly types: ReadonlySet<string>;
  /** Finds out why it is not one whole picture; null for other types. */
  readonly createTap: (fileType: string, seat: Seat) => Tap<string | null> | null;
}

/**
 * The feature, for a plan that uses it. One run of the compiler writes the plans and what they use, so it is there.
 * @param option the ABI's word for it
 * @throws Error where the generated files come from two runs: nothing that an ABI asks for is left out without a word
 */
export function builtIn<Feature>(feature: Feature | null, option: string): Feature {
  if (feature !== null) return feature;
  throw new Error(`A plan has ${option}, which this Worker was built without: run "npm run abi"`);
}
