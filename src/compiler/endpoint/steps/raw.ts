/** `raw`: refuses what a body that is one file, without fields, can never be enough for. */
import type { Step } from "../../../contract/plan.ts";
import type { UploadStep } from "../../../contract/plan/files.ts";
import type { Revoking } from "../../../contract/plan/authentication.ts";
import type { Reference } from "../../../contract/plan/reference.ts";
import { rulesOf } from "../../../contract/plan/file-rules.ts";
import type { Report } from "../../text/diagnostic.ts";
import { sentTokens } from "../accounts/revoking.ts";
import type { Task } from "../order.ts";

/** @param steps one for each of `tasks` */
export function checkRaw(
  tasks: readonly Task[],
  steps: readonly Step[],
  revoking: Revoking | null,
  report: Report,
): void {
  for (const [index, step] of steps.entries()) {
    if (step.mode !== "upload" || step.raw === undefined) continue;
    const place = `${tasks[index]?.place ?? ""}/uploads/raw`;
    const count = countFault(step);
    if (count !== null) report.fault(place, `a raw body is one file, and ${count}`);
    const [first] = fieldsNeeded(step, steps, revoking);
    if (first === undefined) continue;
    const { name, why } = first;
    const remedy = 'expected $QUERY or $PARAM in its place, or no "raw"';
    report.fault(place, `a raw body has no fields, and "${name}" ${why}; ${remedy}`);
  }
}

/** Why one file is too few; null: it is not. */
function countFault({ fields, minFiles = 1 }: UploadStep): string | null {
  const needed = fields?.list.filter((field) => field.minFiles > 0) ?? [];
  const [one, other] = needed;
  if (one !== undefined && other !== undefined) {
    return `"${one.name}" and "${other.name}" are both required; expected one required field at most`;
  }
  if (one !== undefined && one.minFiles > 1) {
    return `"${one.name}" needs ${String(one.minFiles)}; expected min_files 1 at most`;
  }
  if (fields !== undefined || minFiles <= 1) return null;
  return `min_file_uploads is ${String(minFiles)}; expected 1 at most`;
}

interface Need {
  readonly name: string;
  readonly why: string;
}

/** The fields of the payload that no call can do without. */
function fieldsNeeded(upload: UploadStep, steps: readonly Step[], revoking: Revoking | null): readonly Need[] {
  const needs = (names: readonly string[], why: string) => names.map((name) => ({ name, why }));
  const rules = steps.flatMap(({ payloadRule }) => (payloadRule?.kind === "object" ? payloadRule.fields : []));
  const required = rules.filter(({ optional }) => !optional).map(({ name }) => name);
  const early = (upload.earlyFields ?? []).filter(({ optional }) => !optional).map(({ name }) => name);
  const own = rulesOf<UploadStep | NonNullable<UploadStep["fields"]>["list"][number]>(upload);
  const replacing = own.flatMap(({ replaces = true }) => (replaces === true ? [] : payloadNames(replaces)));
  const passwords = steps.flatMap((step) => {
    if (step.mode !== "query" || step.passwords === undefined) return [];
    return [...step.passwords.hashes, ...step.passwords.verifies].map(({ property }) => property);
  });
  const filled = new Set(rules.flatMap(({ name, default: otherwise }) => (otherwise === undefined ? [] : name)));
  return [
    ...needs(required, "is required"),
    ...needs(
      own.flatMap(({ folder }) => folder.flatMap(payloadNames)),
      "names a folder",
    ),
    ...needs(replacing, "says which files are replaced"),
    ...needs(early, "is read before the file is stored"),
    ...needs(passwords, "is a password"),
    ...needs(sentTokens(revoking), "is a token to revoke"),
  ].filter(({ name }) => !filled.has(name));
}

function payloadNames(reference: Reference): string[] {
  if (reference.from === "template") return reference.parts.flatMap(payloadNames);
  if (reference.from !== "payload") return [];
  return reference.path.slice(0, 1).map(String);
}
