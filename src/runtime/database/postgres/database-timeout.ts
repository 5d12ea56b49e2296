/** How long a statement may run on PostgreSQL. Knows nothing of statements. */
import { Problem } from "../../../contract/problem.ts";
import type { EngineEnvironment } from "../engine.ts";

const DEFAULT_SECONDS = 10;
/** What a batch may take over one statement's time, on the way and for its other statements. */
const GRACE_MILLISECONDS = 5000;

export interface DatabaseTimeout {
  /** The server cancels a statement that runs longer: `statement_timeout`. */
  readonly statementMilliseconds: number;
  /** The longest wait for the answer to what was sent together, and for a connection: for a server that is mute. */
  readonly answerMilliseconds: number;
}

/**
 * The optional variable DATABASE_TIMEOUT_SECONDS, 10 without it.
 * @throws Problem `misconfigured` when it is no whole number from 1 to 300
 */
export function readDatabaseTimeout(environment: EngineEnvironment): DatabaseTimeout {
  const text = environment.binding("DATABASE_TIMEOUT_SECONDS") ?? String(DEFAULT_SECONDS);
  const seconds = typeof text === "string" && /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (seconds < 1 || seconds > 300) {
    throw new Problem("misconfigured", { reason: "DATABASE_TIMEOUT_SECONDS must be a whole number from 1 to 300" });
  }
  const statementMilliseconds = seconds * 1000;
  return { statementMilliseconds, answerMilliseconds: statementMilliseconds + GRACE_MILLISECONDS };
}
