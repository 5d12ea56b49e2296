/**
 * Prints plans, the choice of a database and what is built in of the runtime as TypeScript modules, and the schema as JSON:
 * the same bytes for the same input. It writes nothing.
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
    `export { engine } from "../databases/${database}.ts";`,
    "",
  ].join("\n");
}

/** What only some deployments need of the runtime: where it is, and what its member of `Features` is. */
interface FeatureSource {
  readonly from: string;
  readonly names: string;
  readonly value: string;
}

const featureSources: Readonly<Record<FeatureName | "fileApi", FeatureSource>> = {
  background: { from: "runtime/jobs/background-work.ts", names: "backgroundWork", value: "backgroundWork" },
  validate: { from: "runtime/body/validation/validated-body.ts", names: "validatedBody", value: "validatedBody" },
  stripping: {
    from: "runtime/image/strip/strip.ts",
    names: "stripMetadata, strippableTypes",
    value: "{ types: strippableTypes, strip: stripMetadata }",
  },
  structure: {
    from: "runtime/image/structure/tap.ts",
    names: "checkableTypes, createStructureTap",
    value: "{ types: checkableTypes, createTap: createStructureTap }",
  },
  documents: { from: "databases/mongodb.ts", names: "openDocuments", value: "openDocuments" },
  fileApi: { from: "runtime/file-api/answer-file-api.ts", names: "answerFileApi", value: "answerFileApi" },
};

export type BuiltIn = keyof typeof featureSources;

/** What a build of these plans needs. The file API's own plan needs none of it. @param fileApi FILE_API is on */
export function featuresOf(plans: readonly Plan[], fileApi: boolean): readonly BuiltIn[] {
  const names = Object.keys(featureUses) as FeatureName[];
  return [...names.filter((name) => plans.some(featureUses[name])), ...(fileApi ? (["fileApi"] as const) : [])];
}

/** The text of src/generated/features.ts: what nobody asks for does not come into the bundle. */
export function emitFeatures(names: readonly BuiltIn[]): string {
  const used = names.map((name) => ({ name, ...featureSources[name] }));
  return [
    "/** What of the runtime only some deployments need: written by src/cli/build.ts, never edited by hand. */",
    'import type { Features } from "../runtime/build.ts";',
    ...used.map((source) => `import { ${source.names} } from "../${source.from}";`),
    "",
    used.length === 0
      ? "export const features: Partial<Features> = {};"
      : [
          "export const features: Partial<Features> = {",
          ...used.map(({ name, value }) => (name === value ? `  ${name},` : `  ${name}: ${value},`)),
          "};",
        ].join("\n"),
    "",
  ].join("\n");
}

/** The text of abis/schema.json. */
export function emitJsonSchema(): string {
  return `${JSON.stringify(createJsonSchema(), null, 2)}\n`;
}
