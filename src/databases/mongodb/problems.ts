/**
 * Turns a failed call to MongoDB into a Problem, by the server's error codes
 * (https://www.mongodb.com/docs/manual/reference/error-codes/) and the driver's classes. Messages are never passed on:
 * they quote values, hosts and addresses.
 */
import { MongoError, MongoErrorLabel, MongoInvalidArgumentError, MongoParseError, MongoServerError } from "mongodb";
import { Problem, type ProblemCode, type ProblemOptions } from "../../contract/problem.ts";

const RETRY_AFTER_SECONDS = "5";

const codes: ReadonlyMap<unknown, ProblemCode> = new Map([
  // DuplicateKey, and its older numbers
  ...[11_000, 11_001, 12_582].map((code) => [code, "unique_violation"] as const),
  // BadValue, TypeMismatch, Overflow (nesting), DollarPrefixedFieldName, DottedFieldName, EmptyFieldName,
  // DocumentValidationFailure, BSONObjectTooLarge, and documents that an update makes too large
  ...[2, 14, 15, 52, 57, 56, 121, 10_334, 17_419, 17_420].map((code) => [code, "row_rejected"] as const),
  // Unauthorized, AuthenticationFailed, InvalidNamespace, CommandNotSupportedOnView, Atlas' own refusals
  ...[13, 18, 73, 166, 8000].map((code) => [code, "misconfigured"] as const),
  // MaxTimeMSExpired, LockTimeout, WriteConcernFailed, WriteConflict, NoSuchTransaction; not, or no longer, the primary
  ...[50, 24, 64, 112, 251, 91, 189, 10_107, 11_600, 11_602, 13_435, 13_436].map(
    (code) => [code, "database_unavailable"] as const,
  ),
]);

const optionsOf: Partial<Record<ProblemCode, ProblemOptions>> = {
  unique_violation: { detail: "A row with the same unique value exists." },
  row_rejected: { detail: "The values do not satisfy the collection's rules." },
  database_unavailable: { headers: { "Retry-After": RETRY_AFTER_SECONDS } },
};

/** The problem that an error of the driver stands for. A Problem stays as it is. */
export function toMongoProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const code = toCode(error);
  return new Problem(code, { ...optionsOf[code], reason: describe(error) });
}

function toCode(error: unknown): ProblemCode {
  if (error instanceof MongoServerError) {
    const known = codes.get(error.code);
    if (known !== undefined) return known;
    return isTransient(error) ? "database_unavailable" : "internal";
  }
  if (error instanceof MongoParseError || error instanceof MongoInvalidArgumentError) return "misconfigured";
  // Without an answer from the server: the network, a timeout, no primary.
  return error instanceof MongoError ? "database_unavailable" : "internal";
}

/** The same transaction, begun again, may succeed: another writer was in the way, or the primary changed. */
export function isTransient(error: unknown): boolean {
  return error instanceof MongoError && error.hasErrorLabel(MongoErrorLabel.TransientTransactionError);
}

/** It is unknown whether the transaction was committed: committing it again is harmless. */
export function isUnknownCommit(error: unknown): boolean {
  return error instanceof MongoError && error.hasErrorLabel(MongoErrorLabel.UnknownTransactionCommitResult);
}

/** For the log: the kind of error, and for a duplicate the names of its fields. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return "MongoDB failed";
  if (!(error instanceof MongoServerError)) return `MongoDB failed: ${error.name}`;
  const pattern: unknown = error["keyPattern"];
  const fields = typeof pattern === "object" && pattern !== null ? ` (${Object.keys(pattern).join(", ")})` : "";
  const name = typeof error.codeName === "string" ? ` ${error.codeName}` : "";
  return `MongoDB refused: ${error.name} ${String(error.code ?? "without a code")}${name}${fields}`;
}
