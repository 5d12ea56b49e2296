/** Signatures over the body that are made with a shared secret: checked while the body passes, which nobody keeps. */
import type { WebhookVerifier } from "../../contract/plan/webhook.ts";
import type { WebhookCall } from "../call/features.ts";
import { readWebhookSecret } from "../secrets.ts";
import { decode, encode, isEqual } from "./encoding.ts";
import { createHmac } from "./hmac.ts";
import type { BodyProof } from "./proof.ts";
import { isTimely } from "./timestamp.ts";

type HmacVerifier = Extract<WebhookVerifier, { readonly kind: "hmac" }>;

/** What the headers say of a signature. */
interface Claimed {
  /** Any of them may be right: senders sign twice while a secret changes. */
  readonly signatures: readonly Uint8Array[];
  /** What is signed in front of the body. */
  readonly prefix: string;
  /** Null: none is signed. */
  readonly seconds: string | null;
}

/** No sender has so many; each costs a comparison. */
const MAX_SIGNATURES = 8;

/** A text is why there is no proof, for the log. */
export async function openHmac(verifier: HmacVerifier, call: WebhookCall): Promise<BodyProof | string> {
  const { header, keyName, form, hash, toleranceSeconds } = verifier;
  // First: a deployment that lacks it is told so whatever is sent.
  const { secret, previousSecret = null } = readWebhookSecret(call.environment, keyName);
  const value = call.headers.get(header);
  if (value === null) return `No ${header} header`;
  const claimed = readers[form](value, verifier, call.headers);
  if (claimed === null || claimed.signatures.length > MAX_SIGNATURES) return `The ${header} header is no signature`;
  if (claimed.seconds !== null && !isTimely(claimed.seconds, toleranceSeconds, call.now)) {
    return "The signed moment is too far from now";
  }
  const keys = [secret, ...(previousSecret === null ? [] : [previousSecret])].map((text) => keyOf(text, form));
  const taps = await Promise.all(keys.map((key) => createHmac(hash, key, encode(claimed.prefix))));
  return {
    async push(bytes) {
      for (const tap of taps) await tap.push(bytes);
    },
    async finish() {
      const digests = await Promise.all(taps.map((tap) => tap.finish()));
      const matches = digests.flatMap((digest) => claimed.signatures.map((signature) => isEqual(digest, signature)));
      return matches.includes(true) ? null : `The signature in ${header} is wrong`;
    },
  };
}

/** Standard Webhooks hands its secrets out as `whsec_` and base64. */
function keyOf(secret: string, form: HmacVerifier["form"]): Uint8Array<ArrayBuffer> {
  const key = form === "standard" ? decode(secret.replace(/^whsec_/, ""), "base64") : null;
  return key ?? encode(secret);
}

type Reader = (value: string, verifier: HmacVerifier, headers: Headers) => Claimed | null;

const signed = (texts: readonly string[], encoding: HmacVerifier["encoding"]): Uint8Array[] =>
  texts.flatMap((text) => decode(text, encoding) ?? []).filter(({ length }) => length > 0);

const orNull = (claimed: Claimed): Claimed | null => (claimed.signatures.length === 0 ? null : claimed);

const readers: Readonly<Record<HmacVerifier["form"], Reader>> = {
  plain(value, { prefix, encoding }) {
    if (!value.startsWith(prefix)) return null;
    return orNull({ signatures: signed([value.slice(prefix.length)], encoding), prefix: "", seconds: null });
  },
  /** `t=1492774577,v1=5257a8…,v1=6ffbb5…`: https://docs.stripe.com/webhooks#verify-manually */
  stripe(value) {
    const pairs = value.split(",").map((pair) => pair.trim().split("="));
    const named = (name: string) => pairs.flatMap(([key, text = ""]) => (key === name ? [text] : []));
    const [seconds, ...others] = named("t");
    if (seconds === undefined || others.length > 0) return null;
    return orNull({ signatures: signed(named("v1"), "hex"), prefix: `${seconds}.`, seconds });
  },
  /** `v1,g0hM9…= v1,bm9…=`: https://github.com/standard-webhooks/standard-webhooks */
  standard(value, { header }, headers) {
    const beside = (name: string) => headers.get(header.replace(/signature$/, name));
    const [id, seconds] = [beside("id"), beside("timestamp")];
    // A comma: the header came twice. A full stop, which the specification warns of, would leave open where the id ends.
    if (id === null || seconds === null || !/^[^.,]+$/.test(id)) return null;
    const texts = value.split(" ").flatMap((part) => (part.startsWith("v1,") ? [part.slice(3)] : []));
    return orNull({ signatures: signed(texts, "base64"), prefix: `${id}.${seconds}.`, seconds });
  },
};
