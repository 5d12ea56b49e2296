/** Compiles `rate_limit`. */
import type { RateLimit } from "../../contract/plan.ts";
import type { Abi } from "../language/schema.ts";
import type { Report } from "../text/diagnostic.ts";
import { readIdentifier } from "./identifier.ts";

/** Null without `rate_limit`, and after a fault. */
export function compileRateLimit(abi: Abi, report: Report): RateLimit | null {
  const { rate_limit: rule } = abi;
  if (rule === undefined) return null;
  const identifier = readIdentifier(rule.identifier, "/rate_limit/identifier", abi, report);
  if (identifier === null) return null;
  return { limit: rule.limit, windowSeconds: rule.expires_after, identifier };
}
