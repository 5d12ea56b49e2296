/**
 * Runs a plan, and is the only place that knows the order: token, then rate limit, then steps, then one commit; any
 * failure undoes what was done.
 */
import {
  acceptedBody,
  answeredResults,
  type AnsweredResult,
  type AnswerPlan,
  type Json,
  type Plan,
  type Step,
} from "../../contract/plan.ts";
import { checkedCaller, nobody, type Identity } from "../auth/caller.ts";
import { mostBytesOf, openBody, type IncomingBody } from "../body/incoming-body.ts";
import { Problem } from "../../contract/problem.ts";
import type { Statement } from "../database/database.ts";
import type { StoredFile } from "../files/record.ts";
import {
  KEY_HEADER,
  openKeyedCall,
  RepeatedCall,
  type KeptAnswer,
  type KeyedCall,
  type KeyedRequest,
} from "../idempotency/idempotent-call.ts";
import type { RunContext } from "../call/run-context.ts";
import { shapeResult, type Scope } from "../call/scope.ts";
import type { Call } from "../call/call.ts";
import type { AdmittedCall, SendStatements } from "../call/features.ts";
import { authenticate } from "../auth/authenticate.ts";
import { runDeleteFiles } from "./steps/delete-files.ts";
import { runQuery } from "./steps/query.ts";
import { runUpload } from "./steps/upload.ts";
import type { Log } from "../log.ts";
import { createTimings, type Timing, type Timings } from "../call/timings.ts";
import { createTransaction, type Transaction } from "../call/transaction.ts";
import { createUndoList } from "../call/undo.ts";

export interface Answer extends KeptAnswer {
  /** Milliseconds per phase, for `Server-Timing`. */
  readonly timings: readonly Timing[];
  /** This is the answer of an earlier call under the same idempotency key; this call did nothing. */
  readonly isReplay: boolean;
}

export interface RunOptions {
  /** An identity that was verified already; absent: the plan's authentication verifies it. */
  readonly identity?: Identity;
  /** Opens the body, in place of reading the request's. */
  readonly open?: typeof openBody;
  /** Of the request's idempotency key: in place of the caller, and of what the body would be told by. */
  readonly key?: Pick<KeyedRequest, "owner" | "fingerprint">;
  /** Makes the answer from the stored files, in place of the plan's; an idempotency key stores it. */
  readonly answerOf?: (files: readonly StoredFile[]) => Promise<Json>;
}

/** Resolves once everything is durable. @throws Problem after having undone what was done */
export async function runPlan(called: Plan, sent: Request, call: Call, options: RunOptions = {}): Promise<Answer> {
  const timings = createTimings(() => performance.now());
  const admitting = () => admit(called, sent, call, options);
  const { plan, request, identity, link } = await timings.measure("auth", admitting);
  // Before a byte of the body is read: refuses a caller who cannot own what is made or deleted.
  const caller = isOwning(plan, request) ? checkedCaller(identity) : identity.caller;

  const { store, features, settings } = call.deployment;
  const { id: endpoint, rateLimit, webhook } = plan;
  const { headers } = request;
  const { clientIp, now } = call;
  const upload = plan.steps.find((step) => step.mode === "upload");
  const opening = upload?.raw === undefined ? openBody : features.rawBodies(upload);
  const proofs = { headers, clientIp, now, environment: call.deployment.text, openBody: opening };
  const { open = webhook === undefined ? opening : await features.webhooks(webhook, proofs) } = options;
  if (rateLimit !== undefined) {
    const counted = { rateLimit, endpoint, identity, request, call };
    await timings.measure("limit", () => features.rateLimits(counted));
  }
  const quota = upload?.quota;
  const counting = quota && (await features.quotas.open({ quota, upload, identity, request, call }));
  const results = plan.address && features.address(plan, request, features.validate);
  const rules = plan.steps.flatMap(({ payloadRule }) => payloadRule ?? []);
  const maxBytes = Math.min(upload?.maxFileBytes ?? 0, mostBytesOf(request));
  const fileBufferBytes = upload === undefined ? 0 : store.bufferBytes(maxBytes);
  const account = call.openAccount(caller);
  const reception = { limits: settings, account, fileBufferBytes };
  const received = await open(request, acceptedBody(plan.steps), reception);
  const opened = link === null ? received : link.addFields(received);
  const key = options.key ?? { owner: plan.isSecret ? null : (link?.owner ?? caller) };
  const asked = { request, body: opened, scope: plan.id, ...key };
  const keyed = openKeyedCall(asked, call);
  const validated = rules.length === 0 ? keyed.body : features.validate.body(keyed.body, rules);
  const early = upload?.earlyFields;
  const body = early === undefined ? validated : features.earlyFields(validated, early);
  const send: SendStatements = (statements) => keyed.send(statements);
  const context: RunContext = {
    plan,
    scope: createScope(identity, body, request.headers, call, results),
    body,
    intake: { account, maxBytes, send: link === null ? send : link.counting(send), link: link?.id },
    call,
    transaction: createTransaction(call.deployment.database, () => call.openDocuments().begin()),
    files: [],
    undo: createUndoList(call.deployment.log),
  };
  try {
    const kept = await carryOut(counting?.(context) ?? context, keyed, timings, options);
    return { ...kept, timings: timings.list(), isReplay: false };
  } catch (error) {
    if (!(error instanceof RepeatedCall)) throw error;
    return { ...(await error.answer()), timings: timings.list(), isReplay: true };
  }
}

async function carryOut(
  context: RunContext,
  keyed: KeyedCall,
  timings: Timings,
  { answerOf }: RunOptions,
): Promise<KeptAnswer> {
  const { plan, scope, body, call, files, transaction, undo } = context;
  const answer = plan.background === undefined ? plan.answer : plan.background.answer;
  let job: Answer["job"] = null;
  const readData = () => {
    if (answerOf !== undefined) return answerOf(files);
    return answer === null ? null : selectAnswer(answer, scope);
  };
  const readAnswer = async () => ({ data: await readData(), job });
  // The result of a statement in the last batch is known only after that batch.
  const answered = answer === null ? [] : answeredResults(answer);
  const isKnown = () => answered.every(({ step }) => scope.results.has(step));
  const addLinks = async (issueAll = call.links.issueAll) => {
    for (const one of answered) {
      if (one.links !== undefined) await call.deployment.features.answerLinks(one, scope.results, issueAll);
    }
  };
  const addToken = async () => {
    if (answer?.token !== undefined) await call.deployment.features.issuing(answer, scope);
  };
  let known: KeptAnswer | null = null;
  try {
    // Files claim the call with their rows.
    if (plan.steps[0]?.mode !== "upload") await keyed.send([]);
    await timings.measure("receive", () => body.readFields());
    if (!plan.steps.some((step) => step.mode === "upload")) await refuseFiles(body);
    await runSteps(context, isForeground(plan), timings);
    if (plan.revoking !== undefined) await call.deployment.features.revocation.revoke(plan.revoking, context);
    if (plan.background !== undefined) job = call.deployment.features.background.defer(plan.background, context);
    if (isKnown()) {
      await addLinks();
      await addToken();
      known = await readAnswer();
    }
    const statements = [...(await keyed.finishing(known)), ...dateFiles(context)];
    transaction.add({ statements, purpose: "registry", settle: () => undefined });
    await timings.measure("commit", () => transaction.commit());
  } catch (error) {
    // Nothing was done, and the rest of the body is yet to be compared.
    if (error instanceof RepeatedCall) throw error;
    undo.add("rollback", () => transaction.rollback());
    await undo.run();
    const failure = await keyed.fail(error);
    if (!(failure instanceof RepeatedCall)) await body.close();
    throw failure;
  }
  if (known === null) {
    await addLinks().catch((error: unknown) => {
      // What is durable is no failure: the rows are answered without their links.
      call.deployment.log("warn", "links_not_issued", { error: String(error) });
      return addLinks(async () => []);
    });
    await addToken();
  }
  const kept = known ?? (await readAnswer());
  await keyed.succeed(kept);
  const { id: requestId, deployment } = call;
  if (files.length > 0) deployment.emit("onStored", { requestId, endpoint: plan.id, files });
  deployment.waitUntil(runAfterCommit(transaction, deployment.log));
  return kept;
}

/** For lists of the file API: nobody else lists files by their moment, and only an owner can. */
function dateFiles({ plan, scope, files, call }: RunContext): readonly Statement[] {
  const { caller } = scope.identity;
  const isListed = plan.steps.some((step) => step.mode === "upload" && step.fileApi);
  if (!isListed || caller === null || files.length === 0) return [];
  const ids = files.map(({ id }) => id);
  return call.files.dating(caller, ids, scope.now.toISOString());
}

/**
 * Who calls, by a token or by a link; a link decides where both are sent.
 * @param known an identity that was verified already; whether the request is for what the link has begun
 */
export async function admit(
  plan: Plan,
  request: Request,
  call: Call,
  { identity, isUnderWay }: Pick<RunOptions, "identity"> & { readonly isUnderWay?: boolean } = {},
): Promise<AdmittedCall> {
  if (identity !== undefined) return { plan, request, identity, link: null };
  const hasLinks = plan.steps.some((step) => step.mode === "upload" && step.links !== undefined);
  const linked = hasLinks ? await call.deployment.features.uploadLinks.open(plan, request, call, isUnderWay) : null;
  return linked ?? { plan, request, identity: await identify(plan, request, call), link: null };
}

export async function identify({ authentication }: Plan, { headers }: Request, call: Call): Promise<Identity> {
  return authentication === null ? nobody : authenticate(authentication, headers, call);
}

/** Whether something that the call makes will have an owner: files, a job, a key. */
function isOwning({ steps, background }: Plan, { headers }: Request): boolean {
  if (background !== undefined || headers.has(KEY_HEADER)) return true;
  return steps.some((step) => step.mode === "upload" || (step.mode === "delete-files" && step.keys?.from !== "result"));
}

/** Runs the steps of the context's plan that are wanted, in order. Nothing is committed. */
export async function runSteps(
  context: RunContext,
  isWanted: (index: number) => boolean,
  timings: Timings,
): Promise<void> {
  for (const [index, step] of context.plan.steps.entries()) {
    if (isWanted(index)) await timings.measure(phases[step.mode], () => runStep(step, index, context));
  }
}

/** Runs the after-commit tasks. Never throws. */
export async function runAfterCommit({ afterCommitTasks }: Transaction, log: Log): Promise<void> {
  for (const { name, run } of afterCommitTasks) {
    await run().catch((error: unknown) => log("warn", "after_commit_failed", { name, error: String(error) }));
  }
}

function isForeground({ background }: Plan): (index: number) => boolean {
  const deferred = new Set(background?.steps);
  return (index) => !deferred.has(index);
}

export function createScope(
  identity: Identity,
  body: IncomingBody,
  headers: Headers,
  call: Call,
  results: Scope["results"] = new Map(),
): Scope {
  return {
    identity,
    // Fields join the payload while the body is read.
    get payload() {
      return body.payload;
    },
    results,
    headers,
    clientIp: call.clientIp,
    environment: call.deployment.text,
    now: call.now,
  };
}

const phases: Readonly<Record<Step["mode"], string>> = {
  upload: "receive",
  "delete-files": "delete",
  query: "query",
  documents: "query",
};

function runStep(step: Step, index: number, context: RunContext): Promise<void> {
  switch (step.mode) {
    case "upload":
      return runUpload(step, index, context);
    case "delete-files":
      return runDeleteFiles(step, index, context);
    case "query":
      return step.passwords === undefined
        ? runQuery(step, index, context)
        : context.call.deployment.features.passwords(step, index, context, runQuery);
    case "documents":
      return context.call.deployment.features.documents.run(step, index, context);
    default:
      return step satisfies never;
  }
}

/** Files that nothing would store are refused rather than dropped without a word. */
async function refuseFiles(body: IncomingBody): Promise<void> {
  for await (const _file of body.files()) {
    throw new Problem("payload_invalid", { detail: "This resource takes no files." });
  }
}

/** The results that are answered, as the plan says. */
export function selectAnswer(answer: AnswerPlan, scope: Pick<Scope, "results">): Json {
  const { combined } = answer;
  if (combined === undefined) return selectResult(answer, scope);
  return Object.fromEntries(combined.map((one) => [one.id, selectResult(one, scope)]));
}

/** A step's result with the fields and in the shape that the plan says; null when it has none. */
function selectResult({ step, fields, shape }: AnsweredResult, { results }: Pick<Scope, "results">): Json {
  const result = results.get(step);
  if (result === undefined) return null;
  if (fields === null) return shapeResult(result, shape);
  const rows = result.rows.map((row) => Object.fromEntries(fields.map((field) => [field, row[field] ?? null])));
  return shapeResult({ rows, list: result.list }, shape);
}
