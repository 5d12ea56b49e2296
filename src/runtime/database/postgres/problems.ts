/**
 * Turns a failed call to PostgreSQL into a Problem, by SQLSTATE
 * (https://www.postgresql.org/docs/current/errcodes-appendix.html). Both drivers' errors carry one; an error without it
 * did not come from the server.
 */
import { Problem, type ProblemCode } from "../../../contract/problem.ts";
import { guardTable, missingConstraint } from "../../../contract/row-guard.ts";

/** The members of both drivers' errors that are read. `detail` is not: it quotes rows. */
interface ServerError {
  readonly code: string;
  readonly message: string;
  readonly table?: unknown;
  readonly constraint?: unknown;
}

/** Its classes begin with these; the system's own codes (`EPIPE`) do not. */
const SQLSTATE = /^[\dFHPX][\dA-Z]{4}$/;

const RETRY_AFTER_SECONDS = "5";

/** The first match decides: whole codes come before their classes. */
const codes: readonly (readonly [pattern: RegExp, code: ProblemCode])[] = [
  // unique_violation, exclusion_violation
  [/^(?:23505|23P01)$/, "unique_violation"],
  // Undefined schema, table, column, function, type: the migrations have not run. Undefined database, refused role.
  [/^(?:3F000|42P01|42703|42883|42704|3D000|42501|28)/, "misconfigured"],
  // Integrity, data (casts among them), cardinality, a row too big for its index, WITH CHECK OPTION, RAISE in triggers.
  [/^(?:2[123]|54000|44|P0)/, "row_rejected"],
  // Connection, serialization and deadlock, resources, locks, operator's intervention (57014: the statement timeout),
  // system; a server that turned read-only in a failover; Neon's proxy when it cannot wake the database.
  [/^(?:08|40|53|55|57|58|25006|XX)/, "database_unavailable"],
];

const details: Partial<Record<ProblemCode, string>> = {
  row_missing: "A row that this call depends on was not found.",
  unique_violation: "A row with the same unique value exists.",
  row_rejected: "The values do not satisfy the table's constraints.",
};

/** The problem that a driver's error stands for. A Problem stays as it is. */
export function toPostgresProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (!isServerError(error)) return unavailable(messageOf(error));
  const code = toCode(error);
  const reason = describe(error);
  if (code === "database_unavailable") return unavailable(reason);
  if (code === "misconfigured") return new Problem(code, { reason: advise(error.code, reason) });
  const detail = details[code];
  return new Problem(code, { reason, ...(detail === undefined ? {} : { detail }) });
}

/**
 * True: the connection failed or the server could not serve it, so the same call may succeed on another. A timeout does
 * not count: the second try would take as long.
 */
export function isConnectionFault(error: unknown): boolean {
  if (error instanceof Problem) return false;
  if (isServerError(error)) return /^(?:08|53300|57P0[1-3]|58)/.test(error.code);
  const cause = error instanceof Error && "sourceError" in error ? error.sourceError : error;
  return !(cause instanceof Error && cause.name === "TimeoutError");
}

function isServerError(error: unknown): error is Error & ServerError {
  return error instanceof Error && "code" in error && typeof error.code === "string" && SQLSTATE.test(error.code);
}

function toCode(error: ServerError): ProblemCode {
  if (error.code === "23514" && error.constraint === missingConstraint) return "row_missing";
  if (error.code === "23502" && error.table === guardTable) return "unique_violation";
  return codes.find(([pattern]) => pattern.test(error.code))?.[1] ?? "internal";
}

/** For the log. Messages of class 22 quote the value that was refused, after a colon. */
function describe(error: ServerError): string {
  const message = error.code.startsWith("22") ? error.message.replace(/: ".*$/s, "") : error.message;
  return `${message} (SQLSTATE ${error.code})`;
}

function advise(code: string, reason: string): string {
  return /^(?:28|3D|42501)/.test(code)
    ? `Check the database's role and name: ${reason}`
    : `Run the migrations: ${reason}`;
}

/** A WebSocket fails with an event, which has a message too. */
function messageOf(error: unknown): string {
  const message = typeof error === "object" && error !== null && "message" in error ? error.message : error;
  return String(message) || "The connection to the database failed";
}

function unavailable(reason: string): Problem {
  return new Problem("database_unavailable", { reason, headers: { "Retry-After": RETRY_AFTER_SECONDS } });
}
