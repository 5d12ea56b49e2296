/**
 * The table of every problem (RFC 9457) that a call can be refused with, and the error that carries one through the
 * runtime. It imports nothing; http/problem-response makes the response.
 */

/** Stable code → status and title. The codes are public: clients switch on them. docs/errors.md is made from this. */
export const problems = {
  body_malformed: { status: 400, title: "The request body is malformed" },
  identifier_invalid: { status: 400, title: "The identifier is missing" },
  unauthorized: { status: 401, title: "A valid token is required" },
  webhook_unverified: { status: 401, title: "The call could not be verified" },
  credentials_invalid: { status: 401, title: "The credentials are not valid" },
  forbidden: { status: 403, title: "The caller may not do this" },
  link_invalid: { status: 403, title: "The link's signature does not match" },
  resource_not_found: { status: 404, title: "There is no such resource" },
  file_not_found: { status: 404, title: "There is no such file" },
  job_not_found: { status: 404, title: "There is no such job" },
  method_not_allowed: { status: 405, title: "The method is not allowed here" },
  client_too_slow: { status: 408, title: "The request body arrived too slowly" },
  unique_violation: { status: 409, title: "The row exists already" },
  offset_conflict: { status: 409, title: "The upload goes on at another offset" },
  job_outdated: { status: 409, title: "The endpoint was changed before the job had run" },
  idempotency_in_flight: { status: 409, title: "A call with the same idempotency key is running" },
  idempotency_answer_lost: { status: 409, title: "The call succeeded before, but its answer was not kept" },
  link_expired: { status: 410, title: "The link has expired" },
  link_revoked: { status: 410, title: "The link was revoked" },
  link_used_up: { status: 410, title: "The link is used up" },
  file_expired: { status: 410, title: "The file has expired" },
  precondition_failed: { status: 412, title: "The file is not what the request expects" },
  file_too_large: { status: 413, title: "A file is too large" },
  quota_exceeded: { status: 413, title: "The quota is used up" },
  body_too_large: { status: 413, title: "The request body is too large" },
  content_type_unsupported: { status: 415, title: "The content type of the body is not supported" },
  file_type_not_allowed: { status: 415, title: "The type of a file is not allowed" },
  file_type_mismatch: { status: 415, title: "A file is not of the type it was declared as" },
  range_not_satisfiable: { status: 416, title: "The range cannot be satisfied" },
  parameter_invalid: { status: 422, title: "A parameter is not valid" },
  idempotency_key_invalid: { status: 422, title: "The idempotency key cannot be used" },
  idempotency_key_reused: { status: 422, title: "The idempotency key was used for another request" },
  metadata_not_removable: { status: 422, title: "The metadata of a file cannot be removed" },
  payload_invalid: { status: 422, title: "The payload is not valid" },
  file_missing: { status: 422, title: "No file was sent" },
  too_many_files: { status: 422, title: "Too many files" },
  row_missing: { status: 422, title: "A required row was not found" },
  row_rejected: { status: 422, title: "The database refused the values" },
  checksum_mismatch: { status: 460, title: "The bytes do not have the checksum that was sent" },
  rate_limited: { status: 429, title: "Too many calls" },
  internal: { status: 500, title: "Something went wrong" },
  job_interrupted: { status: 500, title: "The job was interrupted and cannot go on" },
  misconfigured: { status: 500, title: "The deployment is not configured" },
  database_unavailable: { status: 503, title: "The database is not available" },
  storage_unavailable: { status: 503, title: "The object store is not available" },
  rate_limit_unavailable: { status: 503, title: "Calls cannot be counted" },
  maintenance: { status: 503, title: "The endpoint is under maintenance" },
  overloaded: { status: 503, title: "Too many uploads are running" },
} as const satisfies Record<string, { status: number; title: string }>;

/** Only a development server answers these, so that no deployment's bundle has them. */
export const developmentProblems = {
  not_compiled: { status: 500, title: "The endpoint has faults and was not compiled" },
} as const;

export type ProblemCode = keyof typeof problems;

/** One thing that is wrong with a payload; a member `errors` lists them (RFC 9457 §3 has such a list). */
export interface PayloadFault {
  /** RFC 6901, from the payload's root: `/address/street`. Empty = the payload itself. */
  readonly pointer: string;
  /** What was expected and what kind of value was found. Never the value. */
  readonly detail: string;
}

/** The same of a parameter of the path or the query string. */
export interface ParameterFault {
  readonly parameter: string;
  readonly detail: string;
}

export interface ProblemOptions {
  /** For the caller: what to do about it. Never a secret, a token, SQL or a bound value. */
  readonly detail?: string;
  /** For the log only: what really happened. */
  readonly reason?: string;
  readonly cause?: unknown;
  /** Extra members of the answer (RFC 9457 §3.2), such as `limit` or `field`. */
  readonly members?: Readonly<
    Record<string, string | number | readonly string[] | readonly PayloadFault[] | readonly ParameterFault[]>
  >;
  /** Extra response headers, such as `Allow` or `Retry-After`. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** A refusal with a code of the table. Anything else that is thrown is a bug, and is answered as `internal`. */
export class Problem extends Error {
  override readonly name = "Problem";
  readonly code: ProblemCode;
  readonly status: number;
  readonly title: string;
  readonly detail: string | null;
  readonly members: NonNullable<ProblemOptions["members"]>;
  readonly headers: NonNullable<ProblemOptions["headers"]>;

  constructor(code: ProblemCode, options: ProblemOptions = {}) {
    const { status, title } = problems[code];
    super(options.reason ?? options.detail ?? title, { cause: options.cause });
    this.code = code;
    this.status = status;
    this.title = title;
    this.detail = options.detail ?? null;
    this.members = options.members ?? {};
    this.headers = options.headers ?? {};
  }
}

/**
 * The problem to answer with. An error that is not a Problem becomes `internal`: its text stays in `cause`, for the
 * log.
 */
export function toProblem(error: unknown): Problem {
  return error instanceof Problem ? error : new Problem("internal", { reason: "an unexpected error", cause: error });
}

/** The deployment lacks something, or has an unusable one: the log is told which. */
export function misconfigured(reason: string): Problem {
  return new Problem("misconfigured", { reason });
}
