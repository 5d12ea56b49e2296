/**
 * `webhook`: what a call proves by its headers is checked before a byte of its body is read, what the body proves while it
 * passes and before anything is done with it.
 */
import { bitsOfAddress } from "../../contract/webhooks/networks.ts";
import { signsBody, type Webhook, type WebhookVerifier } from "../../contract/plan/webhook.ts";
import { Problem } from "../../contract/problem.ts";
import { verifyToken } from "../auth/authenticate.ts";
import type { IncomingBody, Reception } from "../body/incoming-body.ts";
import { readThrough } from "../body/read-through.ts";
import type { WebhookCall } from "../call/features.ts";
import { readWebhookSecret } from "../secrets.ts";
import { encode, isEqual } from "./encoding.ts";
import type { BodyProof } from "./proof.ts";
import { openPublicKey } from "./public-key.ts";
import { openHmac } from "./signature.ts";

type HeaderVerifier = Exclude<WebhookVerifier, { readonly kind: "hmac" | "publicKey" }>;
type BodyVerifier = Extract<WebhookVerifier, { readonly kind: "hmac" | "publicKey" }>;

const isBodyVerifier = (verifier: WebhookVerifier): verifier is BodyVerifier => signsBody(verifier);
const isHeaderVerifier = (verifier: WebhookVerifier): verifier is HeaderVerifier => !signsBody(verifier);

/**
 * What opens the call's body.
 * @throws Problem `webhook_unverified` where the headers show already that there is no proof, `misconfigured`
 */
export async function openVerified({ verifiers, any }: Webhook, call: WebhookCall): Promise<WebhookCall["openBody"]> {
  const [byBody, byHeaders] = [verifiers.filter(isBodyVerifier), verifiers.filter(isHeaderVerifier)];
  const faults: string[] = [];
  for (const verifier of byHeaders) {
    const fault = await headerFault(verifier, call);
    if (fault === null && any) return call.openBody;
    if (fault !== null) faults.push(fault);
  }
  const opened = await Promise.all(
    byBody.map((verifier) => (verifier.kind === "hmac" ? openHmac(verifier, call) : openPublicKey(verifier, call))),
  );
  faults.push(...opened.filter((proof) => typeof proof === "string"));
  const proofs = opened.filter((proof) => typeof proof !== "string");
  if (any ? proofs.length === 0 : faults.length > 0) throw unverified(faults);
  return proofs.length === 0 ? call.openBody : opening(proofs, any, call.openBody);
}

/** Always the same on the wire. */
const unverified = (faults: readonly string[]): Problem =>
  new Problem("webhook_unverified", { reason: faults.join("; ") });

/** Why the headers are no proof, for the log; null where they are. */
async function headerFault(verifier: HeaderVerifier, call: WebhookCall): Promise<string | null> {
  switch (verifier.kind) {
    case "token":
      return tokenFault(verifier, call);
    case "jwt":
      return jwtFault(verifier, call);
    case "addresses": {
      const bits = call.clientIp === null ? "" : bitsOfAddress(call.clientIp);
      return verifier.networks.some((network) => bits.startsWith(network)) ? null : "The address is not listed";
    }
    default:
      return verifier satisfies never;
  }
}

async function tokenFault(
  { header, keyName }: Extract<WebhookVerifier, { readonly kind: "token" }>,
  { headers, environment }: WebhookCall,
): Promise<string | null> {
  const { secret, previousSecret = null } = readWebhookSecret(environment, keyName);
  const value = headers.get(header);
  if (value === null) return `No ${header} header`;
  // Digests are equally long, whatever was sent.
  const digest = async (text: string) => new Uint8Array(await crypto.subtle.digest("SHA-256", encode(text)));
  const sent = await digest(value);
  const isCurrent = isEqual(sent, await digest(secret));
  const isPrevious = previousSecret !== null && isEqual(sent, await digest(previousSecret));
  return isCurrent || isPrevious ? null : `The token in ${header} is wrong`;
}

async function jwtFault(
  { token }: Extract<WebhookVerifier, { readonly kind: "jwt" }>,
  { headers, environment, now }: WebhookCall,
): Promise<string | null> {
  try {
    await verifyToken(token, headers, { deployment: { text: environment }, now, isRevoked: async () => false });
    return null;
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== "unauthorized") throw error;
    return error.message;
  }
}

/** Lets the proofs see every byte that is read, and asks them when there are no more. */
function opening(proofs: readonly BodyProof[], any: boolean, open: WebhookCall["openBody"]): WebhookCall["openBody"] {
  const watched = (account: Reception["account"]): Reception["account"] => ({
    ...account,
    async receive(reading) {
      const bytes = await account.receive(reading);
      if (bytes.length > 0) for (const proof of proofs) await proof.push(bytes, account);
      return bytes;
    },
  });
  const verify = async () => {
    const faults = (await Promise.all(proofs.map((proof) => proof.finish()))).filter((fault) => fault !== null);
    if (any ? faults.length === proofs.length : faults.length > 0) throw unverified(faults);
  };
  return async (request, accepted, reception) =>
    verified(await open(request, accepted, { ...reception, account: watched(reception.account) }), verify);
}

/** The body, of which nobody sees the end before it is verified. */
function verified(body: IncomingBody, verify: () => Promise<void>): IncomingBody {
  let outcome: Promise<void> | null = null;
  const once = () => (outcome ??= verify());
  return readThrough(body, {
    async readFields() {
      try {
        await body.readFields();
      } catch (error) {
        // A stranger is not told what is wrong with the JSON.
        if (!body.isForm && error instanceof Problem && error.code === "body_malformed") await once();
        throw error;
      }
      if (body.isComplete) await once();
    },
    async *files() {
      yield* body.files();
      await once();
    },
  });
}
