/** Compiles `invalidate_tokenize`: which tokens an endpoint revokes. */
import type { AnswerPlan } from "../../../contract/plan.ts";
import type { Reference } from "../../../contract/plan/reference.ts";
import type { Revoking } from "../../../contract/plan/authentication.ts";
import type { Abi } from "../../language/schema.ts";
import { cronOf } from "../cron.ts";
import type { Report } from "../../text/diagnostic.ts";
import { pointerStep } from "../../text/diagnostic.ts";
import type { Names } from "../../values/names.ts";
import { resolveText } from "../../values/names.ts";
import { addressNames } from "../address.ts";
import { keyNameOf } from "../authentication.ts";
import { declaredFields } from "../steps/payload.ts";

/** Names of the secrets whose tokens some endpoint revokes. */
export const revokedKeys = (abis: readonly Abi[]): ReadonlySet<string> =>
  new Set(
    abis.flatMap(({ invalidate_tokenize: revoking, tokenize }) =>
      revoking === undefined || tokenize === undefined ? [] : [keyNameOf(tokenize)],
    ),
  );

/** Members of the payload that are tokens. */
export const sentTokens = (revoking: Revoking | null): string[] =>
  (revoking?.tokens ?? []).flatMap((token) => (token.from === "payload" ? token.path.slice(0, 1).map(String) : []));

/** Null where the endpoint revokes none, and after a fault. */
export function readRevoking(abi: Abi, report: Report): Revoking | null {
  const { invalidate_tokenize: written, tokenize, protected: protection, actionables } = abi;
  if (written === undefined) {
    if (actionables.length === 0) report.fault("/actionables", "must not be empty");
    return null;
  }
  if (tokenize === undefined) {
    report.fault("/invalidate_tokenize", 'needs "tokenize": the key of the tokens that are revoked');
    return null;
  }
  const cron = cronOf(abi);
  if (cron !== null) report.fault(cron.place, "nobody sends a scheduled run the tokens to revoke");
  const { tokens, expires_after: leastSeconds = 0 } = written;
  if (tokens === undefined && protection === undefined) {
    report.fault(
      "/invalidate_tokenize/tokens",
      'is missing; expected it, or "protected": then it is the caller\'s own token',
    );
    return null;
  }
  const own: Reference[] =
    protection === undefined ? [] : [{ from: "header", name: protection.provide_as.toLowerCase() }];
  const { algorithm } = tokenize;
  const sent = tokens === undefined ? own : readTokens(tokens, abi, report);
  return { algorithm, keyName: keyNameOf(tokenize), tokens: sent, leastSeconds };
}

function readTokens(tokens: string | readonly string[], abi: Abi, report: Report): Reference[] {
  const names: Names = {
    address: addressNames(abi),
    claims: abi.protected?.extract_claims ?? null,
    extracted: new Map(),
    results: [],
    each: null,
    payloadFields: new Set(),
    declaredFields: new Set(declaredFields(abi)),
  };
  return [tokens].flat().flatMap((token, index) => {
    const place = `/invalidate_tokenize/tokens${Array.isArray(tokens) ? pointerStep(index) : ""}`;
    const fault = (message: string) => report.fault(place, message);
    // A bare name that no rule declares is the payload's all the same: a token is never a text of the ABI.
    const reference = resolveText(token, true, names, { fault, warn: () => undefined });
    if (reference === null) return [];
    if (reference.from === "payload" || reference.from === "header") return [reference];
    if (reference.from === "payload-or-text") return [{ from: "payload", path: [reference.name] }];
    fault("expected where tokens are sent: $PAYLOAD.tokens, $HEADER.Authorization, or nothing for the caller's own");
    return [];
  });
}

/** The answer of an endpoint that only revokes. */
export function planNothing(abi: Abi, report: Report): AnswerPlan {
  for (const name of ["returnables", "combine_returned_results_from"] as const) {
    if (abi[name] !== undefined) report.fault(`/${name}`, "there is no actionable whose fields could be answered");
  }
  return { step: 0, fields: null, shape: "object" };
}
