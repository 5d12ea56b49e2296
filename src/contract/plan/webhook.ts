/** `webhook` of an ABI, compiled: what a call proves of who sent it. */
import type { Authentication } from "./authentication.ts";

/** How a signature is written: as text alone behind a prefix, or as one of two conventions that sign a moment as well. */
export type SignatureForm = "plain" | "stripe" | "standard";

/** One proof that a call can bring (`webhook`). `header` is in lower case. */
export type WebhookVerifier =
  | { readonly kind: "token"; readonly header: string; readonly keyName: string }
  | {
      readonly kind: "hmac";
      readonly header: string;
      readonly keyName: string;
      readonly hash: "SHA-256" | "SHA-384" | "SHA-512";
      readonly form: SignatureForm;
      readonly encoding: "hex" | "base64";
      readonly prefix: string;
      /** How far the signed moment may be from the request's. */
      readonly toleranceSeconds: number;
    }
  | {
      readonly kind: "publicKey";
      readonly header: string;
      readonly keyName: string;
      readonly algorithm: "ED25519" | "ES256" | "RS256" | "PS256";
      readonly encoding: "hex" | "base64";
      /** The header with a moment that is signed in front of the body; absent = none is. */
      readonly timestamp?: { readonly header: string; readonly toleranceSeconds: number };
    }
  | { readonly kind: "jwt"; readonly token: Omit<Authentication, "claims" | "require" | "isRevocable"> }
  /** `networks` as contract/webhooks/networks writes them. */
  | { readonly kind: "addresses"; readonly networks: readonly string[] };

/** `webhook`: what a call must prove before anything of it is done. */
export interface Webhook {
  readonly verifiers: readonly WebhookVerifier[];
  /** One proof will do. */
  readonly any: boolean;
}

/** Proofs that are known when the whole body has been read. */
export const signsBody = ({ kind }: WebhookVerifier): boolean => kind === "hmac" || kind === "publicKey";
