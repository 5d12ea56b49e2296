/** What the routes of the file API share: an authenticated call. */
import type { Services } from "../pipeline/services.ts";
import type { Settings } from "../settings.ts";
import type { Addressing } from "./file-document.ts";

export interface FileApiCall {
  readonly request: Request;
  /** The caller, who sees and changes own files only. */
  readonly owner: string;
  readonly services: Services;
  readonly settings: Settings;
  readonly addressing: Addressing;
}
