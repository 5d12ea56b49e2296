/** Compiles how callers prove who they are: `tokenize` with `protected`. It knows nothing of actionables. */
import type { Authentication } from "../plan.ts";
import { pathFault } from "./accessor.ts";
import type { Report } from "./diagnostic.ts";
import { pointerStep } from "./diagnostic.ts";
import type { Abi } from "./schema.ts";

/** Null for an open endpoint, and after a fault that leaves nothing to compile. */
export function readAuthentication(abi: Abi, report: Report): Authentication | null {
  const { tokenize, protected: protection } = abi;
  if (protection === undefined) {
    if (tokenize !== undefined) {
      report.fault("/tokenize", 'issuing tokens is not supported yet; expected "protected" beside it, to verify them');
    }
    return null;
  }
  if (tokenize === undefined) {
    report.fault("/protected", 'needs "tokenize": the algorithm and key that tokens are verified with');
    return null;
  }
  for (const [index, claim] of protection.extract_claims.entries()) {
    const fault = pathFault([claim]);
    if (fault !== null) report.fault(`/protected/extract_claims${pointerStep(index)}`, fault);
  }
  const repeated = protection.extract_claims.findIndex((claim, index, all) => all.indexOf(claim) !== index);
  if (repeated >= 0) report.fault(`/protected/extract_claims${pointerStep(repeated)}`, "this claim is listed twice");
  const header = protection.provide_as.toLowerCase();
  return {
    header,
    bearer: header === "authorization",
    algorithm: tokenize.algorithm,
    keyName: tokenize.encryption_key.replace("$ENV.", ""),
    claims: protection.extract_claims,
  };
}
