/** What the routes of the file API share: an authenticated call. */
import type { Reception } from "../body/incoming-body.ts";
import type { Services } from "../call/services.ts";
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

/** For a body without files that are stored. */
export function receptionOf({ owner, services, settings }: FileApiCall): Reception {
  return { limits: settings, account: services.openAccount(owner), fileBufferBytes: 0 };
}
