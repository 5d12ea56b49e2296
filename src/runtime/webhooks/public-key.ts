/** Signatures over the body by a private key. WebCrypto verifies whole messages, so the body, of which there is little, is kept. */
import type { WebhookVerifier } from "../../contract/plan/webhook.ts";
import { misconfigured, Problem } from "../../contract/problem.ts";
import type { WebhookCall } from "../call/features.ts";
import { decode, encode } from "./encoding.ts";
import type { BodyProof } from "./proof.ts";
import { isTimely } from "./timestamp.ts";

type KeyVerifier = Extract<WebhookVerifier, { readonly kind: "publicKey" }>;

/** A text is why there is no proof, for the log. */
export async function openPublicKey(verifier: KeyVerifier, call: WebhookCall): Promise<BodyProof | string> {
  const { header, keyName, encoding, timestamp } = verifier;
  const key = await importKey(call.environment(keyName), verifier);
  const signature = decode(call.headers.get(header) ?? "", encoding);
  if (signature === null || signature.length === 0) return `The ${header} header is no signature`;
  const seconds = timestamp === undefined ? "" : call.headers.get(timestamp.header);
  if (seconds === null) return "No signed moment";
  if (timestamp !== undefined && !isTimely(seconds, timestamp.toleranceSeconds, call.now)) {
    return "The signed moment is too far from now";
  }
  const pieces: Uint8Array[] = [encode(seconds)];
  let length = 0;
  return {
    push(bytes, account) {
      length += bytes.length;
      if (length > MAX_KEPT_BYTES) throw new Problem("body_too_large", { members: { limit: MAX_KEPT_BYTES } });
      // The pieces, and the message that is made of them.
      account.take(2 * bytes.length);
      pieces.push(bytes.slice());
    },
    async finish() {
      const message = await new Blob(pieces).arrayBuffer();
      // A signature of another length is an error to some algorithms.
      const verified = crypto.subtle.verify(uses[verifier.algorithm], key, signature, message);
      const isRight = await verified.catch(() => false);
      return isRight ? null : `The signature in ${header} is wrong`;
    },
  };
}

/** As long as JSON may be by default. */
const MAX_KEPT_BYTES = 1_048_576;

const rsa = { hash: "SHA-256" };
const uses: Readonly<Record<KeyVerifier["algorithm"], SubtleCryptoSignAlgorithm>> = {
  ED25519: { name: "Ed25519" },
  ES256: { name: "ECDSA", ...rsa },
  RS256: { name: "RSASSA-PKCS1-v1_5" },
  PS256: { name: "RSA-PSS", saltLength: 32 },
};
const kinds: Readonly<Record<KeyVerifier["algorithm"], SubtleCryptoImportKeyAlgorithm>> = {
  ED25519: { name: "Ed25519" },
  ES256: { name: "ECDSA", namedCurve: "P-256" },
  RS256: { name: "RSASSA-PKCS1-v1_5", ...rsa },
  PS256: { name: "RSA-PSS", ...rsa },
};

/** PEM (SPKI); of Ed25519 also its 32 bytes as hex. @throws Problem `misconfigured` for what is no such key */
async function importKey(text: string, { keyName, algorithm }: KeyVerifier): Promise<CryptoKey> {
  const raw = algorithm === "ED25519" && /^[\da-fA-F]{64}$/.test(text.trim()) ? decode(text.trim(), "hex") : null;
  const spki = decode(text.replaceAll(/-----[A-Z ]+-----|\s|\\n/g, ""), "base64");
  try {
    const bytes = raw ?? spki ?? new Uint8Array(0);
    return await crypto.subtle.importKey(raw === null ? "spki" : "raw", bytes, kinds[algorithm], false, ["verify"]);
  } catch {
    throw misconfigured(`${keyName} is no public key for ${algorithm}: expected PEM that begins with BEGIN PUBLIC KEY`);
  }
}
