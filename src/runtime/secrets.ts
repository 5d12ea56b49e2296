/**
 * The deployment's HMAC secrets: whether each is fit to be a key, and its previous value while it is being replaced. No
 * message contains a value.
 */
import type { Authentication, HmacAlgorithm } from "../contract/plan/authentication.ts";
import type { Plan } from "../contract/plan.ts";
import { misconfigured, Problem } from "../contract/problem.ts";

/** A variable or secret of the deployment; `otherwise` where it is not set. @throws Problem `misconfigured` without one */
export type ReadEnvironment = (name: string, otherwise?: string) => string;

/** New signatures are made with `secret`. Those made with `previousSecret` verify as well. */
export interface SecretPair {
  readonly secret: string;
  readonly previousSecret?: string | null;
}

/** A key must be at least as long as the hash: RFC 7518 §3.2. */
const hashBytes: Readonly<Record<HmacAlgorithm, number>> = { HS256: 32, HS384: 48, HS512: 64 };
/** Random text of this length has more; placeholders and repeated words have fewer. */
const MIN_DISTINCT_CHARACTERS = 10;
/** Senders make them up themselves, and not all of them as long as a hash. */
const minWebhookBytes = 16;
const LINK_SECRET = "LINK_SECRET";
const previousOf = (name: string): string => `${name}_PREVIOUS`;

/** @throws Problem `misconfigured`, its reason with the name of the secret that is missing, weak or used twice */
export function readLinkSecret(read: ReadEnvironment): SecretPair {
  return readSecret(read, LINK_SECRET, hashBytes.HS256);
}

/**
 * What an endpoint's tokens are verified with. Whoever may sign links must not be able to sign tokens.
 * @throws Problem `misconfigured`, as `readLinkSecret`
 */
export function readTokenSecret(read: ReadEnvironment, { keyName, algorithm }: TokenKey): SecretPair {
  return readSecret(read, keyName, hashBytes[algorithm], [LINK_SECRET, previousOf(LINK_SECRET)]);
}

/** A secret that a sender of webhooks shares. @throws Problem `misconfigured`, as `readLinkSecret` */
export function readWebhookSecret(read: ReadEnvironment, name: string): SecretPair {
  return readSecret(read, name, minWebhookBytes, [LINK_SECRET, previousOf(LINK_SECRET)]);
}

/** Whether one of the two passes, the current one first. */
export async function eitherPasses(
  { secret, previousSecret = null }: SecretPair,
  passes: (secret: string) => Promise<boolean>,
): Promise<boolean> {
  return (await passes(secret)) || (previousSecret !== null && (await passes(previousSecret)));
}

type TokenKey = Pick<Authentication, "keyName" | "algorithm">;
/** Of a plan, what its secrets depend on. */
export interface CheckedPlan extends Pick<Plan, "environment"> {
  readonly authentication: TokenKey | null;
  readonly answer?: { readonly token?: TokenKey };
  readonly revoking?: TokenKey;
}

/** @throws Problem `misconfigured` when the text is too short or too uniform to be a key, whatever it is for */
export function checkSecret(name: string, secret: string, minBytes: number): void {
  // No text has fewer bytes in UTF-8 than it has code units.
  if (secret.length < minBytes && new TextEncoder().encode(secret).length < minBytes) {
    throw misconfigured(`${name} is shorter than ${minBytes} bytes`);
  }
  const seen = new Set<string>();
  for (const character of secret) {
    if (seen.add(character).size >= MIN_DISTINCT_CHARACTERS) return;
  }
  throw misconfigured(`${name} has fewer than ${MIN_DISTINCT_CHARACTERS} different characters: make a random one`);
}

/**
 * Why calls of these plans would be refused: secrets that are missing, weak or used twice, variables that are missing.
 * Messages with names and without values; empty = all is well.
 */
export function checkSecrets(read: ReadEnvironment, plans: readonly CheckedPlan[]): readonly string[] {
  const checks = plans.flatMap(({ authentication, answer, revoking, environment }) => [
    ...[authentication ?? [], answer?.token ?? [], revoking ?? []]
      .flat()
      .map((key) => () => readTokenSecret(read, key)),
    ...environment.map((name) => () => read(name)),
  ]);
  return [...new Set([() => readLinkSecret(read), ...checks].flatMap(faultOf))];
}

function faultOf(check: () => unknown): string[] {
  try {
    check();
    return [];
  } catch (error) {
    if (error instanceof Problem) return [error.message];
    throw error;
  }
}

function readSecret(read: ReadEnvironment, name: string, minBytes: number, others: readonly string[] = []): SecretPair {
  const previousName = previousOf(name);
  const secret = read(name);
  const previousSecret = read(previousName, "") || null;
  checkSecret(name, secret, minBytes);
  if (previousSecret !== null) checkSecret(previousName, previousSecret, minBytes);
  refuseEqual(read, [name, previousName, ...others]);
  return { secret, previousSecret };
}

function refuseEqual(read: ReadEnvironment, names: readonly string[]): void {
  const holders = new Map<string, string>();
  for (const name of names) {
    const value = read(name, "");
    const holder = holders.get(value);
    if (holder !== undefined) throw misconfigured(`${holder} and ${name} are the same: each needs a value of its own`);
    if (value !== "") holders.set(value, name);
  }
}
