/** Decides when each statement is sent: everything that can wait is one atomic batch at the end. */
import { rulesOf } from "../../contract/plan/file-rules.ts";
import type { FileRules } from "../../contract/plan/files.ts";
import type { QueryStep } from "../../contract/plan/query.ts";
import type { Reference } from "../../contract/plan/reference.ts";
import type { DocumentDraft, QueryDraft, StepDraft } from "../draft.ts";
import { allReferences } from "../values/names.ts";

/** The references that a step resolves. */
export function stepReferences(step: StepDraft): Reference[] {
  switch (step.mode) {
    case "upload":
      return rulesOf<Pick<FileRules, "folder" | "replaces">>(step)
        .flatMap(({ folder, replaces }) => (typeof replaces === "object" ? [...folder, replaces] : folder))
        .flatMap((part) => [...allReferences(part)]);
    case "delete-files":
      return step.keys === undefined ? [] : [step.keys];
    case "query": {
      const verified = (step.passwords?.verifies ?? []).map(({ property }): Reference => {
        return { from: "payload", path: [property] };
      });
      const values = [...step.parameters.map(({ value }) => value), ...verified];
      return [...values, ...(step.each === null ? [] : [step.each])].flatMap((value) => [...allReferences(value)]);
    }
    case "documents": {
      const members = ["filter" in step ? step.filter : [], "set" in step ? step.set : []].flat();
      const page = step.action === "find" ? [step.limit, step.skip] : [];
      const values = [...members.map(({ value }) => value), ...page, ...(step.each === null ? [] : [step.each])];
      return values.flatMap((value) => [...allReferences(value)]);
    }
    default:
      return step satisfies never;
  }
}

/** Steps whose result a step reads. A query takes the files that it names along: their deletion reads nothing. */
function readSteps(step: StepDraft): number[] {
  if (step.mode === "delete-files") return [];
  return stepReferences(step).flatMap((reference) => (reference.from === "result" ? [reference.step] : []));
}

export interface Sending {
  /** For each step; without meaning for those that send no statement. */
  readonly sends: readonly QueryStep["send"][];
  /** Queries that send a write before the final batch, in order. */
  readonly earlyWrites: readonly number[];
}

/** What follows only runs once the password has been compared. */
const isVerifying = (step: StepDraft): boolean =>
  step.mode === "query" && step.passwords !== undefined && step.passwords.verifies.length > 0;

function isWrite(step: QueryDraft | DocumentDraft): boolean {
  return step.mode === "query" ? step.writes : step.action !== "find";
}

/**
 * Queries and steps on documents wait apart.
 * @param dependedOn the steps that others wait for by `depends_on`
 * @param deferred those that run after the answer, which have batches of their own
 * @param parallel reads that need not be sent at their place
 */
export function planSending(
  steps: readonly StepDraft[],
  dependedOn: ReadonlySet<number>,
  deferred: ReadonlySet<number>,
  parallel: ReadonlySet<number>,
): Sending {
  const verifying = steps.flatMap((step, index) => (isVerifying(step) ? [index] : []));
  const needed = new Set([...dependedOn, ...verifying, ...steps.flatMap(readSteps)]);
  const earlyWrites: number[] = [];
  const createWaiting = () => ({ query: [] as number[], documents: [] as number[] });
  const waiting = { request: createWaiting(), job: createWaiting() };
  const sends = steps.map((step, index) => {
    if (step.mode !== "query" && step.mode !== "documents") return "commit";
    const unsent = (deferred.has(index) ? waiting.job : waiting.request)[step.mode];
    const writes = isWrite(step);
    const now = needed.has(index) || (!writes && unsent.length === 0 && !parallel.has(index));
    if (writes) unsent.push(index);
    if (!now) return "commit";
    const sent = unsent.splice(0);
    if (step.mode === "query") earlyWrites.push(...sent);
    return "now";
  });
  return { sends, earlyWrites };
}
