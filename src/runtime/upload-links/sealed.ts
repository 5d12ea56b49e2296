/**
 * What an upload link carries: text that nobody can read or change without the deployment's secret. AES-256-GCM under a key
 * that HKDF-SHA-256 (RFC 5869) derives for nothing else, with a random nonce of 96 bits in front (NIST SP 800-38D §8.2.2).
 */
import type { SecretPair } from "../secrets.ts";

const INFO = new TextEncoder().encode("sluice upload link");
const NONCE_BYTES = 12;
/** An address has to fit into what programs keep of one. */
export const MAX_SEALED_LENGTH = 4096;
const encoder = new TextEncoder();

export async function seal(text: string, { secret }: SecretPair): Promise<string> {
  const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
  const sealed = await crypto.subtle.encrypt(cipher(nonce), await keyOf(secret), encoder.encode(text));
  const bytes = new Uint8Array(NONCE_BYTES + sealed.byteLength);
  bytes.set(nonce);
  bytes.set(new Uint8Array(sealed), NONCE_BYTES);
  return toText(bytes);
}

/** The text again; null where neither secret has sealed it, or a character is another one. */
export async function unseal(sealed: string, { secret, previousSecret = null }: SecretPair): Promise<string | null> {
  const bytes = sealed.length > MAX_SEALED_LENGTH ? null : fromText(sealed);
  if (bytes === null) return null;
  return (await open(bytes, secret)) ?? (previousSecret === null ? null : open(bytes, previousSecret));
}

async function open(bytes: Uint8Array<ArrayBuffer>, secret: string): Promise<string | null> {
  try {
    const key = await keyOf(secret);
    const opened = await crypto.subtle.decrypt(
      cipher(bytes.subarray(0, NONCE_BYTES)),
      key,
      bytes.subarray(NONCE_BYTES),
    );
    return new TextDecoder().decode(opened);
  } catch {
    // Whatever is wrong with it.
    return null;
  }
}

const cipher = (iv: Uint8Array<ArrayBuffer>) => ({ name: "AES-GCM", iv });

async function keyOf(secret: string): Promise<CryptoKey> {
  const known = await crypto.subtle.importKey("raw", encoder.encode(secret), "HKDF", false, ["deriveKey"]);
  const derivation = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(0), info: INFO };
  return crypto.subtle.deriveKey(derivation, known, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
}

/** base64url without padding: RFC 4648 §5. */
const toText = (bytes: Uint8Array): string =>
  btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");

/** Null for another spelling of the same bytes as well. */
function fromText(text: string): Uint8Array<ArrayBuffer> | null {
  if (!/^[\w-]+$/.test(text) || text.length % 4 === 1) return null;
  const bytes = Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));
  return toText(bytes) === text ? bytes : null;
}
