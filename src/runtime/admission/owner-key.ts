/** Whose share of an isolate a call uses. */
import { networkOf } from "../client-address.ts";

/** The caller where one is known, else the network that the call came from; calls of which neither is known share. */
export function ownerKey(caller: string | null, address: string | null): string {
  if (caller !== null) return `owner:${caller}`;
  return address === null ? "unknown" : `network:${networkOf(address)}`;
}
