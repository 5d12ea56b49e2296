/** docs/errors.md, from the table of problems. The texts for people live here, so that no Worker carries them. */
import { STATUS_CODES } from "node:http";
import { developmentProblems, problems, type ProblemCode } from "../../src/contract/problem.ts";

interface Advice {
  /** When a call is refused so. */
  readonly when: string;
  /** What its caller, or the deployment's owner, does about it. */
  readonly remedy: string;
}

const advice = {
  body_malformed: {
    when: "The body is no JSON, or no multipart form as RFC 7578 describes it, or it ends too early. Of a raw body: its `Content-Disposition` cannot be read.",
    remedy: "Correct the body; sending the same one again cannot help.",
  },
  identifier_invalid: {
    when: "The endpoint has a `rate_limit` or a `quota`, and the header that calls are counted by is missing or has other than 1 to 255 bytes. A claim that will not do is `unauthorized`.",
    remedy: "Send the header. `$HEADER.ip` is known wherever Cloudflare's network is in front.",
  },
  unauthorized: {
    when: "The token is missing, malformed (padding and spaces count), sent twice, expired, not valid yet, too old for the endpoint, for another audience or of another issuer, or not signed with this deployment's key; or it lacks a claim that the endpoint needs, names a claim twice, or has a number that would change as it is read; or the claim that names the caller or a folder is no name. The answer never says which.",
    remedy:
      "Get a fresh token. The log has the reason under the request id. An `nbf` or `iat` that lies ahead is a clock that runs ahead: 5 seconds are allowed.",
  },
  webhook_unverified: {
    when: "`webhook` of the ABI: a token, signature or address is missing, wrong, sent twice or too old. The answer never says which. Nothing of the call was done.",
    remedy:
      "The log has the reason under the request id. Compare the secret, and what is signed: the body byte by byte, and with `stripe` and `standard` the moment, which is refused when it is older than `tolerance`.",
  },
  credentials_invalid: {
    when: "`verify_hashables`: the password is another, or no row was found. Both are answered alike, and take as long.",
    remedy: "Ask for name and password again.",
  },
  forbidden: {
    when: "The token is good, but a claim that the endpoint's `protected.require` names has none of the values it lists.",
    remedy: "Call as somebody who may, or get a token with the claim. The log names the claim under the request id.",
  },
  link_invalid: {
    when: "A signed link was changed, was signed for another method or host, is bound to another address, has parameters that no link has, or is dated more than five minutes ahead. Of an upload link: it was altered, or is for another endpoint, method, address or query string.",
    remedy: "Ask for a new link and use it letter for letter.",
  },
  resource_not_found: {
    when: "No ABI defines this route or id, or a row that the path names and the ABI needs is not there.",
    remedy: "Compare the path with the ABI's `resource`.",
  },
  file_not_found: {
    when: "There is no such file, it was deleted, it is not stored yet, or the caller may not read it. The four are alike on purpose.",
    remedy: "A private file needs a signed link.",
  },
  job_not_found: {
    when: "There is no such job, it is another caller's, or it was finished longer ago than the deployment keeps jobs. The three are alike on purpose.",
    remedy: "Ask with the token of the caller whose request answered the job's id.",
  },
  method_not_allowed: {
    when: "The route exists, but not for this method. `Allow` lists those it has.",
    remedy:
      "Use one of them. `methods` of an ABI says which it takes, `ALLOWED_HTTP_METHODS` for those that say nothing.",
  },
  client_too_slow: {
    when: "For the deployment's `MAX_IDLE_SECONDS` (60) not one byte of the body arrived; or others were waiting for a place, and this was the slowest of several calls of one caller. Nothing was stored.",
    remedy: "Send again over a better connection.",
  },
  unique_violation: {
    when: "A row with a value that must be unique exists already. Nothing was stored.",
    remedy: "Change the value, or treat the existing row as the result.",
  },
  job_outdated: {
    when: "A deployment changed or removed the endpoint between a call and its job. The job was not run, and the call's files are gone.",
    remedy: "Call the endpoint again.",
  },
  idempotency_in_flight: {
    when: "Another call with the same `Idempotency-Key` has not been answered yet, or took the key over from this one. Nothing was stored by this call.",
    remedy: "Wait for `Retry-After` and send the same request again: it gets the other's answer.",
  },
  idempotency_answer_lost: {
    when: "A call with the same `Idempotency-Key` and the same request was carried out, but its answer could not be kept: it was too large, or the connection to the database broke at the last moment. Nothing was done again.",
    remedy: "Look the result up, for example by listing the files. Do not repeat the call under another key.",
  },
  link_expired: {
    when: "The link's signature is right and its time is over.",
    remedy: "Ask for a new link.",
  },
  link_revoked: {
    when: "The link's signature is right, but the links of this file, of its owner or all links were revoked after it was issued. An upload link may have been ended by itself.",
    remedy: "Ask for a new link.",
  },
  link_used_up: {
    when: "The link is for so many downloads, and the bytes asked for are more than these have left. See docs/links.md for what a `Range` costs. Of an upload link: as many uploads as it allows were stored, or are under way.",
    remedy: "Ask for a new link.",
  },
  file_expired: {
    when: "The file had an `expiration`, and it has passed.",
    remedy: "None: the bytes are gone, or will be with the next sweep.",
  },
  file_too_large: {
    when: "A file has more bytes than the endpoint's `max_upload_file_size`. Nothing was stored.",
    remedy: "Send a smaller file, or raise the limit in the ABI.",
  },
  quota_exceeded: {
    when: "What the call brings is more than what is left of the endpoint's [quota](abi.md#quotas), with what other calls are bringing at the moment. `bytes_left` and `files_left` say what is left. Nothing of the call stays.",
    remedy:
      "Send less, or delete files first. With `Retry-After` the quota is of a window of time: wait until it has ended.",
  },
  body_too_large: {
    when: "The whole body, a field of it that is no file, or all such fields together have more bytes than the deployment takes.",
    remedy: "Send less at once.",
  },
  content_type_unsupported: {
    when: "The body is neither `application/json` nor `multipart/form-data`, or not the one that the endpoint takes. A file without a form needs `raw` in the ABI.",
    remedy: "Set `Content-Type`; for a form, let the client library set it, boundary included.",
  },
  file_type_not_allowed: {
    when: "The type found in a file's first bytes is not among the endpoint's `allowed_mimetypes`; or none is found there, and the declared one is not listed by its own name. Nothing was stored.",
    remedy:
      "Send an allowed type. A file's name does not count, and its declared type only where its bytes are of no format that is known.",
  },
  file_type_mismatch: {
    when: "The declared type of a file contradicts its bytes, or a text file is not text to its end. Nothing was stored.",
    remedy: "Declare the true type, or none.",
  },
  precondition_failed: {
    when: "`If-Match` names another state of the file than there is, or `If-Unmodified-Since` an earlier time.",
    remedy: "Ask for the file without the condition.",
  },
  range_not_satisfiable: {
    when: "The `Range` begins behind the end of the file. `Content-Range` states its size.",
    remedy: "Ask for a range inside the file, or for all of it.",
  },
  parameter_invalid: {
    when: "A parameter of the query string is unknown, repeated, malformed or out of bounds, or one of the path is; `parameter` names it, and `errors` lists all that break a rule of the ABI. A `cursor` is only good as it was given, for the same caller and the same filters.",
    remedy: "`detail` says what to correct.",
  },
  idempotency_key_invalid: {
    when: "The `Idempotency-Key` is not 1 to 255 visible ASCII characters, or the endpoint does not know its caller by `id` or `sub`, so that nobody could own the key.",
    remedy: "Send another key, such as a UUID; send none to an endpoint without owners.",
  },
  idempotency_key_reused: {
    when: "The `Idempotency-Key` was used in the last 24 hours for a request with another method, path or body. Nothing was stored.",
    remedy: "Use a new key for each new request.",
  },
  metadata_not_removable: {
    when: "The endpoint removes metadata as files pass, and an AVIF, HEIC or HEIF tells only behind its pixels what is metadata, or cannot be read. Nothing was stored.",
    remedy:
      "Save the picture again with a program that puts the `meta` box first, as nearly all do; or send it as JPEG.",
  },
  payload_invalid: {
    when: "The payload, or a field of it, is missing or has a value that the endpoint cannot use, such as a number of so many digits that it would be changed.",
    remedy:
      "`detail` says what to correct. Where rules of the endpoint's `payload_validation` are broken, `errors` lists every fault as `pointer` (RFC 6901, such as `/address/street`) and `detail`; after 50, `errors_omitted` counts the rest.",
  },
  file_missing: {
    when: "The form holds no file, or one without a single byte. A file field that was left empty does not count.",
    remedy: "Send at least one part with a file name.",
  },
  too_many_files: {
    when: "The form holds more files than the endpoint's `max_file_uploads`. Nothing was stored.",
    remedy: "Send fewer files, or raise the limit in the ABI.",
  },
  row_missing: {
    when: "A statement that must return a row returned none. What the call had done was undone.",
    remedy: "Check the ids in the payload: the row may be missing or another user's.",
  },
  row_rejected: {
    when: "The database refused a value: a foreign key, a check, a missing value, a wrong type, a LIMIT below 0. What the call had done was undone.",
    remedy: "Correct the value. The log has the database's own words under the request id.",
  },
  offset_conflict: {
    when: "A PATCH of a resumable upload begins at another byte than the one at which the upload goes on; `offset` tells it.",
    remedy: "Ask by HEAD, and go on there.",
  },
  checksum_mismatch: {
    when: "The bytes of a PATCH do not have the sum that its `Upload-Checksum` tells. None of them was kept.",
    remedy: "Send the same bytes again.",
  },
  rate_limited: {
    when: "Whoever calls has made as many calls as the endpoint's `rate_limit` takes. Nothing of the call was read. `limit` says how many they are.",
    remedy: "Wait for `Retry-After`. `RateLimit` and `RateLimit-Policy` tell on each answer what is left.",
  },
  internal: {
    when: "A fault of the runtime.",
    remedy: "Report it with the request id.",
  },
  job_interrupted: {
    when: "A job's Worker ended in the middle of each attempt, or where it is not known what a step that cannot be repeated returned.",
    remedy: "The log names the job and its attempts. `npx sluice jobs show` tells which steps are done.",
  },
  misconfigured: {
    when: "The deployment lacks a binding, a secret or a migration, or has an unusable one: a secret that is too short, has fewer than 10 different characters or is the same as another one is refused as well. So is a FILE_API that the Worker was not built with, at the file API's addresses.",
    remedy: "The deployment's owner finds its name in the log.",
  },
  database_unavailable: {
    when: "The database does not answer.",
    remedy: "Try again later, after `Retry-After` where it is given.",
  },
  storage_unavailable: {
    when: "The object store does not answer.",
    remedy: "Try again later, after `Retry-After` where it is given.",
  },
  rate_limit_unavailable: {
    when: "The Durable Object that counts the calls does not answer, or too many wait for it. Nothing of the call was read.",
    remedy: "Send the same request again after `Retry-After`.",
  },
  maintenance: {
    when: 'The endpoint\'s ABI says `"maintenance": true`. Nothing of the call was read.',
    remedy: "Send the same request again after `Retry-After`.",
  },
  overloaded: {
    when: "This instance holds as many uploads, or as many bytes of payloads, as its memory allows; a third is kept for callers that hold none. Or 16 passwords wait for their hash, 8 of them of this caller or network.",
    remedy: "Try again after `Retry-After`.",
  },
} as const satisfies Record<ProblemCode, Advice>;

const opening = `# Errors

<!-- Written by tools/pages/errors.ts from src/contract/problem.ts: edit those. -->

Every refusal is \`application/problem+json\` ([RFC 9457](https://www.rfc-editor.org/rfc/rfc9457)). Switch on \`code\`: codes
never change their meaning, while \`title\` and \`detail\` are for people. \`type\` is always \`about:blank\`. Give \`request_id\`
(also the header \`X-Request-Id\`) when you ask for help.

\`\`\`json
{
  "type": "about:blank",
  "title": "The link has expired",
  "status": 410,
  "code": "link_expired",
  "request_id": "…",
  "success": false,
  "message": "The link has expired",
  "data": null
}
\`\`\`

\`detail\` is added where there is more to say, and is then the \`message\` too; so are members that help a program, such as
the limit that was exceeded.
`;

function isCode(text: string): text is ProblemCode {
  return Object.hasOwn(problems, text);
}

function section(code: ProblemCode): string {
  const { title } = problems[code];
  const { when, remedy } = advice[code];
  return `### ${code}\n\n**${title}.** ${when}\n\n${remedy}\n`;
}

function developmentChapter(): string {
  const { status, title } = developmentProblems.not_compiled;
  return `## In development

A development server says more in a 404 and a 405: the routes that there are (\`routes\`), the nearest name, the methods. And one code is its
own:

### not_compiled

**${title}.** ${String(status)}: the ABI of this route, or one whose query it runs, has faults while \`sluice dev\` or \`wrangler dev\` runs; the others
are served. \`detail\` is the first of the faults.

Correct the ABI: the server compiles it again at once. A build and a deployment fail on it.
`;
}

export function errorsPage(): string {
  const codes = Object.keys(problems).filter(isCode);
  const statuses = [...new Set(codes.map((code) => problems[code].status))].sort((left, right) => left - right);
  const chapters = statuses.map((status) => {
    const sections = codes.filter((code) => problems[code].status === status).map(section);
    return [`## ${status} ${STATUS_CODES[status]}\n`, ...sections].join("\n");
  });
  return [opening, ...chapters, developmentChapter()].join("\n");
}
