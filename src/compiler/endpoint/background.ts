/**
 * Decides which steps of an endpoint run after its answer, and compiles how: `run_in_background`, `queue`, `retries`,
 * `keep_files`.
 */
import { createHash } from "node:crypto";
import {
  answeredResults,
  type AnswerPlan,
  type BackgroundPlan,
  type JobPriority,
  type JobReads,
  type Step,
} from "../../contract/plan.ts";
import type { Reference } from "../../contract/plan/reference.ts";
import type { Revoking } from "../../contract/plan/authentication.ts";
import { everyMinute, queueBindings } from "../../contract/bindings.ts";
import type { StepDraft } from "../draft.ts";
import { sentTokens } from "./accounts/revoking.ts";
import { passwordNames } from "./accounts/password-fields.ts";
import { answerShape } from "./answer.ts";
import { cronOf, isCallable } from "./cron.ts";
import type { Report } from "../text/diagnostic.ts";
import { pointerStep } from "../text/diagnostic.ts";
import { resultsOf } from "./file-groups.ts";
import type { Task } from "./order.ts";
import type { Abi } from "../language/schema.ts";
import { stepReferences } from "./send.ts";
import { fieldsReadBy } from "./upload-reads.ts";

/** What wrangler's configuration offers. */
export interface JobCapabilities {
  /** Bindings of queues that the Worker sends to and is the consumer of. */
  readonly queues: readonly string[];
  /** Cron triggers. */
  readonly crons: readonly string[];
}

const defaultRetries = 3;
const none: ReadonlySet<number> = new Set();

/** Steps that a step cannot run before: by `depends_on`, or because it reads their results. */
function neededBy(index: number, tasks: readonly Task[], steps: readonly StepDraft[]): number[] {
  const dependencies = tasks[index]?.dependencies.flatMap(({ on }) => on.map((task) => tasks.indexOf(task))) ?? [];
  const step = steps[index];
  const read = step === undefined ? [] : stepReferences(step).flatMap((reference) => readStep(reference));
  return [...dependencies, ...read];
}

const readStep = (reference: Reference): number[] => (reference.from === "result" ? [reference.step] : []);

/** With what they need: steps that must have run before any of these. */
export function withNeeds(wanted: readonly number[], tasks: readonly Task[], steps: readonly StepDraft[]): Set<number> {
  const found = new Set<number>();
  const add = (index: number): void => {
    if (found.has(index)) return;
    found.add(index);
    for (const needed of neededBy(index, tasks, steps)) add(needed);
  };
  for (const index of wanted) add(index);
  return found;
}

/** Indexes of the steps that run in a job, none for an endpoint that answers when all is done. */
export function findDeferred(
  abi: Abi,
  tasks: readonly Task[],
  steps: readonly StepDraft[],
  report: Report,
): ReadonlySet<number> {
  // What runs by time has no answer to run after.
  if (!isCallable(abi)) return none;
  const indexes = steps.map((_, index) => index);
  if (abi.run_in_background === true) {
    const uploads = indexes.filter((index) => steps[index]?.mode === "upload");
    const foreground = withNeeds(uploads, tasks, steps);
    const deferred = new Set(indexes.filter((index) => !foreground.has(index)));
    if (deferred.size === 0) report.fault("/run_in_background", "nothing is left to run after the upload");
    return deferred;
  }
  const marked = new Set(indexes.filter((index) => isMarked(tasks[index])));
  // Steps are in an order in which each stands behind what it needs.
  const deferred = indexes.reduce((found, index) => {
    const follows = neededBy(index, tasks, steps).some((needed) => found.has(needed));
    return marked.has(index) || follows ? found.add(index) : found;
  }, new Set<number>());
  for (const index of deferred) {
    if (steps[index]?.mode !== "upload") continue;
    const why = "files are received in the request: put it on the actionables that follow, or on the endpoint";
    report.fault(`${tasks[index]?.place ?? ""}/run_in_background`, why);
    return none;
  }
  return deferred;
}

const isMarked = (task: Task | undefined): boolean =>
  task !== undefined && !task.isForeign && task.actionable.run_in_background === true;

/** `queue`, `retries` or `keep_files` as it stands somewhere: there is one job for a call, so all places must agree. */
function readOption<Name extends "queue" | "retries">(
  name: Name,
  abi: Abi,
  deferred: ReadonlySet<number>,
  tasks: readonly Task[],
  report: Report,
): Abi[Name] {
  const isForRuns = cronOf(abi) !== null && name === "retries";
  const places = abi.actionables.map((actionable, index) => ({
    value: actionable[name] as Abi[Name],
    place: `/actionables${pointerStep(index)}/${name}`,
    isUsed: isForRuns || deferred.has(tasks.findIndex((task) => task.actionable === actionable)),
  }));
  const isUsed = deferred.size > 0 || isForRuns;
  const given = [{ value: abi[name], place: `/${name}`, isUsed }, ...places].filter(({ value }) => value !== undefined);
  for (const { place } of given.filter((option) => !option.isUsed)) {
    report.fault(place, meaningless(abi, name));
  }
  const [first, ...others] = given.filter((option) => option.isUsed);
  const differing = others.find(({ value }) => JSON.stringify(value) !== JSON.stringify(first?.value));
  if (differing !== undefined) {
    report.fault(
      differing.place,
      `differs from ${first?.place ?? ""}: what runs in the background of a call is one job`,
    );
  }
  return first?.value;
}

function meaningless(abi: Abi, name: "queue" | "retries" | "keep_files"): string {
  if (!isCallable(abi)) return "has no meaning: nobody calls this endpoint, and its cron_job runs it when it is due";
  return `has no meaning without "run_in_background": true${name === "retries" ? " or cron_job" : ""}`;
}

function readPriority(priority: number | JobPriority | undefined): JobPriority {
  if (typeof priority !== "number") return priority ?? "normal";
  return priority >= 8 ? "high" : priority <= 3 ? "low" : "normal";
}

/** A statement of the call's last batch has no rows yet when the job is queued. */
function isKnownEarly(step: Step | undefined): boolean {
  const isStatement = step?.mode === "query" || step?.mode === "documents";
  return step?.mode === "upload" || (isStatement && step.send === "now");
}

/** What the job needs of the call. */
function readsOf(
  deferred: ReadonlySet<number>,
  secrets: readonly string[],
  steps: readonly Step[],
  answer: AnswerPlan,
): JobReads {
  const own = steps.filter((_, index) => deferred.has(index));
  const references = own.flatMap(stepReferences);
  const answered = answeredResults(answer);
  const results = [
    ...references.flatMap(readStep),
    ...answered.flatMap(({ step }) => (isKnownEarly(steps[step]) ? [step] : [])),
  ];
  const readsLinks = steps.some((step, index) => {
    if (step.mode !== "upload") return false;
    const shown = answered.flatMap(({ step: own, fields }) => (own === index ? [...(fields ?? [null])] : []));
    const results = resultsOf(step, index);
    const read = [...shown, ...own.flatMap((deferredStep) => fieldsReadBy(deferredStep, results))];
    return read.some((field) => field === null || field === "download_url");
  });
  const headers = references.flatMap((reference) => (reference.from === "header" ? [reference.name] : []));
  return {
    payload:
      own.some((step) => step.mode === "delete-files" && step.keys === undefined) ||
      references.some(({ from }) => from === "payload" || from === "payload-or-text"),
    headers: [...new Set(headers)].sort(),
    ...(secrets.length === 0 ? {} : { secrets }),
    results: [...new Set(results)].filter((step) => !deferred.has(step)).sort((left, right) => left - right),
    ...(readsLinks ? { links: true } : {}),
  };
}

/** Of everything that decides what the steps do. When and how often they are tried may change under a job. */
function fingerprintOf(deferred: ReadonlySet<number>, steps: readonly Step[], answer: AnswerPlan): string {
  const text = JSON.stringify({ steps, deferred: [...deferred], answer });
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}

/** What the call answers: as always if that is known by then, else the upload, else its last step. */
export function planEarlyAnswer(
  deferred: ReadonlySet<number>,
  tasks: readonly Task[],
  steps: readonly StepDraft[],
  answer: AnswerPlan,
): AnswerPlan | null {
  if (!deferred.has(answer.step)) return answer;
  const shown = steps
    .map((_, index) => index)
    .filter((index) => {
      const task = tasks[index];
      return task !== undefined && !deferred.has(index) && !task.isForeign && task.actionable.no_op !== true;
    });
  const step = shown.find((index) => steps[index]?.mode === "upload") ?? shown.at(-1);
  const actionable = step === undefined ? undefined : tasks[step]?.actionable;
  if (step === undefined || actionable === undefined) return null;
  const shownStep = steps[step];
  const isEach = shownStep !== undefined && "each" in shownStep && shownStep.each !== null;
  return { step, fields: actionable.returnables ?? null, shape: answerShape(actionable, isEach) };
}

export interface BackgroundInput {
  readonly abi: Abi;
  readonly tasks: readonly Task[];
  /** Finished. */
  readonly steps: readonly Step[];
  readonly deferred: ReadonlySet<number>;
  readonly answer: AnswerPlan;
  readonly earlyAnswer: AnswerPlan | null;
  readonly revoking: Revoking | null;
  /** Null where nobody knows. */
  readonly capabilities: JobCapabilities | null;
}

/** How the deferred steps run; null when there are none. */
export function compileBackground(input: BackgroundInput, report: Report): BackgroundPlan | null {
  const { abi, tasks, steps, deferred, answer, earlyAnswer, capabilities } = input;
  const queue = readOption("queue", abi, deferred, tasks, report);
  const retries = readOption("retries", abi, deferred, tasks, report);
  if (abi.keep_files !== undefined && deferred.size === 0) {
    report.fault("/keep_files", meaningless(abi, "keep_files"));
  }
  if (deferred.size === 0) return null;
  if (answer.links !== undefined && deferred.has(answer.step)) {
    report.fault(
      `${tasks[answer.step]?.place ?? ""}/links`,
      "links are answered with the call, and this runs after it",
    );
  }
  if (answer.token !== undefined && deferred.has(answer.step)) {
    report.fault("/tokenize", "a token is answered with the call, and the row that it is issued from comes after it");
  }
  for (const [index, { step }] of (answer.combined ?? []).entries()) {
    if (!deferred.has(step)) continue;
    const message = "this actionable runs after the answer, and what is combined is answered with the call";
    report.fault(`/combine_returned_results_from${pointerStep(index)}`, message);
  }
  const reads = readsOf(deferred, [...passwordNames(tasks), ...sentTokens(input.revoking)], steps, answer);
  const header = abi.protected?.provide_as.toLowerCase();
  if (header !== undefined && reads.headers.includes(header)) {
    report.fault("/run_in_background", `a step of the job reads the header ${header}: tokens are never kept for later`);
  }
  const priority = readPriority(queue?.priority);
  checkCapabilities(priority, capabilities, report);
  return {
    steps: [...deferred],
    answer: earlyAnswer,
    reads,
    delaySeconds: queue?.delay ?? 0,
    priority,
    maxAttempts: 1 + (retries ?? defaultRetries),
    keepsFiles: abi.keep_files ?? false,
    fingerprint: fingerprintOf(deferred, steps, answer),
  };
}

/** The job of a scheduled run: all steps, for nobody's call. */
export function compileScheduledJob(abi: Abi, steps: readonly Step[], answer: AnswerPlan): BackgroundPlan {
  const all = new Set(steps.map((_, index) => index));
  return {
    steps: [...all],
    answer: null,
    reads: { payload: false, headers: [], results: [] },
    delaySeconds: 0,
    priority: "normal",
    maxAttempts: 1 + ([abi, ...abi.actionables].flatMap(({ retries }) => retries ?? [])[0] ?? defaultRetries),
    keepsFiles: false,
    fingerprint: fingerprintOf(all, steps, answer),
  };
}

function checkCapabilities(priority: JobPriority, capabilities: JobCapabilities | null, report: Report): void {
  if (capabilities === null) return;
  const binding = queueBindings.normal;
  if (![queueBindings[priority], binding].some((queue) => capabilities.queues.includes(queue))) {
    const entries = `one of queues.producers with the binding "${binding}", and one of queues.consumers for its queue`;
    report.fault("/run_in_background", `needs a queue in the Wrangler configuration: ${entries}`);
  }
  checkTrigger(capabilities, "/run_in_background", report);
}

/** Lost messages and schedules are both the minute's trigger's. */
export function checkTrigger(capabilities: JobCapabilities | null, place: string, report: Report): void {
  if (capabilities === null || capabilities.crons.includes(everyMinute)) return;
  report.fault(place, `needs the trigger "${everyMinute}" in the Wrangler configuration, under triggers.crons`);
}
