import { Problem } from "../../contract/problem.ts";

/** @param field of the JSON body @param fault what is wrong with it, or what it must be */
export function refusePayload(field: string, fault: string): Problem {
  return new Problem("payload_invalid", { detail: `"${field}" ${fault}.`, members: { field } });
}
