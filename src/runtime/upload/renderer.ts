/** What decodes the pictures whose pixels are not decoded here: see image/images-binding. */
import { mediaTypes } from "../../contract/media-types.ts";
import type { EngineEnvironment } from "../database/engine.ts";

/** Null for types that it does not take or need not, and where the deployment has none, which is no fault. */
export function rendererOf(fileType: string, { binding }: Pick<EngineEnvironment, "binding">): ImagesBinding | null {
  const isRendered = mediaTypes.get(fileType)?.rendered === true;
  return isRendered ? ((binding("IMAGES") as ImagesBinding | undefined) ?? null) : null;
}
