/** Compiles `replaces`: of which earlier files new ones take the place. */
import type { FileRules } from "../../../contract/plan/files.ts";
import type { Reference } from "../../../contract/plan/reference.ts";
import type { Report } from "../../text/diagnostic.ts";
import { allReferences, resolveText, type Names } from "../../values/names.ts";
import { namesCaller, reportNoOwner } from "./owner.ts";

/** Nothing where the files take no place, and after a fault. */
export function readReplaces(
  written: boolean | string | undefined,
  place: string,
  names: Names,
  report: Report,
): Pick<FileRules, "replaces"> {
  if (written === undefined || written === false) return {};
  if (!namesCaller(names)) {
    reportNoOwner(place, "only the owner's files are replaced", names, report);
    return {};
  }
  if (written === true) return { replaces: true };
  const faults: string[] = [];
  const reference = resolveText(written, true, names, {
    fault: (message) => void faults.push(message),
    // A name that nothing provides is a fault here.
    warn: () => undefined,
  });
  if (reference !== null && faults.length === 0 && !tellsApart(reference)) {
    faults.push(
      `${JSON.stringify(written)} tells no files apart; expected true, or a value of the call such as "$PAYLOAD.album"`,
    );
  }
  for (const fault of faults) report.fault(place, fault);
  return reference === null || faults.length > 0 ? {} : { replaces: reference };
}

/** Values that are the same for all calls, or new in each. */
const unfit: ReadonlySet<Reference["from"]> = new Set([
  "literal",
  "payload-or-text",
  "env",
  "generator",
  "now",
  "template",
]);

/** Of a text with accessors, none may be new in each call and one must be the call's. */
function tellsApart(reference: Reference): boolean {
  const kinds = [...allReferences(reference)].map(({ from }) => from);
  return !kinds.includes("generator") && !kinds.includes("now") && kinds.some((kind) => !unfit.has(kind));
}
