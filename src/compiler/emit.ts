/**
 * Prints the generated files: the plans, what the Worker is built of, and the Worker, as TypeScript modules; the schema as
 * JSON. The same input gives the same bytes.
 */
import { createHash } from "node:crypto";
import { durableObjects, type ObjectFeature } from "../contract/bindings.ts";
import type { DatabaseName } from "../contract/database-names.ts";
import { withUses, type FeatureName } from "../contract/features.ts";
import type { Plan, Uncompiled } from "../contract/plan.ts";
import { majorVersion } from "../contract/release.ts";
import { createJsonSchema } from "./language/schema.ts";

/** How a generated file names a module of the package; see `packageModules`. */
export type ModuleNames = (module: PackageModule) => string;

/** The public modules, by their path in the package: each is one of `exports` in package.json, and a file of src. */
export const packageModules = {
  ".": "index.ts",
  "./d1": "databases/d1.ts",
  "./neon": "databases/neon.ts",
  "./hyperdrive": "databases/hyperdrive.ts",
  "./mongodb": "runtime/documents/documents.ts",
  "./background": "runtime/jobs/background-work.ts",
  "./rate-limits": "runtime/rate-limits/limit-calls.ts",
  "./quotas": "runtime/quotas/quotas.ts",
  "./webhooks": "runtime/webhooks/open-verified.ts",
  "./validation": "runtime/body/validation/validated-body.ts",
  "./routing": "runtime/routes/routing.ts",
  "./address": "runtime/routes/address.ts",
  "./answer-links": "runtime/call/answer-links.ts",
  "./tokens": "runtime/accounts/issue-token.ts",
  "./revocation": "runtime/accounts/revocation.ts",
  "./passwords": "runtime/accounts/passwords.ts",
  "./bcrypt": "runtime/accounts/bcrypt.ts",
  "./argon2": "runtime/accounts/argon2.ts",
  "./early-fields": "runtime/body/early-fields.ts",
  "./deleting": "runtime/files/delete-owned.ts",
  "./deleting-named": "runtime/files/delete-named.ts",
  "./replacing": "runtime/call/replacing.ts",
  "./file-fields": "runtime/upload/file-fields.ts",
  "./raw-bodies": "runtime/body/raw-body.ts",
  "./upload-links": "runtime/upload-links/upload-links.ts",
  "./strip-metadata": "runtime/image/strip/strip.ts",
  "./strict-images": "runtime/image/structure/tap.ts",
  "./pictures": "runtime/upload/pictures.ts",
  "./thumbnails": "runtime/thumbnails/thumbnails.ts",
  "./resumable": "runtime/resumable/resumable.ts",
  "./file-api": "runtime/file-api/answer-file-api.ts",
  "./resumable-file-api": "runtime/file-api/resumable-file-api.ts",
  "./openapi": "runtime/http/openapi.ts",
  "./client": "client/client.ts",
  "./client/tus": "client/tus/tus.ts",
  "./react": "client/react/react.ts",
  "./uppy": "client/uppy.ts",
  "./client/upload-link": "client/upload-link.ts",
} as const;

export type PackageModule = keyof typeof packageModules;

/** In build.ts: what tells the files of this version from another's. */
const versionMember = `version: "${majorVersion}"`;

/** Tells if a text is that of a .sluice/build.ts which this version's runtime takes. */
export const isBuildOfThisVersion = (text: string): boolean => text.includes(versionMember);

const header = "/** Written by `sluice build`, never edited by hand. */";

/** The text of .sluice/plans.ts. */
export function emitPlans(plans: readonly Plan[], uncompiled: readonly Uncompiled[], nameOf: ModuleNames): string {
  return [
    header,
    `import type { Plan, Uncompiled } from "${nameOf(".")}";`,
    "",
    `export const plans: readonly Plan[] = ${JSON.stringify(plans.map(withUses), null, 2)};`,
    "",
    "/** What has faults while a development server runs; a deployment has none. */",
    `export const uncompiled: readonly Uncompiled[] = ${JSON.stringify(uncompiled, null, 2)};`,
    "",
  ].join("\n");
}

/** What only some deployments need of the runtime: its module, and its name there. */
const featureSources = {
  background: ["./background", "backgroundWork"],
  rateLimits: ["./rate-limits", "limitCalls"],
  quotas: ["./quotas", "quotas"],
  webhooks: ["./webhooks", "openVerified"],
  validate: ["./validation", "validation"],
  routing: ["./routing", "routeByMethod"],
  address: ["./address", "resultsOfAddress"],
  answerLinks: ["./answer-links", "addLinks"],
  issuing: ["./tokens", "issueToken"],
  revocation: ["./revocation", "revocation"],
  passwords: ["./passwords", "runWithPasswords"],
  bcrypt: ["./bcrypt", "bcrypt"],
  argon2: ["./argon2", "argon2"],
  earlyFields: ["./early-fields", "expectEarly"],
  deleting: ["./deleting", "deleteOwned"],
  deletingNamed: ["./deleting-named", "deleteNamed"],
  replacing: ["./replacing", "replaceEarlier"],
  fileFields: ["./file-fields", "receiveFields"],
  rawBodies: ["./raw-bodies", "openRaw"],
  uploadLinks: ["./upload-links", "uploadLinks"],
  stripping: ["./strip-metadata", "stripMetadata"],
  structure: ["./strict-images", "createStructureTap"],
  thumbnails: ["./thumbnails", "thumbnails"],
  pictures: ["./pictures", "pictures"],
  resumable: ["./resumable", "resumable"],
  documents: ["./mongodb", "documents"],
  fileApi: ["./file-api", "answerFileApi"],
  resumableFileApi: ["./resumable-file-api", "resumableFileApi"],
} as const satisfies Readonly<
  Record<FeatureName | "fileApi" | "resumableFileApi", readonly [module: PackageModule, name: string]>
>;

export type BuiltIn = keyof typeof featureSources;

/** What a build of these plans needs. @param fileApi FILE_API is on @param asked what its own settings ask for */
export function featuresOf(
  plans: readonly Plan[],
  fileApi: boolean,
  asked: readonly ("thumbnails" | "quotas" | "resumable")[] = [],
): readonly BuiltIn[] {
  const door: BuiltIn = asked.includes("resumable") ? "resumableFileApi" : "fileApi";
  // It tells of pictures whatever nobody else asks.
  const own: readonly BuiltIn[] = fileApi ? [door, "pictures", ...asked] : [];
  const used = new Set([...own, ...plans.flatMap((plan) => withUses(plan).uses ?? [])]);
  const names = Object.keys(featureSources) as BuiltIn[];
  return names.filter((name) => used.has(name));
}

/** The text of .sluice/build.ts: what nobody asks for, and another database, does not come into the bundle. */
export function emitBuild(database: DatabaseName, names: readonly BuiltIn[], nameOf: ModuleNames): string {
  const used = names.map((feature) => [feature, ...featureSources[feature]] as const);
  return [
    header,
    `import type { Build } from "${nameOf(".")}";`,
    `import { ${database} } from "${nameOf(`./${database}`)}";`,
    ...used.map(([, module, name]) => `import { ${name} } from "${nameOf(module)}";`),
    'import { plans } from "./plans.ts";',
    "",
    "export const build: Build = {",
    `  ${versionMember},`,
    "  plans,",
    `  engine: ${database},`,
    `  features: { ${used.map(([feature, , name]) => `${memberOf(feature)}: ${name}`).join(", ")} },`,
    "};",
    "",
  ].join("\n");
}

/** The one stands in the other's place. */
const memberOf = (name: BuiltIn): string => (name === "resumableFileApi" ? "fileApi" : name);

export interface WorkerParts {
  /** Those whose class wrangler's configuration, or an ABI, needs. */
  readonly objects: readonly ObjectFeature[];
  /** OPENAPI is on. */
  readonly openApi: boolean;
}

/** The text of .sluice/worker.ts. */
export function emitWorker({ objects, openApi }: WorkerParts, nameOf: ModuleNames): string {
  return [
    header,
    'import { build } from "./build.ts";',
    "// Behind what is built in: the bundle has this order, and packs 1 KiB smaller so.",
    `import { createSluice } from "${nameOf(".")}";`,
    ...(openApi
      ? [`import { withOpenApi } from "${nameOf("./openapi")}";`, 'import { openApi } from "./openapi.ts";']
      : []),
    "",
    `export default ${openApi ? "withOpenApi(createSluice(build), openApi)" : "createSluice(build)"};`,
    ...objects.map((name) => `export { ${durableObjects[name].className} } from "${nameOf(featureSources[name][0])}";`),
    "",
  ].join("\n");
}

/** The text of .sluice/openapi.ts. @param document as JSON */
export function emitOpenApi(document: string, nameOf: ModuleNames): string {
  const text = JSON.stringify(JSON.parse(document));
  const digest = createHash("sha256").update(text).digest("base64url");
  return [
    header,
    `import type { OpenApi } from "${nameOf("./openapi")}";`,
    "",
    `export const openApi: OpenApi = { etag: ${JSON.stringify(`"${digest}"`)}, text: ${JSON.stringify(text)} };`,
    "",
  ].join("\n");
}

/** The text of abis/schema.json. */
export function emitJsonSchema(): string {
  return `${JSON.stringify(createJsonSchema(), null, 2)}\n`;
}
