/**
 * Prints plans, the choice of a database and what is built in of the runtime as TypeScript modules, and the schema as JSON:
 * the same bytes for the same input. It writes nothing.
 */
import type { Plan, UploadStep } from "../contract/plan.ts";
import type { DatabaseName } from "../contract/database-names.ts";
import { createJsonSchema } from "./language/schema.ts";

/** The text of src/generated/plans.ts. */
export function emitPlans(plans: readonly Plan[]): string {
  return [
    "/** Compiled from abis/ by src/cli/build.ts: never edited by hand. */",
    'import type { Plan } from "../contract/plan.ts";',
    "",
    `export const plans: readonly Plan[] = ${JSON.stringify(plans, null, 2)};`,
    "",
  ].join("\n");
}

/** The text of src/generated/engine.ts: nothing of another database comes into the bundle. */
export function emitEngine(database: DatabaseName): string {
  return [
    "/** The database chosen by DATABASE in wrangler.toml: written by src/cli/build.ts, never edited by hand. */",
    `export { engine } from "../databases/${database}.ts";`,
    "",
  ].join("\n");
}

/** Tells if a plan has a step on documents of a MongoDB server. */
export function usesMongo(plans: readonly Plan[]): boolean {
  return plans.some(({ steps }) => steps.some(({ mode }) => mode === "documents"));
}

/** The text of src/generated/documents.ts: MongoDB's driver comes into the bundle only for plans that use it. */
export function emitDocuments(plans: readonly Plan[]): string {
  const lines = usesMongo(plans)
    ? ['export { openDocuments } from "../databases/mongodb.ts";']
    : [
        'import type { OpenDocuments } from "../runtime/database/engine.ts";',
        "",
        "export const openDocuments: OpenDocuments | null = null;",
      ];
  return [
    "/** Where documents are, if not in the database: written by src/cli/build.ts, never edited by hand. */",
    ...lines,
    "",
  ].join("\n");
}

/** What a deployment is set to that decides what of the runtime is built in. */
interface Chosen {
  /** FILE_API is on. */
  readonly fileApi: boolean;
}

/** What decides what of the runtime is built in. */
interface Wishes extends Chosen {
  readonly plans: readonly Plan[];
}

/** A part of the runtime that only some deployments need. */
interface FeatureSource {
  /** Its member of `Features` in src/runtime/build.ts. */
  readonly name: string;
  readonly import: string;
  readonly value: string;
  readonly isUsed: (wishes: Wishes) => boolean;
}

/** The file API's own plan needs none of what plans do. */
const byPlan =
  (isUsed: (plan: Plan) => boolean) =>
  ({ plans }: Wishes) =>
    plans.some(isUsed);

const byUpload = (isUsed: (step: UploadStep) => boolean) =>
  byPlan(({ steps }) => steps.some((step) => step.mode === "upload" && isUsed(step)));

const featureSources: readonly FeatureSource[] = [
  {
    name: "background",
    import: 'import { backgroundWork } from "../runtime/jobs/background-work.ts";',
    value: "backgroundWork",
    isUsed: byPlan(({ background, schedule }) => background !== undefined || schedule !== undefined),
  },
  {
    name: "validate",
    import: 'import { validatedBody } from "../runtime/body/validation/validated-body.ts";',
    value: "validatedBody",
    isUsed: byPlan(({ steps }) => steps.some(({ payloadRule }) => payloadRule !== undefined)),
  },
  {
    name: "stripping",
    import: 'import { stripMetadata, strippableTypes } from "../runtime/image/strip/strip.ts";',
    value: "{ types: strippableTypes, strip: stripMetadata }",
    isUsed: byUpload(({ stripsMetadata }) => stripsMetadata),
  },
  {
    name: "structure",
    import: 'import { checkableTypes, createStructureTap } from "../runtime/image/structure/tap.ts";',
    value: "{ types: checkableTypes, createTap: createStructureTap }",
    isUsed: byUpload(({ strictImages }) => strictImages),
  },
  {
    name: "fileApi",
    import: 'import { answerFileApi } from "../runtime/file-api/answer-file-api.ts";',
    value: "answerFileApi",
    isUsed: ({ fileApi }) => fileApi,
  },
];

/** The text of src/generated/features.ts: what nobody asks for does not come into the bundle. */
export function emitFeatures(plans: readonly Plan[], { fileApi }: Chosen): string {
  const wishes = { plans, fileApi };
  return printFeatures(featureSources.filter(({ isUsed }) => isUsed(wishes)).map(({ name }) => name));
}

/** In the order in which they are printed. */
export const featureNames: readonly string[] = featureSources.map(({ name }) => name);

/** The same with the features of these names, whoever uses them. */
export function printFeatures(names: readonly string[]): string {
  const used = featureSources.filter(({ name }) => names.includes(name));
  return [
    "/** What of the runtime only some deployments need: written by src/cli/build.ts, never edited by hand. */",
    'import type { Features } from "../runtime/build.ts";',
    ...used.map((source) => source.import),
    "",
    "export const features: Features = {",
    ...featureSources.map((source) => `  ${source.name}: ${used.includes(source) ? source.value : "null"},`),
    "};",
    "",
  ].join("\n");
}

/** The text of abis/schema.json. */
export function emitJsonSchema(): string {
  return `${JSON.stringify(createJsonSchema(), null, 2)}\n`;
}
