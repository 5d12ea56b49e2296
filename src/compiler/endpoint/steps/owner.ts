/** Of endpoints whose callers own files. */
import { callerClaims } from "../../../contract/plan/reference.ts";
import type { Report } from "../../text/diagnostic.ts";
import type { Names } from "../../values/names.ts";

/** Whether the tokens that the endpoint takes must name who calls. */
export function namesCaller({ claims }: Names): boolean {
  return callerClaims.some((name) => claims?.includes(name));
}

export function reportNoOwner(place: string, fault: string, { claims }: Names, report: Report): void {
  const remedy = claims === null ? 'expected "tokenize" and "protected"' : 'expected "id" or "sub" in extract_claims';
  report.fault(place, `${fault}; ${remedy}`);
}
