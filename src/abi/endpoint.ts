/**
 * Compiles one well-formed ABI to a plan: puts its steps in order, gives each the scope it can see, and gathers what
 * the whole plan needs. It knows nothing of files on disk and of the checks between ABIs.
 */
import type { AnswerPlan, Authentication, ImageField, Plan, Reference, Step } from "../plan.ts";
import { checkReturnables, planAnswer } from "./answer.ts";
import { readAuthentication } from "./authentication.ts";
import type { Report } from "./diagnostic.ts";
import { pointerStep } from "./diagnostic.ts";
import { extractFrom, extractHere } from "./extract.ts";
import type { DocumentAnalyser, DocumentQuery } from "./mongo-query.ts";
import { compileMongo } from "./mongo-step.ts";
import type { ResultSource, Scope, Tell } from "./names.ts";
import type { Endpoints, Task } from "./order.ts";
import { orderTasks } from "./order.ts";
import type { Demand } from "./payload-step.ts";
import { checkAgreement, compileDemand, declaredFields } from "./payload-step.ts";
import { compileQuery, eachReference } from "./query-step.ts";
import { readRowRules } from "./row-rules.ts";
import type { Abi } from "./schema.ts";
import { planSending, stepReferences } from "./send.ts";
import type { Query, QueryAnalyser } from "./sql-query.ts";
import { deletedFields, extensionFields, imageFields, uploadFields } from "./upload-fields.ts";
import { compileUpload } from "./upload-step.ts";

export interface EndpointOptions {
  readonly endpoints: Endpoints;
  readonly analyse: QueryAnalyser;
  readonly analyseDocuments: DocumentAnalyser;
  readonly maxRequestBytes: number;
}

/** A task while its plan is made. */
interface Work {
  readonly task: Task;
  readonly index: number;
  readonly query: Query | null;
  readonly document: DocumentQuery | null;
  /** What it runs once per element of; null = once. */
  readonly each: Scope["each"];
  /** What later tasks see of it; null where a fault hides it. */
  readonly source: ResultSource | null;
}

/** Faults of an inlined query's own are reported with its own endpoint; only how it fits in here is told here. */
function taskReport(task: Task, report: Report): Report {
  if (!task.isForeign) return report;
  const where = `"${task.abi.id}" actionable ${String(task.actionable.id)}`;
  return {
    fault(place, message) {
      if (/\/(?:parameters\/\d+|extract_response_for|mongo_query\/(?:filter|set|limit|skip))/.test(place))
        report.fault(task.place, `in ${where}: ${message}`);
    },
    warn() {
      // Told where the query is written.
    },
  };
}

/** Fields that the ABI reads with $PAYLOAD anywhere, for the warning about names that hide them. */
function payloadFieldsOf(abi: Abi): Set<string> {
  return new Set([...JSON.stringify(abi).matchAll(/\$PAYLOAD\.(\w+)/g)].map((found) => found[1] ?? ""));
}

/** What an analysed QUERY returns; null where a fault hides it. */
function fieldsOf({ query, document }: Pick<Work, "query" | "document">): readonly string[] | null {
  return document?.fields ?? query?.fields ?? null;
}

function sourceOf({ task, index, each, ...work }: Omit<Work, "source">): ResultSource | null {
  const { actionable } = task;
  if (actionable.mode === "QUERY") {
    const fields = fieldsOf(work);
    // A document per file is as several as the files.
    const isSeveral = work.document !== null && each !== null;
    return fields === null ? null : { step: index, fields, isUpload: false, isSeveral };
  }
  if (actionable.uploads.delete_files === true) {
    return { step: index, fields: deletedFields, isUpload: false, isSeveral: true };
  }
  const listed = (actionable.returnables ?? []).filter((field) => extensionFields.some((own) => own === field));
  const isSeveral = (actionable.uploads.max_file_uploads ?? 1) > 1;
  return { step: index, fields: [...uploadFields, ...listed], isUpload: true, isSeveral };
}

/** The earlier results with fields that a task sees, the nearest first. */
function earlierResults(task: Task, done: readonly Work[]): { source: ResultSource; each: Scope["each"] }[] {
  // Another endpoint's query sees only what it depends on: it was not written for this endpoint's results.
  if (task.isForeign) return [];
  return done
    .filter(({ task: { actionable, isForeign } }) => !isForeign && actionable.no_op !== true)
    .flatMap(({ source, each }) => (source !== null && source.fields.length > 0 ? [{ source, each }] : []))
    .toReversed();
}

function findEach(task: Task, done: readonly Work[]): Scope["each"] {
  const { actionable } = task;
  if (actionable.mode !== "QUERY") return null;
  const earlier = earlierResults(task, done);
  const multi = actionable.sql_query?.multi ?? actionable.mongo_query?.multi;
  if (multi === true) return earlier[0]?.source ?? "payload";
  // Sub0's own example inserts after several files without `multi`, and means one document per file.
  if (multi === false || actionable.mongo_query?.action !== "INSERT") return null;
  return earlier.find(({ source, each }) => source.isSeveral || each !== null)?.source ?? null;
}

/** What one task sees: its dependencies have run, and stand in `done`. */
function createScope(work: Work, done: readonly Work[], claims: readonly string[] | null, report: Report): Scope {
  const { task, each } = work;
  const { actionable } = task;
  const extracted = new Map<string, Reference>();
  const scope: Scope = {
    claims,
    extracted,
    results: earlierResults(task, done).map(({ source }) => source),
    each,
    payloadFields: payloadFieldsOf(task.abi),
    declaredFields: new Set(declaredFields(task.abi)),
  };
  const tellAt = (place: string): Tell => ({
    fault: (message) => report.fault(place, message),
    warn: (message) => report.warn(place, message),
  });
  for (const { on, extractions, place } of task.dependencies) {
    const sources = on.map((dependency) => done.find((work) => work.task === dependency)?.source ?? null);
    // A dependency that has faults of its own is told of there.
    if (sources.length === 0 || sources.includes(null)) continue;
    const known = sources.filter((source) => source !== null);
    for (const [index, entry] of extractions.entries()) {
      const tell = tellAt(`${place}/extract_response_for${pointerStep(index)}/extract`);
      const reference = extractFrom(known, entry, scope, tell);
      if (reference !== null) extracted.set(entry.for, reference);
    }
  }
  for (const [index, entry] of (actionable.extract_response_for ?? []).entries()) {
    const tell = tellAt(`${task.place}/extract_response_for${pointerStep(index)}/extract`);
    const reference = extractHere(entry, scope, tell);
    if (reference !== null) extracted.set(entry.for, reference);
  }
  return scope;
}

function compileTask(work: Work, scope: Scope, options: EndpointOptions, report: Report): Step | null {
  const { task, query, document } = work;
  const { actionable, abi, place } = task;
  if (actionable.returnables !== undefined && !task.isForeign) {
    checkReturnables(actionable.returnables, actionable, fieldsOf(work), `${place}/returnables`, report);
  }
  if (document !== null && actionable.mode === "QUERY") {
    return compileMongo(actionable, place, document, scope, eachReference(scope), report);
  }
  if (actionable.mode === "QUERY") return query === null ? null : compileQuery(actionable, place, query, scope, report);
  return compileUpload(actionable, place, abi.resource, scope, options.maxRequestBytes, report);
}

/** A body is read once: one UPLOAD, or one deletion. */
function checkBodyReaders(tasks: readonly Task[], report: Report): void {
  const uploads = tasks.filter(({ actionable }) => actionable.mode === "UPLOAD");
  for (const task of uploads.slice(1)) {
    report.fault(
      `${task.place}/mode`,
      "the request body can be read once: expected one UPLOAD (or one delete_files) in an ABI",
    );
  }
}

/** The fields of the upload at `index` that one later step reads; null for its whole result. */
function fieldsReadBy(step: Step, index: number): (string | null)[] {
  const each = step.mode === "query" && step.each?.from === "result" && step.each.step === index;
  return stepReferences(step).flatMap((reference) => {
    if (reference.from === "element" && each) return [String(reference.path[0])];
    if (reference.from !== "result" || reference.step !== index) return [];
    if (step.mode === "query" && reference === step.each) return [];
    const field = typeof reference.path[0] === "number" ? reference.path[1] : reference.path[0];
    return [field === undefined ? null : String(field)];
  });
}

/** What the answer or a later step reads of pictures, in one fixed order. */
function imageFieldsRead(
  index: number,
  work: readonly Work[],
  steps: readonly Step[],
  answer: AnswerPlan,
): readonly ImageField[] {
  const actionable = work[index]?.task.actionable;
  const returned = answer.step === index ? (answer.fields ?? [null]) : (actionable?.returnables ?? []);
  const read = new Set([...returned, ...steps.flatMap((step) => fieldsReadBy(step, index))]);
  return imageFields.filter((field) => read.has(null) || read.has(field));
}

function environmentOf(authentication: Authentication | null, steps: readonly Step[]): string[] {
  const names = steps
    .flatMap(stepReferences)
    .flatMap((reference) => (reference.from === "env" ? [reference.name] : []));
  return [...new Set([...names, ...(authentication === null ? [] : [authentication.keyName])])].sort();
}

/** One of `sql_query` and `mongo_query`. */
function checkQueryKind({ actionable, place }: Task, report: Report): void {
  if (actionable.mode !== "QUERY") return;
  const { sql_query: sql, mongo_query: mongo } = actionable;
  if (sql === undefined && mongo === undefined) {
    report.fault(`${place}/sql_query`, "is missing; expected it or mongo_query");
  } else if (sql !== undefined && mongo !== undefined) {
    report.fault(`${place}/mongo_query`, "stands beside sql_query: a QUERY is one of the two");
  }
}

async function analyseTasks(tasks: readonly Task[], options: EndpointOptions, report: Report): Promise<Work[]> {
  const work: Work[] = [];
  for (const [index, task] of tasks.entries()) {
    const { actionable } = task;
    checkQueryKind(task, taskReport(task, report));
    const sql = actionable.mode === "QUERY" ? actionable.sql_query : undefined;
    const mongo = actionable.mode === "QUERY" ? actionable.mongo_query : undefined;
    const query = sql === undefined ? null : await options.analyse(sql.query, readRowRules(sql));
    const document = mongo === undefined ? null : await options.analyseDocuments(mongo, actionable.returnables ?? []);
    const analysed = { task, index, query, document, each: findEach(task, work) };
    work.push({ ...analysed, source: sourceOf(analysed) });
  }
  return work;
}

/** Sets what only the finished list of steps tells: when statements are sent, and whether images are sampled. */
function finishSteps(
  steps: readonly Step[],
  work: readonly Work[],
  answer: AnswerPlan,
  report: Report,
): [Step[], boolean] {
  const waitedFor = new Set(work.flatMap(({ task }) => task.dependencies.flatMap(({ on }) => on)));
  const dependedOn = new Set(work.filter(({ task }) => waitedFor.has(task)).map(({ index }) => index));
  const sending = planSending(steps, dependedOn);
  for (const index of sending.earlyWrites) {
    const place = work[index]?.task.place ?? "";
    report.warn(place, "not atomic: this write is sent before later steps, which need a result; if they fail it stays");
  }
  const finished = sending.steps.map((step, index): Step => {
    if (step.mode === "query") return { ...step, mustReturn: step.mustReturn || dependedOn.has(index) };
    return step.mode === "upload"
      ? { ...step, imageFields: imageFieldsRead(index, work, sending.steps, answer) }
      : step;
  });
  return [finished, sending.earlyWrites.length === 0];
}

/** The plan, or null after a fault. Everything wrong is reported. */
export async function compileEndpoint(abi: Abi, options: EndpointOptions, report: Report): Promise<Plan | null> {
  const authentication = readAuthentication(abi, report);
  // With half an authentication the claims are known all the same: no second fault for each of their uses.
  const claims = abi.protected?.extract_claims ?? null;
  const tasks = orderTasks(abi, options.endpoints, report);
  checkBodyReaders(tasks, report);
  const work = await analyseTasks(tasks, options, report);
  const steps: Step[] = [];
  const demands: Demand[] = [];
  for (const item of work) {
    const own = taskReport(item.task, report);
    const scope = createScope(item, work.slice(0, item.index), claims, own);
    const step = compileTask(item, scope, options, own);
    const demand = compileDemand(item.task, item.each, own);
    demands.push(demand);
    if (step !== null) steps.push(demand.rule === null ? step : { ...step, payloadRule: demand.rule });
  }
  checkAgreement(demands, report);
  const answer = planAnswer(
    abi,
    tasks,
    (task) => {
      const item = work.find((candidate) => candidate.task === task);
      return { fields: item === undefined ? null : fieldsOf(item), isEach: (item?.each ?? null) !== null };
    },
    report,
  );
  if (answer === null || steps.length < work.length) return null;
  const [finished, atomic] = finishSteps(steps, work, answer, report);
  const environment = environmentOf(authentication, finished);
  return { id: abi.id, resource: abi.resource, authentication, steps: finished, answer, environment, atomic };
}
