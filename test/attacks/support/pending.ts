/** Defences that are known to be missing: their checks do not fail, and the summary counts them apart. */

export interface Pending {
  /** Beginning of the suite's title. */
  readonly attack: string;
  readonly door?: RegExp;
  readonly variant: RegExp;
  readonly reason: string;
  /** Not to be run: it would hold the isolate. */
  readonly isEndless?: boolean;
}

const pending: readonly Pending[] = [
  {
    attack: "10 tokens out of time",
    variant: /^(?:exp (?:1e400|in milliseconds|in 200 years|1e300)|iat in an hour)$/,
    reason: "claims of time have no bounds",
  },
  { attack: "10 good tokens", variant: /^nbf/, reason: "no leeway for clocks" },
  {
    attack: "28 tokens respelled",
    variant: /^(?:padding behind|trailing bits|a blank in|a tab in)/,
    reason: "one token in several spellings",
  },
  { attack: "10 weak token keys", variant: /one letter|the link secret/, reason: "weak and equal secrets are taken" },
  { attack: "11 weak link secrets", variant: /one letter|the token key/, reason: "weak and equal secrets are taken" },
  { attack: "14 a file API that is off", variant: /./, reason: "the file API cannot be turned off" },
  {
    attack: "25 texts",
    variant: /comments|instructions|document types/,
    reason: "patterns backtrack",
    isEndless: true,
  },
  { attack: "26 tokens that name nobody", variant: /^(?:id|a lone)/, reason: "claims of identity have no form" },
  { attack: "30 a wildcard", variant: /^image/, reason: "claimed types pass wildcards" },
  {
    attack: "30 types that nothing proves",
    variant: /^(?:application.hta|multipart|message)/,
    reason: "claimed types choose the ending",
  },
];

export function pendingAt(title: string, door: string, variant: string): Pending | null {
  const isMeant = (entry: Pending) =>
    title.startsWith(entry.attack) && entry.variant.test(variant) && (entry.door?.test(door) ?? true);
  return pending.find(isMeant) ?? null;
}
