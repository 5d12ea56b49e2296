/** A file as the file API shows it. */
import type { Call } from "../call/call.ts";
import type { FileRecord } from "../files/record.ts";
import type { Json } from "../../contract/plan.ts";

/** The members that the page describes, and in `meta` everything else that is known. */
export async function toDocument(
  file: FileRecord,
  { links, deployment }: Pick<Call, "links" | "deployment">,
): Promise<Json> {
  const { thumbnails } = deployment.features;
  return {
    _id: file.id,
    name: file.storageKey,
    uploaded_by: file.owner,
    type: file.fileType,
    size: String(file.fileSize),
    bucket: deployment.settings.fileApi.bucket,
    url: links.fileUrl(file.storageKey),
    meta: {
      originalName: file.originalFileName,
      visibility: file.visibility,
      width: file.width,
      height: file.height,
      dominantColor: file.dominantColor,
      thumbhash: file.thumbhash,
      checksumSha256: file.checksumSha256,
      expiresAt: file.expiresAt,
      ...(await thumbnails.describe(file, (one, name) => thumbnails.addressOf(one, name, links.thumbnails))),
      ...(file.deletedAt === null ? {} : { restorableUntil: file.purgeAt }),
    },
    status: file.status === "stored",
    deletedAt: file.deletedAt,
    createdAt: file.createdAt,
    updatedAt: file.updatedAt,
    // Nothing is told by it; clients of the page expect the member.
    __v: 0,
  };
}
