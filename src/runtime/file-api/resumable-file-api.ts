/**
 * FILE_API_RESUMABLE: the file API whose files also come in pieces, by tus 1.0. What an upload is judged by, what it counts
 * for and what is answered are those of its forms.
 */
import type { Plan } from "../../contract/plan.ts";
import type { Visibility } from "../../contract/plan/files.ts";
import { fileApiPath, fileApiUploadsPath } from "../../contract/routes.ts";
import { readCaller } from "../auth/file-api-caller.ts";
import type { AnswerCall, FileApi } from "../build.ts";
import type { Call } from "../call/call.ts";
import { runPlan, type admit } from "../pipeline/run.ts";
import { resumable, serveUpload } from "../resumable/resumable.ts";
import { answerFileApi, findRoute, respond, succeed, UPLOADED, type Route } from "./answer-file-api.ts";
import { identityOf, showLimits } from "./limits.ts";
import { answerOf, uploadPlan } from "./upload-file.ts";

/** @throws Problem as `answerFileApi`, and as uploads of endpoints do */
const answerInPieces = async (request: Request, path: string, call: Call): Promise<Response> => {
  const id = uploadAt(path);
  // Whether it is for everybody was decided when it was created.
  if (id !== null) return serveUpload(planOf(call, "public"), id, request, call, answer, who);
  const visibility = request.headers.has("Tus-Resumable") ? visibilityAt(path) : null;
  const plan = visibility === null ? null : planOf(call, visibility);
  return plan !== null && resumable.isCreation(plan, request)
    ? resumable.create(plan, request, call, answer, who)
    : answerFileApi(request, path, call, routeOf);
};

export const resumableFileApi: FileApi = Object.assign(answerInPieces, {
  takesPieces: (path: string) => visibilityAt(`/${path}`) !== null || uploadAt(`/${path}`) !== null,
});

/** The id of the upload that has this address. */
const uploadAt = (path: string): string | null =>
  path.startsWith(`${fileApiUploadsPath}/`) ? path.slice(fileApiUploadsPath.length + 1) : null;

/** Of what is uploaded to this address. */
function visibilityAt(path: string): Visibility | null {
  const place = path.replace(/\/$/, "");
  if (place === fileApiPath) return "public";
  return place === `${fileApiPath}/private` ? "private" : null;
}

function planOf({ deployment }: Call, visibility: Visibility): Plan {
  const plan = uploadPlan(deployment, visibility);
  return { ...plan, steps: plan.steps.map((step) => (step.mode === "upload" ? { ...step, resumable: true } : step)) };
}

const who: typeof admit = async (plan, request, call) => {
  const { settings, plans } = call.deployment;
  const identity = identityOf(await readCaller(request.headers, call, settings.fileApi, plans));
  return { plan, request, identity, link: null };
};

const answer: AnswerCall = async (plan, request, call, options) =>
  respond({ message: UPLOADED, ...(await runPlan(plan, request, call, { ...options, answerOf: answerOf(call) })) });

const limits: Route = {
  GET: succeed("OK", async (call) => ({
    ...(await showLimits(call)),
    resumable: true,
    maxResumableBytes: call.deployment.settings.fileApi.maxFileBytes,
  })),
};

const routeOf = (path: string): Route | null =>
  path.replace(/\/$/, "") === `${fileApiPath}/limits` ? limits : findRoute(path);
