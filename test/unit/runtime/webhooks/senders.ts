/** What other services send: bodies and how they sign them, by node:crypto, which the runtime does not use for it. */
import { createHmac } from "node:crypto";
import { BOUNDARY, formBody, type Call, type FormPart } from "../../../support/app.ts";

export const hookSecrets = {
  HOOK_SECRET: "hook-secret-0123456789abcdef",
  HOOK_TOKEN: "hook-token-abcdef0123456789",
  HOOK_JWT: "hook-jwt-0123456789abcdefghijklmnopqrstuvwxyz",
  STANDARD_SECRET: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
} as const;

export function sign(
  body: string | Uint8Array,
  hash = "sha256",
  encoding: "hex" | "base64" = "hex",
  secret: string | Uint8Array = hookSecrets.HOOK_SECRET,
): string {
  return createHmac(hash, secret).update(body).digest(encoding);
}

export const jsonOf = (id: string, text = "hi"): string => JSON.stringify({ id, text });

/** Sends JSON as it stands. */
export const sendTo =
  (call: Call) =>
  (path: string, body: string, headers: Record<string, string> = {}) =>
    call(path, { method: "POST", headers: { "content-type": "application/json", ...headers }, body });

export const form = (parts: readonly FormPart[]) => {
  const body = formBody(parts);
  return { body, headers: { "content-type": `multipart/form-data; boundary=${BOUNDARY}` } };
};
