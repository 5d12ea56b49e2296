/**
 * Turns what a call defers into a job. Beside it is stored what its steps read, nothing else, and nothing of the
 * environment.
 */
import type { DeferredWork, JobWriter, JobWriterOptions } from "../call/features.ts";
import type { Scope, StepResult } from "../call/scope.ts";
import type { JobReads, Json } from "../../contract/plan.ts";
import { newJobId, secondsAfter, type JobContext } from "./job.ts";
import type { JobRegistry } from "./registry.ts";

interface WriterOptions extends Omit<JobWriterOptions, "database" | "dialect"> {
  readonly registry: Pick<JobRegistry, "queueing">;
}

/** A job is a row of the call's own batch: once the call is durable it cannot be lost, whatever becomes of its message. */
export function createJobWriter({ registry, resendSeconds, base, keep }: WriterOptions): JobWriter {
  return {
    write(work) {
      const { plan, background, scope, storageKeys } = work;
      const id = newJobId();
      const dueAt = secondsAfter(scope.now, background.delaySeconds);
      const queueing = registry.queueing({
        id,
        endpoint: plan.id,
        origin: "call",
        fingerprint: background.fingerprint,
        owner: scope.identity.caller,
        priority: background.priority,
        context: capture(work, base, keep),
        files: storageKeys,
        dueAt,
        wakeAt: secondsAfter(new Date(dueAt), resendSeconds),
        createdAt: scope.now.toISOString(),
      });
      return { id, statements: [queueing] };
    },
  };
}

function capture({ plan, background, scope }: DeferredWork, base: string, keep: WriterOptions["keep"]): JobContext {
  const { reads, keepsFiles } = background;
  return {
    claims: scope.identity.claims,
    payload: reads.payload ? withoutSecrets(scope.payload, reads.secrets ?? []) : null,
    headers: captureHeaders(reads, scope),
    ...(reads.headers.includes("ip") ? { clientIp: scope.clientIp } : {}),
    results: keep(
      reads.results.flatMap((step) => {
        const result = scope.results.get(step);
        if (result === undefined) return [];
        const isUnread = plan.steps[step]?.mode === "upload" && reads.links === undefined;
        return [[step, isUnread ? withoutLinks(result) : result]];
      }),
    ),
    now: scope.now.toISOString(),
    url: base,
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
