/** What the tests' Workers are built of: their own plans, and all that any plan may use. */
import type { Build, Features } from "../../src/build.ts";
import { engine as d1 } from "../../src/database/d1/d1-engine.ts";
import type { Engine } from "../../src/database/engine.ts";
import { answerFileApi } from "../../src/file-api/answer-file-api.ts";
import { stripMetadata, strippableTypes } from "../../src/image/strip/strip-metadata.ts";
import { checkableTypes, createStructureTap } from "../../src/image/structure/structure-tap.ts";
import { backgroundWork } from "../../src/jobs/background-work.ts";
import { validatedBody } from "../../src/pipeline/validation/validated-body.ts";
import type { Plan } from "../../src/contract/plan.ts";

export const allFeatures: Features = {
  background: backgroundWork,
  validate: validatedBody,
  stripping: { types: strippableTypes, strip: stripMetadata },
  structure: { types: checkableTypes, createTap: createStructureTap },
  fileApi: answerFileApi,
};

export const noFeatures: Features = {
  background: null,
  validate: null,
  stripping: null,
  structure: null,
  fileApi: null,
};

/** With all features, over D1 unless another engine is given. */
export function buildOf(plans: readonly Plan[], engine: Engine = d1): Build {
  return { plans, engine, features: allFeatures };
}
