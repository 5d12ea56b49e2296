/**
 * Turns what a call defers into a job. Beside it is stored what its steps read, nothing else, and nothing of the
 * environment.
 */
import type { DeferringContext, JobWriting } from "../call/features.ts";
import type { Scope, StepResult } from "../call/scope.ts";
import type { BackgroundPlan, JobReads, Json } from "../../contract/plan.ts";
import { newJobId, secondsAfter, type JobContext } from "./job.ts";
import { createJobRegistry } from "./registry.ts";

/** A job is a row of the call's own batch: once the call is durable it cannot be lost, whatever becomes of its message. */
export const deferSteps: JobWriting["defer"] = (background, context) => {
  const { plan, scope, files, transaction, call } = context;
  const { database, dialect, settings } = call.deployment;
  const id = newJobId();
  const dueAt = secondsAfter(scope.now, background.delaySeconds);
  const queueing = createJobRegistry(database, dialect).queueing({
    id,
    endpoint: plan.id,
    origin: "call",
    fingerprint: background.fingerprint,
    owner: scope.identity.caller,
    priority: background.priority,
    context: capture(background, context),
    files: files.map(({ storageKey }) => storageKey),
    dueAt,
    wakeAt: secondsAfter(new Date(dueAt), settings.jobs.resendSeconds),
    createdAt: scope.now.toISOString(),
  });
  transaction.add({ statements: [queueing], purpose: "registry", settle: () => undefined });
  return { id };
};

function capture({ reads, keepsFiles }: BackgroundPlan, { plan, scope, call }: DeferringContext): JobContext {
  return {
    claims: scope.identity.claims,
    payload: reads.payload ? withoutSecrets(scope.payload, reads.secrets ?? []) : null,
    headers: captureHeaders(reads, scope),
    ...(reads.headers.includes("ip") ? { clientIp: scope.clientIp } : {}),
    // No link of the call is legible in it.
    results: call.links.keep(
      reads.results.flatMap((step) => {
        const result = scope.results.get(step);
        if (result === undefined) return [];
        const isUnread = plan.steps[step]?.mode === "upload" && reads.links === undefined;
        return [[step, isUnread ? withoutLinks(result) : result]];
      }),
    ),
    now: scope.now.toISOString(),
    url: call.base,
    keepsFiles,
  };
}

function withoutSecrets(payload: Json, names: readonly string[]): Json {
  if (names.length === 0 || typeof payload !== "object" || payload === null || Array.isArray(payload)) return payload;
  return Object.fromEntries(Object.entries(payload).filter(([name]) => !names.includes(name)));
}

/** The result without its links, which the job would sign anew although nobody reads them. */
function withoutLinks({ rows, list }: StepResult): StepResult {
  return { rows: rows.map(({ download_url: _unread, ...row }) => row), list };
}

function captureHeaders({ headers }: JobReads, scope: Scope): Record<string, string> {
  return Object.fromEntries(
    headers
      .filter((name) => name !== "ip")
      .map((name) => [name, scope.headers.get(name) ?? ""])
      .filter(([, value]) => value !== ""),
  );
}
