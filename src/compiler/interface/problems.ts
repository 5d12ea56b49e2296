/** The codes of the problems that calls of an endpoint can be answered with. What each means: docs/errors.md. */
import type { EarlyReference } from "../../contract/plan/reference.ts";
import type { Plan } from "../../contract/plan.ts";
import type { FileRules, UploadStep } from "../../contract/plan/files.ts";
import type { QueryStep } from "../../contract/plan/query.ts";
import { problems, type ProblemCode } from "../../contract/problem.ts";
import { rulesOf } from "../../contract/plan/file-rules.ts";
import { refusesNoRow } from "../../contract/row-guard.ts";

/** In the order of docs/errors.md. */
export const problemsOf = (plan: Plan): readonly ProblemCode[] =>
  inOrder([...ofCallers(plan), ...ofBodies(plan), ...ofSteps(plan)]);

/** What is judged when an upload is created, and never again. */
const ofAdmission: readonly ProblemCode[] = ["rate_limited", "rate_limit_unavailable", "quota_exceeded"];

/** What only an upload's own address answers. */
const ofUploads: readonly ProblemCode[] = [
  "resource_not_found",
  "offset_conflict",
  "content_type_unsupported",
  "idempotency_in_flight",
  "idempotency_answer_lost",
];

/** Of the address that each resumable upload of the plan has: its requests, and the call that its last byte carries out. */
export const uploadProblemsOf = (plan: Plan): readonly ProblemCode[] =>
  inOrder([...problemsOf(plan).filter((code) => !ofAdmission.includes(code)), ...ofUploads]);

/** Of the addresses where a plan's upload links are asked for, listed and ended. */
export const linkProblemsOf = (plan: Plan): readonly ProblemCode[] =>
  inOrder([...[...ofCallers(plan)].filter((code) => !code.startsWith("idempotency_")), ...ofLinks]);

const ofLinks: readonly ProblemCode[] = [
  "body_malformed",
  "content_type_unsupported",
  "body_too_large",
  "client_too_slow",
  "payload_invalid",
  // A link's address has one parameter of that name.
  "parameter_invalid",
  // Each request makes another link.
  "idempotency_key_invalid",
  "resource_not_found",
  "database_unavailable",
];

function inOrder(codes: readonly ProblemCode[]): readonly ProblemCode[] {
  const found = new Set(codes);
  return (Object.keys(problems) as ProblemCode[]).filter((code) => found.has(code));
}

function* ofCallers(plan: Plan): Generator<ProblemCode> {
  const { authentication, address, webhook, rateLimit, maintenance, background, answer, revoking } = plan;
  yield* ["internal", "misconfigured", "overloaded", "method_not_allowed"];
  if (authentication !== null) yield "unauthorized";
  if (authentication?.require !== undefined) yield "forbidden";
  if (authentication?.isRevocable === true || revoking !== undefined) yield "database_unavailable";
  if (revoking !== undefined) yield* ["unauthorized", "payload_invalid"];
  if (address !== undefined) yield "parameter_invalid";
  if (address?.path !== undefined) yield "resource_not_found";
  if (webhook !== undefined) yield "webhook_unverified";
  if (rateLimit !== undefined) yield* ["rate_limited", "rate_limit_unavailable", ...ofIdentifier(rateLimit.identifier)];
  if (maintenance === true) yield "maintenance";
  if (background !== undefined || answer.links !== undefined) yield "database_unavailable";
  if (answer.token !== undefined) yield "row_missing";
  if (isRepeatable(plan)) yield* ["idempotency_in_flight", "idempotency_answer_lost", "idempotency_key_reused"];
}

const ofIdentifier = ({ from }: EarlyReference): readonly ProblemCode[] => [
  from === "claim" ? "unauthorized" : "identifier_invalid",
];

const hasBody = ({ methods }: Plan): boolean => methods?.some((method) => method !== "GET") !== false;

/** A key on a GET is ignored. */
export const isRepeatable = (plan: Plan): boolean =>
  plan.authentication !== null && plan.isSecret !== true && hasBody(plan);

function* ofBodies(plan: Plan): Generator<ProblemCode> {
  if (!hasBody(plan)) return;
  yield* ["body_malformed", "content_type_unsupported", "body_too_large", "client_too_slow", "payload_invalid"];
  // Where none is taken, each is.
  yield "idempotency_key_invalid";
}

function* ofSteps({ steps }: Plan): Generator<ProblemCode> {
  for (const step of steps) {
    if (step.payloadRule !== undefined) yield "payload_invalid";
    if (step.mode === "upload") yield* ofUpload(step);
    else yield "database_unavailable";
    if (step.mode === "query") yield* ofQuery(step);
    if (step.mode === "documents") {
      yield* ["row_rejected", "payload_invalid"];
      if (step.action !== "find") yield "unique_violation";
      if (step.mustReturn) yield "row_missing";
    }
  }
}

function* ofUpload(step: UploadStep): Generator<ProblemCode> {
  yield* ["storage_unavailable", "database_unavailable", "file_missing", "file_too_large", "too_many_files"];
  yield* ["file_type_not_allowed", "file_type_mismatch"];
  // Those of its creation, which may bring bytes: the rest is asked for at the upload's own address.
  if (step.resumable === true) yield* ["precondition_failed", "parameter_invalid", "checksum_mismatch"];
  if (step.links !== undefined) yield* ["link_invalid", "link_expired", "link_revoked", "link_used_up"];
  const rules = rulesOf<FileRules>(step);
  if (rules.some(({ stripsMetadata }) => stripsMetadata)) yield "metadata_not_removable";
  const { quota } = step;
  if (quota !== undefined) yield* ["quota_exceeded", ...(quota.per === undefined ? [] : ofIdentifier(quota.per))];
}

function* ofQuery({ writes, checks, sql, deletes, passwords, each }: QueryStep): Generator<ProblemCode> {
  yield "row_rejected";
  if (writes) yield "unique_violation";
  if ([sql, ...checks.map((check) => check.sql)].some(refusesNoRow)) yield "row_missing";
  if (checks.length > 0) yield "unique_violation";
  if (deletes !== undefined) yield "storage_unavailable";
  if (each !== null) yield "payload_invalid";
  if (passwords !== undefined) yield* ["payload_invalid", "overloaded"];
  if ((passwords?.verifies.length ?? 0) > 0) yield "credentials_invalid";
}
