/** Jobs: what an endpoint with background work goes on with after its answer. */
import { sleep } from "./abort.ts";
import { runCall, type CallContext, type CallOptions } from "./call.ts";
import { SluiceError } from "./error.ts";

/** A job as its owner sees it. */
export interface JobView<Result = unknown> {
  readonly job_id: string;
  readonly state: "queued" | "running" | "done" | "dead";
  readonly attempts: number;
  readonly created_at: string;
  readonly updated_at: string;
  /** Of a job that is done: what the call would have answered without background work. */
  readonly result: Result | null;
  /** Of a dead one. */
  readonly problem: JobProblem | null;
}

interface JobProblem {
  readonly code: string;
  readonly status: number;
  readonly title: string;
  readonly detail?: string | null;
}

const FIRST_MS = 500;

/** @param tokenHeader of the endpoints with background work, several with spaces between; null = they need none */
export function createJobCalls(context: CallContext, tokenHeader: string | null) {
  const job = async <Result>(id: string, options?: CallOptions): Promise<JobView<Result>> => {
    const route = { method: "GET", resource: "jobs/:id", token: tokenHeader };
    return (await runCall(context, route, { path: { id } }, options)).data as JobView<Result>;
  };
  /** Asks until the job is over. @throws SluiceError with the code of a dead job's problem */
  const wait = async <Result>(id: string, options: CallOptions = {}): Promise<Result | null> => {
    for (let milliseconds = FIRST_MS; ; milliseconds += FIRST_MS) {
      const { state, result, problem } = await job<Result>(id, options);
      if (state === "done") return result;
      if (state === "dead") {
        // A dead job has one, also of another version.
        const { code = "internal", status = 500, title = "Job failed" }: Partial<JobProblem> = problem ?? {};
        throw new SluiceError(code, title, { status, members: { ...problem } });
      }
      await sleep(milliseconds, options.signal);
    }
  };
  return { job, wait };
}
