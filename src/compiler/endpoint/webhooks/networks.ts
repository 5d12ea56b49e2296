/** Reads the addresses and networks of an IpAllowListVerifier. */
import { isIPv4, isIPv6 } from "node:net";
import { bitsOfAddress } from "../../../contract/webhooks/networks.ts";

/** The network's leading bits as the plan has them; a text with `fault` says what is wrong. */
export function readNetwork(text: string): { readonly bits: string } | { readonly fault: string } {
  const [address = "", length, ...rest] = text.split("/");
  const width = isIPv4(address) ? 32 : isIPv6(address) && !address.includes("%") ? 128 : 0;
  const kept = length === undefined ? width : /^\d{1,3}$/.test(length) ? Number(length) : -1;
  if (width === 0 || rest.length > 0 || kept < 0 || kept > width) {
    return {
      fault: `${JSON.stringify(text)} is no address or network; expected one such as "192.0.2.1" or "2001:db8::/32"`,
    };
  }
  const canonical = width === 32 ? address : new URL(`http://[${address}]/`).hostname.slice(1, -1);
  if (canonical.startsWith("::ffff:")) {
    return { fault: `${JSON.stringify(text)} is an IPv4 address in IPv6: write it as IPv4` };
  }
  const [version = "", bits = ""] = bitsOfAddress(canonical).split(":");
  if (bits.slice(kept).includes("1")) {
    return {
      fault: `${JSON.stringify(text)} has bits behind its first ${String(kept)}: expected the network's own address`,
    };
  }
  return { bits: `${version}:${bits.slice(0, kept)}` };
}
