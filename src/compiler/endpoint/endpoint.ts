/**
 * Compiles one well-formed ABI to a plan: puts its steps in order, resolves the values of each by the names it can see,
 * and gathers what the plan as a whole needs.
 */
import type { AnswerPlan, Plan, Step } from "../../contract/plan.ts";
import { signsBody } from "../../contract/plan/webhook.ts";
import type { StepDraft } from "../draft.ts";
import { addToken, tokenProperty } from "./accounts/issuing.ts";
import { hiddenFields, passwordNames, verifies } from "./accounts/password-fields.ts";
import { addPasswords, checkPasswords } from "./accounts/passwords.ts";
import { planNothing, readRevoking } from "./accounts/revoking.ts";
import { answeredColumns } from "./answers/columns.ts";
import { methodsOf, takesRaw } from "../addresses.ts";
import { addressNames, checkMethods, compileAddress } from "./address.ts";
import { answeringOf, checkLinks, checkReturnables, planAnswer } from "./answer.ts";
import { readAuthentication, tokenNames } from "./authentication.ts";
import { cronOf, isCallable } from "./cron.ts";
import { compileBackground, findDeferred, planEarlyAnswer, type JobCapabilities } from "./background.ts";
import { describeAnswer } from "../interface/answer.ts";
import { nothing, type Schema } from "../interface/schema.ts";
import type { Report } from "../text/diagnostic.ts";
import { nonTransactionalDocuments } from "../documents/plan.ts";
import type { DocumentAnalyser } from "../documents/query.ts";
import { compileMongo } from "./steps/mongo.ts";
import type { Names } from "../values/names.ts";
import type { Endpoints, Task } from "./order.ts";
import { numberGroups } from "./file-groups.ts";
import { nameForeign, orderTasks } from "./order.ts";
import { checkTogether, giveFilesToQueries } from "./named-files.ts";
import { compileDeletion } from "./steps/deletion.ts";
import type { PayloadRequirement } from "./steps/payload.ts";
import { checkAgreement, compileRequirement, takesKeys } from "./steps/payload.ts";
import { compileQuery, eachReference } from "./steps/query.ts";
import { compileRateLimit } from "./rate-limit.ts";
import { checkUploadLinks } from "./steps/links.ts";
import { checkRaw } from "./steps/raw.ts";
import { readRowRules } from "../sql/rules/row-rules.ts";
import { compileSchedule } from "./schedule.ts";
import type { Abi, Actionable } from "../language/schema.ts";
import { isDeletion } from "../language/upload-schema.ts";
import { planSending, stepReferences } from "./send.ts";
import type { SqlTarget } from "../sql/target.ts";
import type { QueryAnalyser } from "../sql/query.ts";
import type { Work } from "./task-names.ts";
import { createNames, fieldsOf, findEach, sourceOf } from "./task-names.ts";
import { finishUpload } from "./upload-reads.ts";
import { checkResumable } from "./steps/resumable.ts";
import { compileUpload } from "./steps/upload.ts";
import { checkWebhook, compileWebhook, webhookNames } from "./webhooks/webhook.ts";

export interface EndpointOptions {
  readonly target: SqlTarget;
  readonly endpoints: Endpoints;
  readonly analyse: QueryAnalyser;
  readonly analyseDocuments: DocumentAnalyser;
  readonly maxRequestBytes: number;
  /** Names of the secrets whose tokens some endpoint revokes. */
  readonly revocableKeys: ReadonlySet<string>;
  /** What background work needs of wrangler's configuration; absent = not looked at. */
  readonly capabilities?: JobCapabilities;
}

/** Faults of an inlined query's own are reported with its own endpoint; only how it fits in here is told here. */
function taskReport(task: Task, report: Report): Report {
  if (!task.isForeign) return report;
  return {
    fault(place, message) {
      // Its text is another file's: here it has the place of what runs it.
      if (/\/(?:parameters\/\d+|extract_response_for|mongo_query\/(?:filter|set|limit|skip))/.test(place))
        report.fault(task.place, `in ${nameForeign(task)}: ${message}`);
    },
    warn() {
      // Told where the query is written.
    },
  };
}

/** The fields of a QUERY, with the token that is issued from its row. */
function answerable(abi: Abi, actionable: Actionable, fields: readonly string[] | null): readonly string[] | null {
  const property = tokenProperty(abi);
  return property === null || actionable !== answeringOf(abi) ? fields : fields && [...fields, property];
}

function compileTask(
  work: Work,
  all: readonly Work[],
  names: Names,
  options: EndpointOptions,
  report: Report,
): StepDraft | null {
  const { task, query, document, mustReturn, groups } = work;
  const { actionable, abi, place } = task;
  if (!task.isForeign) checkLinks(task, fieldsOf(work), report);
  if (actionable.returnables !== undefined && !task.isForeign) {
    const own = answerable(abi, actionable, fieldsOf(work));
    checkReturnables(actionable.returnables, actionable, own, `${place}/returnables`, report);
  }
  if (document !== null && actionable.mode === "QUERY") {
    if (hiddenFields(actionable).length > 0) report.fault(place, "passwords need sql_query: documents have none yet");
    return compileMongo(actionable, place, document, names, eachReference(names), mustReturn, report);
  }
  if (actionable.mode === "QUERY") {
    if (query === null) return null;
    return addPasswords(compileQuery(actionable, place, query, names, report), work, options.endpoints, report);
  }
  if (isDeletion(actionable.uploads)) {
    const isScheduled = cronOf(abi) !== null;
    const context = { names, laterColumns: columnsAfter(work, all), isScheduled };
    return compileDeletion(actionable, `${place}/uploads`, context, report);
  }
  const { maxRequestBytes } = options;
  return compileUpload(actionable, place, { abi, names, maxRequestBytes, groups }, report);
}

/** What is for callers only. */
function checkCallable(abi: Abi, report: Report): void {
  if (isCallable(abi)) return;
  for (const name of ["rate_limit", "maintenance", "webhook"] as const) {
    if (abi[name] === undefined || abi[name] === false) continue;
    report.fault(
      `/${name}`,
      "nobody calls this endpoint: only its cron_job runs it, which goes on whatever stands here",
    );
  }
}

/** The columns of QUERYs that run later, and their actionables. */
function columnsAfter({ index }: Work, all: readonly Work[]): ReadonlyMap<string, number> {
  const later = all.slice(index + 1).flatMap((work) => {
    return (fieldsOf(work) ?? []).map((field) => [field, work.task.actionable.id] as const);
  });
  return new Map(later);
}

/** A body is read once: one UPLOAD, or one deletion of what the body lists. */
function checkBodyReaders(tasks: readonly Task[], report: Report): void {
  const readers = tasks.filter(({ actionable }) => {
    return actionable.mode === "UPLOAD" && (takesKeys(actionable) || !isDeletion(actionable.uploads));
  });
  const isMixed = readers.some(({ actionable }) => takesKeys(actionable));
  const remedy = isMixed ? '; beside an UPLOAD write "delete_files": "$PAYLOAD.field"' : "";
  for (const task of readers.slice(1)) {
    report.fault(
      `${task.place}/mode`,
      `the request body can be read once: expected one UPLOAD (or one delete_files) in an ABI${remedy}`,
    );
  }
}

function environmentOf(
  keys: readonly Parameters<typeof tokenNames>[0][],
  secrets: readonly string[],
  steps: readonly Step[],
): string[] {
  const names = steps
    .flatMap(stepReferences)
    .flatMap((reference) => (reference.from === "env" ? [reference.name] : []));
  return [...new Set([...names, ...keys.flatMap(tokenNames), ...secrets])].sort();
}

/** One of `sql_query` and `mongo_query`. */
function checkQueryKind({ actionable, place }: Task, report: Report): void {
  if (actionable.mode !== "QUERY") return;
  const { sql_query: sql, mongo_query: mongo } = actionable;
  if (sql === undefined && mongo === undefined) {
    report.fault(`${place}/sql_query`, '"sql_query" is missing; expected it or "mongo_query"');
  } else if (sql !== undefined && mongo !== undefined) {
    report.fault(`${place}/mongo_query`, "stands beside sql_query: a QUERY is one of the two");
  }
}

async function analyseTasks(tasks: readonly Task[], options: EndpointOptions, report: Report): Promise<Work[]> {
  const work: Work[] = [];
  const awaited = new Set(tasks.flatMap(({ dependencies }) => dependencies.flatMap(({ on }) => on)));
  for (const [index, task] of tasks.entries()) {
    const { actionable } = task;
    checkQueryKind(task, taskReport(task, report));
    const sql = actionable.mode === "QUERY" ? actionable.sql_query : undefined;
    const mongo = actionable.mode === "QUERY" ? actionable.mongo_query : undefined;
    const isAwaited = awaited.has(task);
    const issues = tokenProperty(task.abi) !== null && !task.isForeign && actionable === answeringOf(task.abi);
    const isWanted = isAwaited || issues || (actionable.mode === "QUERY" && actionable.must_return_value === true);
    // A row that is not there is answered as a wrong password is.
    const mustReturn = isWanted && !verifies(actionable);
    const demands = sql === undefined ? {} : { rules: readRowRules(sql), mustReturn, returning: answeredColumns(task) };
    const query = sql === undefined ? null : await options.analyse(sql.query, demands);
    const document =
      mongo === undefined ? null : await options.analyseDocuments(mongo, actionable.returnables ?? [], mustReturn);
    const analysed = {
      task,
      index,
      query,
      demands,
      document,
      isAwaited,
      mustReturn,
      each: findEach(task, work),
      groups: actionable.mode === "UPLOAD" ? numberGroups(actionable, tasks.length) : null,
    };
    work.push({ ...analysed, source: sourceOf(analysed) });
  }
  return work;
}

/** Where writes are durable before the final batch, on a target that has no interactive transactions. */
function checkAtomic(abi: Abi, target: SqlTarget, early: readonly Work[], report: Report): void {
  for (const { task } of early) {
    const what = "this write is sent before later steps, which need a result; if they fail it stays";
    if (abi.atomic === true) report.fault(task.place, `not atomic on ${target.name}: ${what}. Needs PostgreSQL`);
    else report.warn(task.place, `not atomic: ${what}`);
  }
}

/** Documents on a MongoDB server are no part of the database's transaction, and may not have one of their own. */
function checkNonTransactional(abi: Abi, nonTransactional: readonly Work[], report: Report): void {
  if (abi.atomic !== true) return;
  const why = "the deployment keeps documents on MongoDB, and this is not the one document that the endpoint writes";
  for (const { task } of nonTransactional) report.fault(task.place, `not atomic: ${why}`);
}

/** What can end the call is sent at its place all the same: in front of an upload, before a byte is stored. */
const canWait = ({ task: { abi, actionable }, mustReturn }: Work): boolean =>
  !mustReturn && (abi.parallel === true || actionable.parallel === true);

/** Adds what only the whole list of steps tells: when statements are sent, and what is read of files. */
function finishSteps(
  drafts: readonly StepDraft[],
  work: readonly Work[],
  answer: AnswerPlan,
  deferred: ReadonlySet<number>,
): { readonly steps: Step[]; readonly early: Work[] } {
  const dependedOn = new Set(work.filter(({ isAwaited }) => isAwaited).map(({ index }) => index));
  const parallel = new Set(work.filter(canWait).map(({ index }) => index));
  const { sends, earlyWrites } = planSending(drafts, dependedOn, deferred, parallel);
  const steps = drafts.map((draft, index): Step => {
    if (draft.mode === "delete-files") return draft;
    if (draft.mode === "upload") return finishUpload(draft, index, work[index], drafts, answer);
    return { ...draft, send: sends[index] ?? "commit" };
  });
  return { steps, early: earlyWrites.flatMap((index) => work[index] ?? []) };
}

export interface Endpoint {
  readonly plan: Plan;
  /** What it answers as `data`. */
  readonly answer: Schema;
}

/** Null after a fault. Everything wrong is reported. */
export async function compileEndpoint(abi: Abi, options: EndpointOptions, report: Report): Promise<Endpoint | null> {
  const authentication = readAuthentication(abi, options.revocableKeys, report);
  const revoking = readRevoking(abi, report);
  // With half an authentication the claims are known all the same: no second fault for each of their uses.
  const claims = abi.protected?.extract_claims ?? null;
  checkCallable(abi, report);
  const rateLimit = compileRateLimit(abi, report);
  const webhook = compileWebhook(abi, report);
  const tasks = orderTasks(abi, options.endpoints, report);
  checkBodyReaders(tasks, report);
  const work = await analyseTasks(tasks, options, report);
  const drafts: StepDraft[] = [];
  const requirements: PayloadRequirement[] = [];
  const address = addressNames(abi);
  for (const item of work) {
    const own = taskReport(item.task, report);
    const names = createNames(item, work.slice(0, item.index), claims, address, own);
    const step = compileTask(item, work, names, options, own);
    const requirement = compileRequirement(item.task, item.each, own);
    requirements.push(requirement);
    if (step !== null) drafts.push(requirement.rule === null ? step : { ...step, payloadRule: requirement.rule });
  }
  checkAgreement(requirements, report);
  const addressRules = compileAddress(abi, drafts, report);
  const rows =
    tasks.length === 0 && revoking !== null
      ? planNothing(abi, report)
      : planAnswer(
          abi,
          tasks,
          (task) => {
            const item = work.find((candidate) => candidate.task === task);
            const fields = item === undefined ? null : answerable(abi, task.actionable, fieldsOf(item));
            return { fields, isEach: (item?.each ?? null) !== null };
          },
          report,
        );
  if (rows === null) return null;
  const issuing = work.find(({ task }) => task.actionable === answeringOf(abi));
  const answer = addToken(abi, rows, issuing, report);
  if (drafts.length < work.length) return null;
  const steps = await giveFilesToQueries(drafts, work, options.analyse, report);
  checkMethods(abi, work, steps, report);
  const deferred = findDeferred(abi, tasks, steps, report);
  checkTogether(steps, deferred, work, report);
  checkPasswords(abi, tasks, steps, deferred, report);
  const earlyAnswer = planEarlyAnswer(deferred, tasks, steps, answer);
  const finished = finishSteps(steps, work, earlyAnswer ?? answer, deferred);
  checkWebhook(webhook, tasks, finished.steps, report);
  checkRaw(tasks, finished.steps, revoking, report);
  const early = options.target.isInteractive ? [] : finished.early;
  checkAtomic(abi, options.target, early, report);
  const nonTransactional = nonTransactionalDocuments(finished.steps, deferred).flatMap((index) => work[index] ?? []);
  checkNonTransactional(abi, nonTransactional, report);
  const capabilities = options.capabilities ?? null;
  const input = { abi, tasks, steps: finished.steps, deferred, answer, earlyAnswer, revoking, capabilities };
  const background = compileBackground(input, report);
  const schedule = compileSchedule(abi, tasks, finished.steps, answer, capabilities, report);
  // A kept answer would be given to whoever repeats the call, before its body has proven anything.
  const isProven = webhook?.verifiers.some(signsBody) ?? false;
  const isSecret = isProven || answer.token !== undefined || passwordNames(tasks).length > 0;
  checkResumable(tasks, { webhook, isSecret }, report);
  checkUploadLinks(tasks, { webhook, isSecret, revoking, query: address.query }, report);
  const answered = background === null ? answer : earlyAnswer;
  const plan: Plan = {
    id: abi.id,
    resource: abi.resource,
    ...(abi.methods === undefined && !takesRaw(abi) ? {} : { methods: methodsOf(abi) }),
    ...(addressRules === null ? {} : { address: addressRules }),
    authentication,
    ...(abi.maintenance === true ? { maintenance: true } : {}),
    ...(rateLimit === null ? {} : { rateLimit }),
    ...(webhook === null ? {} : { webhook }),
    steps: finished.steps,
    answer,
    environment: environmentOf(
      [authentication ?? [], answer.token ?? [], revoking ?? []].flat(),
      webhookNames(webhook),
      finished.steps,
    ),
    atomic: early.length === 0 && nonTransactional.length === 0,
    ...(isSecret ? { isSecret: true } : {}),
    ...(revoking === null ? {} : { revoking }),
    ...(background === null ? {} : { background }),
    ...(schedule === null ? {} : { schedule }),
  };
  return { plan, answer: answered === null ? nothing : describeAnswer(answered, work) };
}
