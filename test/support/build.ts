/** What the tests' Workers are built of: their own plans, and all that any plan may use. */
import type { Build, Features } from "../../src/runtime/build.ts";
import { engine as d1 } from "../../src/databases/d1.ts";
import type { Engine } from "../../src/runtime/database/engine.ts";
import { answerFileApi } from "../../src/runtime/file-api/answer-file-api.ts";
import { stripMetadata, strippableTypes } from "../../src/runtime/image/strip/strip.ts";
import { checkableTypes, createStructureTap } from "../../src/runtime/image/structure/tap.ts";
import { backgroundWork } from "../../src/runtime/jobs/background-work.ts";
import { validatedBody } from "../../src/runtime/body/validation/validated-body.ts";
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
