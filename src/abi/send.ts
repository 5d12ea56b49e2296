/**
 * Decides when each statement is sent, so that everything that can wait is one atomic batch at the end. It knows the
 * steps as compiled, and nothing of ABIs.
 */
import type { QueryStep, Reference, Step } from "../plan.ts";
import { allReferences } from "./names.ts";

/** The references that a step resolves. */
export function stepReferences(step: Step): Reference[] {
  switch (step.mode) {
    case "upload":
      return [...step.folder, ...(step.owner === null ? [] : [step.owner])].flatMap((part) => [...allReferences(part)]);
    case "delete-files":
      return [step.owner];
    case "query": {
      const values = step.parameters.map(({ value }) => value);
      return [...values, ...(step.each === null ? [] : [step.each])].flatMap((value) => [...allReferences(value)]);
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
  /** Steps that send a write before the final batch, in order. */
  readonly earlyWrites: readonly number[];
}

/**
 * Sets `send` on every query. `dependedOn` holds the steps that others wait for by `depends_on`, `deferred` those that run
 * after the answer: the two kinds have batches of their own.
 */
export function planSending(
  steps: readonly Step[],
  dependedOn: ReadonlySet<number>,
  deferred: ReadonlySet<number> = new Set(),
): Sending {
  const needed = new Set([...dependedOn, ...steps.flatMap(readSteps)]);
  const earlyWrites: number[] = [];
  const waiting = { request: [] as number[], job: [] as number[] };
  const planned = steps.map((step, index): Step => {
    if (step.mode !== "query") return step;
    const unsent = deferred.has(index) ? waiting.job : waiting.request;
    const now = needed.has(index) || (!step.writes && unsent.length === 0);
    if (step.writes) unsent.push(index);
    if (!now) return step;
    earlyWrites.push(...unsent.splice(0));
    return { ...step, send: "now" } satisfies QueryStep;
  });
  return { steps: planned, earlyWrites };
}
