/**
 * `resumable`: files that come in pieces, by tus 1.0. Creation is a POST to the endpoint; each upload then has an address
 * of its own, which HEAD, PATCH, DELETE and GET ask for. https://tus.io/protocols/resumable-upload
 */
import type { Plan } from "../../contract/plan.ts";
import { fileApiEndpoint, fitsResource, resumablePath } from "../../contract/routes.ts";
import { Problem, toProblem } from "../../contract/problem.ts";
import type { AnswerCall, FileApi, ResumableUploads } from "../build.ts";
import { mostBytesOf } from "../body/incoming-body.ts";
import type { Call } from "../call/call.ts";
import type { AdmittedCall } from "../call/features.ts";
import { methodNotAllowed } from "../http/exact-routes.ts";
import { refuseInMaintenance } from "../pipeline/maintenance.ts";
import { admit } from "../pipeline/run.ts";
import { readChecksum } from "./checksum.ts";
import { createUpload, ownerOf, resumableStep } from "./create.ts";
import { dropUpload, endUpload } from "./end.ts";
import { findUpload } from "./objects.ts";
import { abilities, checkVersion, EXPOSED, headerFault, isChunk, readByteCount, VERSION } from "./protocol.ts";
import { takeBack } from "../upload/intake.ts";
import { toProblemAgain, type Appended, type Asker, type Extent, type UploadActor } from "./actor.ts";

export { ResumableUpload } from "./object/resumable-upload.ts";

/** One request for an upload whose caller is known. */
interface Asked extends AdmittedCall {
  readonly call: Call;
  readonly asker: Asker;
  readonly upload: UploadActor;
  readonly answer: AnswerCall;
}

export const resumable: ResumableUploads = {
  /** Of an endpoint that is resumable, by its resource or its id, of the file API, and of what is below the uploads' own paths. */
  describe(path: string, { plans, fileApi }: Described, headers: Headers): void {
    const isAt = ({ resource, id }: Plan) => id === path || fitsResource(resource.split("/"), path.split("/"));
    const isResumable =
      plans.some((plan) => resumableStep(plan) !== undefined && isAt(plan)) || fileApi?.takesPieces?.(path) === true;
    if (!isResumable && !`/${path}`.startsWith(`${resumablePath}/`)) return;
    for (const [name, value] of Object.entries(abilities)) headers.set(name, value);
  },

  /** Whether a POST to the plan's endpoint creates an upload. */
  isCreation: (plan: Plan, { method, headers }: Request): boolean =>
    method === "POST" && headers.has("Tus-Resumable") && resumableStep(plan) !== undefined,

  /** @throws Problem as `createUpload`, and as a PATCH where it brings bytes */
  async create(plan: Plan, request: Request, call: Call, answer: AnswerCall, who = admit): Promise<Response> {
    share(call);
    const created = await createUpload(plan, request, call, who);
    const { asker, address, expiresAt, length, begun } = created;
    const headers = { Location: address, "Upload-Expires": new Date(expiresAt).toUTCString(), "Upload-Offset": "0" };
    // Of bytes that came again nobody knows how many are new: their client is told where to go on.
    if (begun !== null) {
      return respond(201, { ...headers, "Upload-Offset": String(begun.offset), "Idempotent-Replayed": "true" });
    }
    if (!isChunk(request) || created.request.body === null) return respond(201, headers);
    const asked = { ...created, call, answer };
    try {
      const { progress, ended } = await append(asked, { offset: 0, length });
      return respondTo(request, ended, 201, { ...headers, "Upload-Offset": String(progress.offset) });
    } catch (error) {
      // Of a refusal nobody learns the address: the upload would lie there, and count, until it expires.
      await dropUpload(asked, asker).catch((cause: unknown) => {
        call.deployment.log("warn", "upload_not_dropped", { error: String(cause) });
      });
      throw error;
    }
  },

  /** Below the uploads' path. @param path below where the app is mounted @throws Problem `resource_not_found` … */
  async serve(request: Request, path: string, call: Call, answer: AnswerCall): Promise<Response> {
    const segments = path.slice(resumablePath.length + 1).split("/");
    const id = segments.pop() ?? "";
    const plan = call.deployment.plans.find((one) => one.id === segments.join("/") && resumableStep(one) !== undefined);
    return serveUpload(plan, id, request, call, answer);
  },
};

/** What can be said of a Worker without a deployment. */
interface Described {
  readonly plans: readonly Plan[];
  readonly fileApi: FileApi | null;
}

/**
 * Answers for the upload of this id.
 * @param plan undefined: there is no such endpoint
 * @param who tells who calls
 * @throws Problem `resource_not_found`, and what each method may
 */
export async function serveUpload(
  plan: Plan | undefined,
  id: string,
  request: Request,
  call: Call,
  answer: AnswerCall,
  who = admit,
): Promise<Response> {
  share(call);
  const method = methodOf(request);
  const handler = Object.hasOwn(handlers, method) ? handlers[method] : undefined;
  if (handler === undefined) throw methodNotAllowed(Object.keys(handlers));
  if (method !== "GET") checkVersion(request);
  const upload = plan === undefined ? null : findUpload(call.deployment, id);
  if (plan === undefined || upload === null) throw missing();
  refuseInMaintenance(plan);
  const admitted = await who(plan, request, call, { isUnderWay: true });
  const asker = { endpoint: plan.id, owner: ownerOf(admitted) };
  return handler({ ...admitted, call, asker, upload, answer });
}

const handlers: Readonly<Record<string, (asked: Asked) => Promise<Response>>> = {
  async HEAD(asked) {
    const shown = await asked.upload.show(asked.asker);
    if (shown === null) throw missing();
    const { offset, length, metadata, expiresAt, isDone } = shown;
    // Clients take a whole upload for done: it has to be, or they have to hear why not.
    if (offset === length && !isDone && !(await hasEnded(asked))) {
      return respond(423, { ...progressHeaders(shown), "Retry-After": LATER_SECONDS });
    }
    return respond(200, {
      ...progressHeaders(shown),
      ...(length === null ? { "Upload-Defer-Length": "1" } : { "Upload-Length": String(length) }),
      ...(metadata === null ? {} : { "Upload-Metadata": metadata }),
      "Upload-Expires": new Date(expiresAt).toUTCString(),
    });
  },

  async PATCH(asked) {
    const { request } = asked;
    if (!isChunk(request)) {
      throw new Problem("content_type_unsupported", { detail: "Send application/offset+octet-stream." });
    }
    const offset = readByteCount(request.headers, "Upload-Offset");
    if (offset === null) throw headerFault("Upload-Offset", "is missing");
    const length = readByteCount(request.headers, "Upload-Length");
    const { progress, ended } = await append(asked, { offset, length });
    const headers = { ...progressHeaders(progress), "Upload-Expires": new Date(progress.expiresAt).toUTCString() };
    return respondTo(request, ended, 204, headers);
  },

  async DELETE(asked) {
    if (!(await dropUpload(asked, asked.asker))) throw missing();
    return respond(204, {});
  },

  /** What the endpoint has answered. */
  async GET(asked) {
    const progress = await asked.upload.progress(asked.asker);
    if (progress === null) throw missing();
    if (progress.offset === progress.length) return end(asked);
    const { offset, length } = progress;
    const envelope = asked.plan.id === fileApiEndpoint ? { status: "success" } : { success: true };
    return Response.json({ ...envelope, message: "Incomplete", data: null, offset, length }, { status: 202 });
  },
};

/** For an end that could not be carried out now. */
const LATER_SECONDS = "5";

/**
 * False: not now. tus-js-client comes back after 423; of any other failure of a HEAD it makes a new upload, and sends all
 * its bytes once more. @throws Problem where the endpoint refuses the file for good
 */
async function hasEnded(asked: Asked): Promise<boolean> {
  try {
    await end(asked);
    return true;
  } catch (error) {
    const { status, code, message } = toProblem(error);
    if (status < 500 && code !== "idempotency_in_flight") throw error;
    asked.call.deployment.log("warn", "upload_not_ended", { code, reason: message });
    return false;
  }
}

/** What the end answers. @throws Problem as the endpoint */
async function end(asked: Asked): Promise<Response> {
  const response = await endUpload(asked, asked.asker);
  if (response === null) throw missing();
  return response;
}

interface AppendResult {
  readonly progress: Extent & { readonly expiresAt: string };
  /** The endpoint's answer, where that were the last bytes. */
  readonly ended: Response | null;
}

async function append(asked: Asked, { offset, length }: Extent): Promise<AppendResult> {
  const { upload, request, call, asker } = asked;
  const idleMilliseconds = call.deployment.settings.admission.maxIdleMilliseconds;
  const checksum = readChecksum(request.headers.get("Upload-Checksum"));
  const mostBytes = mostBytesOf(request);
  const appended: Appended = await upload.append(
    { asker, offset, length, mostBytes: mostBytes === Infinity ? null : mostBytes, checksum, idleMilliseconds },
    request.body as ReadableStream<Uint8Array> | null,
  );
  if (appended.outcome === "missing") throw missing();
  if (appended.outcome === "refused") {
    // The object has nothing of it any more: neither should anybody else.
    if (appended.file !== null) await takeBack([appended.file], call, call.now);
    throw toProblemAgain(appended.refusal);
  }
  const ended = appended.offset === appended.length ? await end(asked) : null;
  return { progress: appended, ended };
}

const progressHeaders = ({ offset }: Extent) => ({ "Upload-Offset": String(offset) });

/** Of clients whose network takes no other methods. */
function methodOf({ method, headers }: Request): string {
  const other = headers.get("X-HTTP-Method-Override");
  return method === "POST" && other !== null ? other.toUpperCase() : method;
}

const missing = (): Problem => new Problem("resource_not_found", { detail: "There is no such upload, or no more." });

/** On every answer, refusals too: clients read them. */
function share({ setField }: Call): void {
  setField("Tus-Resumable", VERSION);
  setField("Access-Control-Expose-Headers", EXPOSED.join(","));
}

function respond(status: number, headers: Readonly<Record<string, string>>): Response {
  return new Response(null, { status, headers: { ...headers, "Cache-Control": "no-store" } });
}

/** @param ended what the endpoint answers, for whoever prefers that to none: RFC 7240 §4.2 */
function respondTo(
  { headers }: Request,
  ended: Response | null,
  status: number,
  fields: Readonly<Record<string, string>>,
): Response {
  const isPreferred = /(?:^|[\s,;])return=representation(?:[\s,;]|$)/i.test(headers.get("Prefer") ?? "");
  if (ended === null || !isPreferred) return respond(status, fields);
  const response = new Response(ended.body, ended);
  for (const [name, value] of Object.entries(fields)) response.headers.set(name, value);
  response.headers.set("Preference-Applied", "return=representation");
  return response;
}
