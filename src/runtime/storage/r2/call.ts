/** Calls R2, by its binding or over S3, and turns its failures into Problems. */
import { Problem } from "../../../contract/problem.ts";

/** Runs one call of R2; its failure becomes Problem `storage_unavailable`, with the call's name for the log. */
export async function calling<Result>(name: string, call: () => Promise<Result>): Promise<Result> {
  try {
    return await call();
  } catch (cause) {
    throw storageFailure(name, cause);
  }
}

export const storageFailure = (name: string, cause: unknown): Problem =>
  new Problem("storage_unavailable", {
    reason: `R2 ${name} failed: ${cause instanceof Error ? cause.message : String(cause)}`,
    cause,
    headers: { "Retry-After": "5" },
  });
