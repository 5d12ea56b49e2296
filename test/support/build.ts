/** What the tests' Workers are built from: their own plans, and every feature but MongoDB's driver and WebAssembly. */
import type { Plan } from "../../src/contract/plan.ts";
import { withUses } from "../../src/contract/features.ts";
import { majorVersion } from "../../src/contract/release.ts";
import { d1 } from "../../src/databases/d1.ts";
import { deleteNamed } from "../../src/runtime/files/delete-named.ts";
import { deleteOwned } from "../../src/runtime/files/delete-owned.ts";
import { addLinks } from "../../src/runtime/call/answer-links.ts";
import { expectEarly } from "../../src/runtime/body/early-fields.ts";
import { openRaw } from "../../src/runtime/body/raw-body.ts";
import { validation } from "../../src/runtime/body/validation/validated-body.ts";
import { install, type Build, type Features } from "../../src/runtime/build.ts";
import type { Engine } from "../../src/runtime/database/engine.ts";
import { openDeployment } from "../../src/runtime/deployment.ts";
import { bcrypt } from "../../src/runtime/accounts/bcrypt.ts";
import { revocation } from "../../src/runtime/accounts/revocation.ts";
import { runWithPasswords } from "../../src/runtime/accounts/passwords.ts";
import { issueToken } from "../../src/runtime/accounts/issue-token.ts";
import { resumableFileApi } from "../../src/runtime/file-api/resumable-file-api.ts";
import { answerFileApi } from "../../src/runtime/file-api/answer-file-api.ts";
import { stripMetadata } from "../../src/runtime/image/strip/strip.ts";
import { createStructureTap } from "../../src/runtime/image/structure/tap.ts";
import { backgroundWork } from "../../src/runtime/jobs/background-work.ts";
import { replaceEarlier } from "../../src/runtime/call/replacing.ts";
import { resultsOfAddress } from "../../src/runtime/routes/address.ts";
import { routeByMethod } from "../../src/runtime/routes/routing.ts";
import { limitCalls } from "../../src/runtime/rate-limits/limit-calls.ts";
import { quotas } from "../../src/runtime/quotas/quotas.ts";
import { receiveFields } from "../../src/runtime/upload/file-fields.ts";
import { openVerified } from "../../src/runtime/webhooks/open-verified.ts";
import { resumable } from "../../src/runtime/resumable/resumable.ts";
import { thumbnails } from "../../src/runtime/thumbnails/thumbnails.ts";
import { pictures } from "../../src/runtime/upload/pictures.ts";
import { uploadLinks } from "../../src/runtime/upload-links/upload-links.ts";
import { sweep } from "../../src/runtime/triggers.ts";

const allFeatures: Omit<Features, "documents" | "argon2"> = {
  background: backgroundWork,
  rateLimits: limitCalls,
  quotas,
  webhooks: openVerified,
  validate: validation,
  routing: routeByMethod,
  address: resultsOfAddress,
  earlyFields: expectEarly,
  answerLinks: addLinks,
  issuing: issueToken,
  revocation,
  passwords: runWithPasswords,
  bcrypt,
  fileFields: receiveFields,
  rawBodies: openRaw,
  uploadLinks,
  deleting: deleteOwned,
  deletingNamed: deleteNamed,
  replacing: replaceEarlier,
  stripping: stripMetadata,
  structure: createStructureTap,
  pictures,
  thumbnails,
  resumable,
  fileApi: answerFileApi,
};

/** With all features, over D1 unless another engine is given. */
export function buildOf(plans: readonly Plan[], engine: Engine = d1): Build {
  return { version: majorVersion, plans: plans.map(withUses), engine, features: allFeatures };
}

/** The same with FILE_API_RESUMABLE. */
export function buildResumable(plans: readonly Plan[], engine: Engine = d1): Build {
  return { ...buildOf(plans, engine), features: { ...allFeatures, fileApi: resumableFileApi } };
}

/** The same without one of them. */
export function buildWithout(name: keyof typeof allFeatures, plans: readonly Plan[]): Build {
  const features = Object.fromEntries(Object.entries(allFeatures).filter(([other]) => other !== name));
  return { ...buildOf(plans), features };
}

/** One sweep, as the trigger's. */
export function runSweep(env: Env, engine: Engine = d1): Promise<void> {
  return sweep(openDeployment(env, install(buildOf([], engine), {}), { waitUntil: () => undefined }));
}
