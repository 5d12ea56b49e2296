/**
 * The parts of the runtime that only some plans need, and the test that tells whether a plan does. The compiler bundles
 * by it, and writes what it found beside each plan, which the runtime checks: the test itself is in no Worker.
 */
import type { AnswerPlan, Plan } from "./plan.ts";
import type { FileRules, UploadStep } from "./plan/files.ts";
import type { HashAlgorithm, PasswordField } from "./plan/query.ts";
import { answeredResults } from "./plan.ts";
import { rulesOf } from "./plan/file-rules.ts";

export type FeatureName =
  | "background"
  | "rateLimits"
  | "quotas"
  | "webhooks"
  | "validate"
  | "routing"
  | "address"
  | "fileFields"
  | "rawBodies"
  | "uploadLinks"
  | "deleting"
  | "deletingNamed"
  | "replacing"
  | "earlyFields"
  | "answerLinks"
  | "issuing"
  | "revocation"
  | "passwords"
  | HashAlgorithm
  | "stripping"
  | "structure"
  | "thumbnails"
  | "pictures"
  | "resumable"
  | "documents";

const uploads = (isUsed: (step: UploadStep) => boolean) => (plan: Plan) =>
  plan.steps.some((step) => step.mode === "upload" && isUsed(step));

const passwords = (isUsed: (field: PasswordField) => boolean) => (plan: Plan) =>
  plan.steps.some((step) => {
    const { hashes, verifies } = (step.mode === "query" ? step.passwords : undefined) ?? { hashes: [], verifies: [] };
    return [...hashes, ...verifies].some(isUsed);
  });

const answersOf = ({ answer, background }: Plan) => [answer, background?.answer ?? []].flat();
const hasLinks = (answer: AnswerPlan) => answeredResults(answer).some(({ links }) => links !== undefined);
const rules = (isUsed: (rules: FileRules) => boolean) => uploads((step) => rulesOf<FileRules>(step).some(isUsed));
const makesThumbnails = rules(({ thumbnails }) => thumbnails !== undefined);
/** An endpoint that links to what another one makes. */
const linksThumbnails = (answer: AnswerPlan) =>
  answeredResults(answer).some(({ links = {} }) => Object.values(links).some((link) => typeof link !== "string"));
const hasThumbnails = (plan: Plan) => makesThumbnails(plan) || answersOf(plan).some(linksThumbnails);
const readsPictures = rules(({ imageFields }) => imageFields.length > 0);

export const featureUses: Readonly<Record<FeatureName, (plan: Plan) => boolean>> = {
  background: ({ background, schedule }) => background !== undefined || schedule !== undefined,
  rateLimits: ({ rateLimit }) => rateLimit !== undefined,
  quotas: uploads(({ quota }) => quota !== undefined),
  webhooks: ({ webhook }) => webhook !== undefined,
  validate: ({ steps, address }) =>
    steps.some(({ payloadRule }) => payloadRule !== undefined) ||
    Object.values(address ?? {}).some(({ length }) => length > 0),
  routing: ({ methods, address }) => (methods ?? address?.path) !== undefined,
  address: ({ address }) => address !== undefined,
  answerLinks: (plan) => answersOf(plan).some(hasLinks),
  issuing: ({ answer }) => answer.token !== undefined,
  revocation: ({ authentication, revoking }) => revoking !== undefined || authentication?.isRevocable === true,
  passwords: passwords(() => true),
  bcrypt: passwords(({ algorithm }) => algorithm === "bcrypt"),
  argon2: passwords(({ algorithm }) => algorithm === "argon2"),
  earlyFields: uploads(({ earlyFields }) => earlyFields !== undefined),
  deleting: ({ steps }) => steps.some((step) => step.mode === "delete-files" && step.keys?.from !== "result"),
  deletingNamed: ({ steps }) => steps.some((step) => step.mode === "query" && step.deletes !== undefined),
  replacing: rules(({ replaces }) => replaces !== undefined),
  fileFields: uploads(({ fields }) => fields !== undefined),
  rawBodies: uploads(({ raw }) => raw !== undefined),
  uploadLinks: uploads(({ links }) => links !== undefined),
  stripping: rules(({ stripsMetadata }) => stripsMetadata),
  structure: rules(({ strictImages }) => strictImages),
  thumbnails: hasThumbnails,
  pictures: (plan) => readsPictures(plan) || hasThumbnails(plan),
  resumable: uploads(({ resumable }) => resumable === true),
  documents: ({ steps }) => steps.some(({ mode }) => mode === "documents"),
};

/** The plan as it is written for a Worker: with the names of the features that it needs. */
export function withUses(plan: Plan): Plan {
  const uses = (Object.keys(featureUses) as FeatureName[]).filter((name) => featureUses[name](plan));
  return uses.length === 0 ? plan : { ...plan, uses };
}
