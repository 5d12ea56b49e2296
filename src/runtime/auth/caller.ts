/** Who calls: the only place that turns a claim into a name. */
import { callerClaims } from "../../contract/plan/reference.ts";
import type { Json } from "../../contract/plan.ts";
import { Problem } from "../../contract/problem.ts";

/** What a verified token says. */
export interface Identity {
  /** The claims that the endpoint extracts. */
  readonly claims: { readonly [name: string]: Json };
  /** From the whole token, whatever is extracted; null when it names nobody. */
  readonly caller: string | null;
  /** Why the claim that should name the caller does not; null where nothing is wrong with it. */
  readonly fault: string | null;
}

type Caller = Pick<Identity, "caller" | "fault">;

const unnamed: Caller = { caller: null, fault: null };
export const nobody: Identity = { claims: {}, ...unnamed };

const MAX_NAME_BYTES = 255;
// oxlint-disable-next-line no-control-regex
const control = /[\u0000-\u001f\u007f-\u009f]/;

/** The claim `id`, else `sub`. */
export function callerOf(claims: { readonly [name: string]: unknown }): Caller {
  const claim = callerClaims.find((name) => !isMissing(claims, name));
  if (claim === undefined) return unnamed;
  const caller = nameOf(claims[claim]);
  return { caller, fault: caller === null ? `The claim ${claim} cannot name anybody` : null };
}

/**
 * The owner of files, idempotency keys and jobs. Called only where something is to be owned: elsewhere claims are plain
 * values, and may be anything. @throws Problem `unauthorized`
 */
export function checkedCaller({ caller, fault }: Caller): string | null {
  if (fault !== null) throw unauthorized(fault);
  return caller;
}

/** For what must have an owner. @throws Problem `unauthorized` where the token names nobody */
export function requireCaller(caller: string | null): string {
  if (caller === null) throw unauthorized("The token names nobody");
  return caller;
}

/** An empty claim counts as a missing one. */
export function isMissing(claims: { readonly [name: string]: unknown }, name: string): boolean {
  return !Object.hasOwn(claims, name) || [undefined, null, ""].includes(claims[name] as null);
}

/**
 * The text by which a value names somebody or something: 1 to 255 bytes without control characters, or a safe integer's
 * digits. Null for everything else: different values must stay different, and a lone surrogate would not.
 */
export function nameOf(value: unknown): string | null {
  const name = Number.isSafeInteger(value) ? String(value) : value;
  if (typeof name !== "string" || name === "" || control.test(name) || !name.isWellFormed()) return null;
  return new TextEncoder().encode(name).length <= MAX_NAME_BYTES ? name : null;
}

/** Always the same on the wire. @param reason for the log */
export function unauthorized(reason: string, cause?: unknown): Problem {
  return new Problem("unauthorized", { reason, cause, headers: { "WWW-Authenticate": "Bearer" } });
}
