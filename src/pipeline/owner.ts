/** Who owns the files of a call, from a claim. */
import type { Reference } from "../plan.ts";
import { Problem } from "../problem.ts";
import { resolve, type Scope } from "./scope.ts";

/** @throws Problem `unauthorized` when the claim is not one name or number */
export function resolveOwner(reference: Reference, scope: Scope): string {
  const value = resolve(reference, scope);
  if (typeof value === "string" || typeof value === "number") return String(value);
  throw new Problem("unauthorized", {
    reason: "The claim that owns files is neither text nor a number",
    headers: { "WWW-Authenticate": "Bearer" },
  });
}
