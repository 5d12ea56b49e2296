/** IP addresses in canonical form, so that two texts are the same address exactly when they are equal. */

/**
 * Dotted IPv4, or IPv6 as RFC 5952 writes it; an IPv4 address mapped into IPv6 is that IPv4 address. Null for other
 * texts.
 */
export function readAddress(text: string): string | null {
  if (isDotted(text)) return text;
  // The URL parser is the platform's own reader of IPv6; only an address's characters may reach it.
  const url = `http://[${text}]/`;
  if (!/^[\da-fA-F:.]{2,45}$/.test(text) || !URL.canParse(url)) return null;
  const address = new URL(url).hostname.slice(1, -1);
  const [, high, low] = /^::ffff:([\da-f]{1,4}):([\da-f]{1,4})$/.exec(address) ?? [];
  if (high === undefined || low === undefined) return address;
  return [high, low].flatMap((group) => [parseInt(group, 16) >> 8, parseInt(group, 16) & 255]).join(".");
}

/**
 * The address that a request came from; null when it is unknown. Only `CF-Connecting-IP` counts: Cloudflare sets it
 * itself, while any client can send `X-Forwarded-For`.
 */
export function clientAddress(headers: Headers): string | null {
  return readAddress(headers.get("CF-Connecting-IP") ?? "");
}

/**
 * The network that one customer has: an IPv4 address itself; of an IPv6 address, the first 64 bits (RFC 6177 §2).
 * @param address as `readAddress` writes it
 */
export function networkOf(address: string): string {
  if (!address.includes(":")) return address;
  const [head = "", tail] = address.split("::");
  const groups = head === "" ? [] : head.split(":");
  const last = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = tail === undefined ? [] : Array.from({ length: 8 - groups.length - last.length }, () => "0");
  return `${[...groups, ...zeros, ...last].slice(0, 4).join(":")}::/64`;
}

/** Four numbers up to 255, without leading zeros, which some readers take for octal. */
function isDotted(text: string): boolean {
  const parts = text.split(".");
  return parts.length === 4 && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255);
}
