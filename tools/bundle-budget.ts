/** How large a Worker may be, by what is in it. */

/** KiB by engine: a small Worker starts quickly; the platform's own limit is 3 MB. */
const engines: Readonly<Record<string, number>> = { d1: 61.9, hyperdrive: 87.4, neon: 111.1 };
/** KiB of what only some deployments need, by its name in .sluice/build.ts. */
const features: Readonly<Record<string, number>> = {
  background: 6,
  rateLimits: 1.5,
  quotas: 2.5,
  webhooks: 3,
  validate: 4,
  routing: 0.8,
  address: 0.8,
  answerLinks: 1,
  issuing: 1.5,
  revocation: 1,
  passwords: 1.5,
  bcrypt: 9.5,
  argon2: 13.5,
  earlyFields: 1,
  fileFields: 1.5,
  rawBodies: 1.5,
  uploadLinks: 4,
  deleting: 0.5,
  deletingNamed: 1.5,
  replacing: 0.5,
  stripping: 9.4,
  structure: 5.3,
  thumbnails: 12.9,
  pictures: 26.8,
  resumable: 7,
  documents: 150,
  fileApi: 6.3,
};

export const featureNames = Object.keys(features);

/** In bytes of gzip. */
export function budgetOf(engine: string, used: readonly string[]): number {
  const parts = [engines[engine] ?? 0, ...used.map((name) => features[name] ?? 0)];
  return parts.reduce((sum, part) => sum + part, 0) * 1024;
}

/** KiB of gzip that a page has to load; `react` without the client and React, `client/tus` beside the client. */
export const pageBudgets = { client: 4, react: 2, "client/tus": 3 } as const;
