/** Whose a job is: the claim `id`, else `sub`. */
import type { Authentication, Json } from "../plan.ts";

/** Null for an endpoint without authentication, or whose tokens name nobody: then whoever knows the job's id may ask. */
export function ownerOf(
  authentication: Authentication | null,
  claims: { readonly [name: string]: Json },
): string | null {
  const name = ["id", "sub"].find((claim) => authentication?.claims.includes(claim));
  const value = name === undefined ? null : (claims[name] ?? null);
  if (value === null) return null;
  return typeof value === "string" || typeof value === "number" ? String(value) : JSON.stringify(value);
}
