/** Tells whether a text is an address that a mail server could accept. */

/** RFC 5321 §4.5.3.1.3: a path of 256 octets, its angle brackets taken off. */
const MAX_OCTETS = 254;
/** RFC 5321 §4.5.3.1.1. */
const MAX_LOCAL_OCTETS = 64;

/** RFC 5322 §3.2.3, `dot-atom`, with letters and digits of every script (RFC 6531). One way to match: linear. */
const localPart = /^[\w!#$%&'*+/=?^`{|}~\-\p{L}\p{M}\p{N}]+(?:\.[\w!#$%&'*+/=?^`{|}~\-\p{L}\p{M}\p{N}]+)*$/u;
/** RFC 1035 §2.3.1, letters of every script (RFC 5890) and leading digits (RFC 1123 §2.1) included. */
const label = /^[\p{L}\p{N}](?:[-\p{L}\p{M}\p{N}]{0,61}[\p{L}\p{M}\p{N}])?$/u;

/**
 * True for `local@domain` without quotes, comments and address literals. The domain has a dot and may be a reserved
 * one (RFC 2606); nothing asks whether it exists.
 */
export function isEmail(text: string): boolean {
  // There are never fewer octets than UTF-16 units: a long text is refused unread.
  if (text.length > MAX_OCTETS || octets(text) > MAX_OCTETS) return false;
  const at = text.indexOf("@");
  const local = text.slice(0, Math.max(at, 0));
  const labels = text.slice(at + 1).split(".");
  return (
    octets(local) <= MAX_LOCAL_OCTETS &&
    localPart.test(local) &&
    labels.length > 1 &&
    labels.every((part) => label.test(part)) &&
    // Digits alone are the end of an IPv4 address.
    !/^\d+$/.test(labels.at(-1) ?? "")
  );
}

function octets(text: string): number {
  return encoder.encode(text).length;
}

const encoder = new TextEncoder();
