/** The file extension of a media type. The client's file name has no part in it. */
import { mediaTypes } from "../../contract/media-types.ts";

/** Lower case, without the dot, letters and digits only: `bin` for a type that only a client names. */
export function extensionOf(type: string): string {
  return mediaTypes.get(type)?.extensions[0] ?? "bin";
}
