/**
 * Runs a plan: the only place that knows the order of things. Token, then steps, then one commit; any failure takes
 * back what was done. Knows nothing of routes or responses.
 */
import type { AnswerPlan, Json, Plan, Step } from "../plan.ts";
import { openBody, type AcceptedBody, type IncomingBody } from "./incoming-body.ts";
import { Problem } from "../problem.ts";
import type { RunContext } from "./run-context.ts";
import { shapeResult, type Scope, type StepResult } from "./scope.ts";
import type { Services } from "./services.ts";
import { authenticate } from "./steps/authenticate.ts";
import { runDeleteFiles } from "./steps/delete-files.ts";
import { runQuery } from "./steps/query.ts";
import { runUpload } from "./steps/upload.ts";
import { createTimings, type Timing } from "./timings.ts";
import { createTransaction } from "./transaction.ts";
import { createUndoList } from "./undo.ts";
import { validatedBody } from "./validation/validated-body.ts";

export interface Answer {
  readonly data: Json;
  /** Milliseconds per phase, for `Server-Timing`. */
  readonly timings: readonly Timing[];
}

/** Resolves once everything is durable. @throws Problem after having undone what was done */
export async function runPlan(plan: Plan, request: Request, services: Services): Promise<Answer> {
  const timings = createTimings(services.clock);
  const { authentication } = plan;
  const claims =
    authentication === null
      ? {}
      : await timings.measure("auth", () => authenticate(authentication, request.headers, services));

  const rules = plan.steps.flatMap(({ payloadRule }) => payloadRule ?? []);
  const body = validatedBody(openBody(request, acceptedBody(plan.steps), services.limits), rules);
  const scope = createScope(claims, body, request.headers, services);
  const transaction = createTransaction(services.database);
  const undo = createUndoList(services.log);
  try {
    await timings.measure("receive", () => body.readFields());
    if (!plan.steps.some((step) => step.mode === "upload")) await refuseFiles(body);
    const context: RunContext = { plan, scope, body, services, transaction, undo };
    for (const [index, step] of plan.steps.entries()) {
      await timings.measure(phases[step.mode], () => runStep(step, index, context));
    }
    await timings.measure("commit", () => transaction.commit());
  } catch (error) {
    await body.close();
    undo.add("rollback", () => transaction.rollback());
    await undo.run();
    throw error;
  }
  for (const { name, deed } of transaction.deeds) {
    await deed().catch((error: unknown) => services.log("after_commit_failed", { name, error: String(error) }));
  }
  return { data: select(plan.answer, scope.results.get(plan.answer.step)), timings: timings.list() };
}

function createScope(claims: Scope["claims"], body: IncomingBody, headers: Headers, services: Services): Scope {
  return {
    claims,
    // Fields join the payload while the body is read.
    get payload() {
      return body.payload;
    },
    results: new Map(),
    headers,
    environment: services.environment,
    now: services.now,
  };
}

const phases: Readonly<Record<Step["mode"], string>> = { upload: "receive", "delete-files": "delete", query: "query" };

function runStep(step: Step, index: number, context: RunContext): Promise<void> {
  switch (step.mode) {
    case "upload":
      return runUpload(step, index, context);
    case "delete-files":
      return runDeleteFiles(step, index, context);
    case "query":
      return runQuery(step, index, context);
    default:
      return step satisfies never;
  }
}

function acceptedBody(steps: readonly Step[]): AcceptedBody {
  if (steps.some((step) => step.mode === "upload")) return "multipart";
  return steps.some((step) => step.mode === "delete-files") ? "json" : "any";
}

/** Files that nothing would store are refused rather than dropped without a word. */
async function refuseFiles(body: IncomingBody): Promise<void> {
  for await (const _file of body.files()) {
    throw new Problem("payload_invalid", { detail: "This resource takes no files." });
  }
}

/** The answering step's result with the fields and in the shape that the plan says. */
function select(answer: AnswerPlan, result: StepResult | undefined): Json {
  if (result === undefined) return null;
  const { fields } = answer;
  if (fields === null) return shapeResult(result, answer.shape);
  const rows = result.rows.map((row) => Object.fromEntries(fields.map((field) => [field, row[field] ?? null])));
  return shapeResult({ rows, list: result.list }, answer.shape);
}
