/** How long a statement may run on PostgreSQL. */
import { integerSetting } from "../../../contract/settings.ts";
import type { EngineEnvironment } from "../engine.ts";

/** What a batch may take over one statement's time, on the way and for its other statements. */
const GRACE_MILLISECONDS = 5000;

export interface DatabaseTimeout {
  /** The server cancels a statement that runs longer: `statement_timeout`. */
  readonly statementMilliseconds: number;
  /** The longest wait for the answer to one exchange, and for a connection: for a server that does not respond. */
  readonly answerMilliseconds: number;
}

/** DATABASE_TIMEOUT_SECONDS. @throws Problem `misconfigured` */
export function readDatabaseTimeout(environment: EngineEnvironment): DatabaseTimeout {
  const name = "DATABASE_TIMEOUT_SECONDS";
  const statementMilliseconds = 1000 * integerSetting(name, environment.binding(name));
  return { statementMilliseconds, answerMilliseconds: statementMilliseconds + GRACE_MILLISECONDS };
}
