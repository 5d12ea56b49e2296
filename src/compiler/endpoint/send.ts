/**
 * Decides when each statement is sent, so that everything that can wait is one atomic batch at the end. It knows the
 * steps as compiled, and nothing of ABIs.
 */
import type { DocumentStep, QueryStep, Reference, Step } from "../../contract/plan.ts";
import { allReferences } from "../values/names.ts";

/** The references that a step resolves. */
export function stepReferences(step: Step): Reference[] {
  switch (step.mode) {
    case "upload":
      return step.folder.flatMap((part) => [...allReferences(part)]);
    case "delete-files":
      return [];
    case "query": {
      const values = step.parameters.map(({ value }) => value);
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

/** Steps whose result a step reads. */
function readSteps(step: Step): number[] {
  return stepReferences(step).flatMap((reference) => (reference.from === "result" ? [reference.step] : []));
}

export interface Sending {
  readonly steps: readonly Step[];
  /** Queries that send a write before the final batch, in order. */
  readonly earlyWrites: readonly number[];
}

function isWrite(step: QueryStep | DocumentStep): boolean {
  return step.mode === "query" ? step.writes : step.action !== "find";
}

/**
 * Sets `send` on every query and every step on documents, which wait apart. `dependedOn` holds the steps that others wait for by `depends_on`, `deferred` those that run
 * after the answer: the two kinds have batches of their own.
 */
export function planSending(
  steps: readonly Step[],
  dependedOn: ReadonlySet<number>,
  deferred: ReadonlySet<number> = new Set(),
): Sending {
  const needed = new Set([...dependedOn, ...steps.flatMap(readSteps)]);
  const earlyWrites: number[] = [];
  const createWaiting = () => ({ query: [] as number[], documents: [] as number[] });
  const waiting = { request: createWaiting(), job: createWaiting() };
  const planned = steps.map((step, index): Step => {
    if (step.mode !== "query" && step.mode !== "documents") return step;
    const unsent = (deferred.has(index) ? waiting.job : waiting.request)[step.mode];
    const writes = isWrite(step);
    const now = needed.has(index) || (!writes && unsent.length === 0);
    if (writes) unsent.push(index);
    if (!now) return step;
    const sent = unsent.splice(0);
    if (step.mode === "query") earlyWrites.push(...sent);
    return { ...step, send: "now" };
  });
  return { steps: planned, earlyWrites };
}
