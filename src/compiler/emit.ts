/**
 * Prints the generated files: the plans, the chosen database and the parts of the runtime that are built in as
 * TypeScript modules, and the schema as JSON. The same input gives the same bytes.
 */
import { featureUses, type FeatureName } from "../contract/features.ts";
import type { Plan } from "../contract/plan.ts";
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
    `export { ${database} as engine } from "../databases/${database}.ts";`,
    "",
  ].join("\n");
}

/** What only some deployments need of the runtime: the module of src that has it, and its name there. */
const featureSources = {
  background: ["runtime/jobs/background-work.ts", "backgroundWork"],
  validate: ["runtime/body/validation/validated-body.ts", "validatedBody"],
  stripping: ["runtime/image/strip/strip.ts", "stripMetadata"],
  structure: ["runtime/image/structure/tap.ts", "createStructureTap"],
  documents: ["databases/mongodb.ts", "openDocuments"],
  fileApi: ["runtime/file-api/answer-file-api.ts", "answerFileApi"],
} as const satisfies Readonly<Record<FeatureName | "fileApi", readonly [module: string, name: string]>>;

export type BuiltIn = keyof typeof featureSources;

/** What a build of these plans needs. The file API's own plan needs none of it. @param fileApi FILE_API is on */
export function featuresOf(plans: readonly Plan[], fileApi: boolean): readonly BuiltIn[] {
  const names = Object.keys(featureUses) as FeatureName[];
  return [...names.filter((name) => plans.some(featureUses[name])), ...(fileApi ? (["fileApi"] as const) : [])];
}

/** The text of src/generated/features.ts: what nobody asks for does not come into the bundle. */
export function emitFeatures(names: readonly BuiltIn[]): string {
  const used = names.map((feature) => [feature, ...featureSources[feature]] as const);
  const members = used.map(([feature, , name]) => `  ${feature}: ${name},`);
  return [
    "/** What of the runtime only some deployments need: written by src/cli/build.ts, never edited by hand. */",
    'import type { Features } from "../runtime/build.ts";',
    ...used.map(([, module, name]) => `import { ${name} } from "../${module}";`),
    "",
    ...(used.length === 0
      ? ["export const features: Partial<Features> = {};"]
      : ["export const features: Partial<Features> = {", ...members, "};"]),
    "",
  ].join("\n");
}

/** The text of abis/schema.json. */
export function emitJsonSchema(): string {
  return `${JSON.stringify(createJsonSchema(), null, 2)}\n`;
}
