/** Which endpoints make thumbnails, as the ABIs have it. */
import type { Abi, UploadActionable } from "./language/schema.ts";

/** Of any of its files. */
export function hasThumbnails({ uploads: { thumbnails, fields = {} } }: UploadActionable): boolean {
  return [thumbnails, ...Object.values(fields).map((field) => field.thumbnails)].some((one) => one !== undefined);
}

export const makesThumbnails = ({ actionables }: Abi): boolean =>
  (actionables ?? []).some((actionable) => actionable.mode === "UPLOAD" && hasThumbnails(actionable));
