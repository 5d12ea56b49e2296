/** Uploads of the file API: a plan of one step, run like the plans of ABIs. */
import { fileApiEndpoint } from "../../contract/routes.ts";
import type { FileRules, Plan, UploadStep, Visibility } from "../../contract/plan.ts";
import { misconfigured } from "../../contract/problem.ts";
import type { Deployment } from "../deployment.ts";
import { runPlan, type Answer } from "../pipeline/run.ts";
import { toDocument } from "./file-document.ts";
import type { FileApiCall } from "./file-api-call.ts";
import { callerId, identityOf, quotaOf } from "./limits.ts";
import type { FileApiSettings } from "../settings.ts";

/** One file in a form field of any name, kept as `<visibility>/<owner>/<uuid>.<extension>`. */
export function runUploadFile(call: FileApiCall, visibility: Visibility): Promise<Answer> {
  const { request, owner, deployment } = call;
  const quota = quotaOf(deployment);
  const asked = { ...askedThumbnails(deployment), ...(quota === null ? {} : { quota }) };
  return runPlan(uploadPlan(visibility, deployment.settings.fileApi, asked), request, call, {
    identity: identityOf(owner),
    answerOf: async ([file]) => (file === undefined ? null : toDocument(file, call)),
  });
}

function askedThumbnails({ text, features }: Deployment): Pick<FileRules, "thumbnails" | "linksThumbnails"> {
  const asked = text("FILE_API_THUMBNAILS", "");
  if (asked === "") return {};
  const { readSetting } = features.thumbnails;
  if (readSetting === undefined) throw misconfigured("FILE_API_THUMBNAILS was changed: deploy the Worker again");
  // What the answer has to look up for them is asked for before the bytes.
  return { thumbnails: readSetting(asked), linksThumbnails: true };
}

function uploadPlan(
  visibility: Visibility,
  { maxFileBytes, types }: FileApiSettings,
  asked: Pick<UploadStep, "thumbnails" | "linksThumbnails" | "quota">,
): Plan {
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
        ...asked,
      },
    ],
    answer: { step: 0, fields: null, shape: "list" },
    environment: [],
    atomic: true,
  };
}
