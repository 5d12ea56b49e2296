/** What the routes of the file API share: an authenticated call. */
import type { Reception } from "../body/incoming-body.ts";
import type { Call } from "../call/call.ts";

export interface FileApiCall extends Call {
  readonly request: Request;
  /** The caller, who sees and changes own files only. */
  readonly owner: string;
}

/** For a body of which no files are stored. */
export function receptionOf({ owner, deployment, openAccount }: FileApiCall): Reception {
  return { limits: deployment.settings, account: openAccount(owner), fileBufferBytes: 0 };
}
