/**
 * Uploads of the file API: a plan of one step, run as the plans of ABIs are. Knows nothing of how files are received.
 */
import type { Plan, Reference, Visibility } from "../../contract/plan.ts";
import { runPlan, type Answer } from "../pipeline/run.ts";
import type { FileRow } from "../upload/store-file.ts";
import type { ObjectKey } from "../storage/object-key.ts";
import { toDocument, type Documented } from "./file-document.ts";
import type { FileApiCall } from "./file-api-call.ts";
import type { FileApiSettings } from "../settings.ts";

/** No ABI can have this id: a slash is no letter of theirs. */
export const ENDPOINT_ID = "v1/upload";

const callerId: Reference = { from: "claim", path: ["id"] };

/** One file in a form field of any name, kept as `<visibility>/<owner>/<uuid>.<extension>`. */
export function runUploadFile(call: FileApiCall, visibility: Visibility): Promise<Answer> {
  const { request, owner, services, settings } = call;
  return runPlan(uploadPlan(visibility, settings.fileApi), request, services, {
    identity: { claims: { id: owner }, caller: owner, fault: null },
    present: (data) => {
      const [row] = data as readonly FileRow[];
      if (row === undefined) throw new Error("An upload answers the file that it stored");
      return toDocument(documented(row, owner, visibility, services.now.toISOString()), call.addressing);
    },
  });
}

function uploadPlan(visibility: Visibility, { maxFileBytes, types }: FileApiSettings): Plan {
  return {
    id: ENDPOINT_ID,
    resource: ENDPOINT_ID,
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
      },
    ],
    answer: { step: 0, fields: null, shape: "list" },
    environment: [],
    atomic: true,
  };
}

/** The registry's record of a file that has just been stored, without asking for it. */
function documented(row: FileRow, owner: string, visibility: Visibility, now: string): Documented {
  const text = (name: string) => row[name] as string;
  const textOrNull = (name: string) => (row[name] ?? null) as string | null;
  const numberOrNull = (name: string) => (row[name] ?? null) as number | null;
  return {
    id: text("id"),
    owner,
    storageKey: text("storage_key") as ObjectKey,
    status: "stored",
    visibility,
    originalFileName: text("original_file_name"),
    fileType: text("file_type"),
    fileSize: Number(row["file_size"]),
    checksumSha256: textOrNull("checksum_sha256"),
    dominantColor: textOrNull("dominant_color"),
    thumbhash: textOrNull("thumbhash"),
    width: numberOrNull("width"),
    height: numberOrNull("height"),
    expiresAt: textOrNull("expires_at"),
    deletedAt: null,
    purgeAt: null,
    createdAt: now,
    updatedAt: now,
  };
}
