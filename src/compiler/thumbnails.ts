/** Which endpoints make thumbnails, as the ABIs have it. */
import type { Abi } from "./language/schema.ts";

export const makesThumbnails = ({ actionables }: Abi): boolean =>
  (actionables ?? []).some((actionable) => {
    if (actionable.mode !== "UPLOAD") return false;
    const { thumbnails, fields = {} } = actionable.uploads;
    return [thumbnails, ...Object.values(fields).map((field) => field.thumbnails)].some((one) => one !== undefined);
  });
