/** Uploads of the file API: a plan of one step, run like the plans of ABIs. */
import { fileApiEndpoint } from "../../contract/routes.ts";
import type { Plan } from "../../contract/plan.ts";
import type { FileRules, Visibility } from "../../contract/plan/files.ts";
import type { Call } from "../call/call.ts";
import { misconfigured } from "../../contract/problem.ts";
import type { Deployment } from "../deployment.ts";
import { runPlan, type Answer, type RunOptions } from "../pipeline/run.ts";
import { toDocument } from "./file-document.ts";
import type { FileApiCall } from "./file-api-call.ts";
import { callerId, identityOf, quotaOf } from "./limits.ts";

/** One file in a form field of any name, kept as `<visibility>/<owner>/<uuid>.<extension>`. */
export function runUploadFile(call: FileApiCall, visibility: Visibility): Promise<Answer> {
  const { request, owner, deployment } = call;
  return runPlan(uploadPlan(deployment, visibility), request, call, {
    identity: identityOf(owner),
    answerOf: answerOf(call),
  });
}

/** What an upload answers: its file. */
export const answerOf =
  (call: Call): NonNullable<RunOptions["answerOf"]> =>
  async ([file]) =>
    file === undefined ? null : toDocument(file, call);

function askedThumbnails({ text, features }: Deployment): Pick<FileRules, "thumbnails" | "linksThumbnails"> {
  const asked = text("FILE_API_THUMBNAILS", "");
  if (asked === "") return {};
  const { readSetting } = features.thumbnails;
  if (readSetting === undefined) throw misconfigured("FILE_API_THUMBNAILS was changed: deploy the Worker again");
  // What the answer has to look up for them is asked for before the bytes.
  return { thumbnails: readSetting(asked), linksThumbnails: true };
}

/** @throws Problem `misconfigured` */
export function uploadPlan(deployment: Deployment, visibility: Visibility): Plan {
  const { maxFileBytes, types } = deployment.settings.fileApi;
  const quota = quotaOf(deployment);
  return {
    id: fileApiEndpoint,
    resource: fileApiEndpoint,
    // The caller is known already.
    authentication: null,
    steps: [
      {
        mode: "upload",
        id: 1,
        maxFiles: 1,
        maxFileBytes,
        types,
        folder: [{ from: "literal", value: visibility }, callerId],
        visibility,
        fileApi: true,
        expiresSeconds: null,
        imageFields: ["width", "height", "dominant_color", "thumbhash"],
        stripsMetadata: false,
        strictImages: false,
        fileNames: "UUID",
        issuesLinks: false,
        ...askedThumbnails(deployment),
        ...(quota === null ? {} : { quota }),
      },
    ],
    answer: { step: 0, fields: null, shape: "list" },
    environment: [],
    atomic: true,
  };
}
