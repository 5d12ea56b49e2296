/** The key of the owner whose share of an isolate a call uses. */
import { networkOf } from "../client-address.ts";

/** The caller where one is known, else the network that the call came from; calls with neither share one key. */
export function ownerKey(caller: string | null, address: string | null): string {
  if (caller !== null) return `owner:${caller}`;
  return address === null ? "unknown" : `network:${networkOf(address)}`;
}
