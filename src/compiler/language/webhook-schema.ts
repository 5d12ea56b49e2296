/** The shape of `webhook`: what a call has to prove. */
import * as z from "zod";

const headerName = z
  .string()
  .max(255)
  .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, "expected the name of a request header");
const secret = z
  .string()
  .regex(/^\$ENV\.[A-Za-z_]\w*$/, "expected a secret of the deployment, written $ENV.NAME; never the secret itself");
const tolerance = z
  .int()
  .min(1)
  .max(86_400)
  .describe("Seconds that the signed moment may be from now. Default: 300.")
  .optional();

export const headerToken = z.strictObject({
  header_key: headerName.describe("The header that carries the token."),
  secret_key: secret.describe("The token that is expected: $ENV.NAME."),
});

export const hmacSignature = z.strictObject({
  sig_header: headerName.describe("The header that carries the signature."),
  secret_key: secret.describe("The shared secret: $ENV.NAME."),
  algorithm: z
    .string()
    .regex(/^(?:SHA-?|HS)(?:256|384|512)$/i, 'expected "SHA256", "SHA384" or "SHA512"')
    .describe("The hash of the HMAC. Default: SHA256.")
    .optional(),
  form: z
    .enum(["plain", "stripe", "standard"])
    .describe('How the header is written: "plain" (default), "stripe" (t=…,v1=…) or "standard" (Standard Webhooks).')
    .optional(),
  encoding: z.enum(["hex", "base64"]).describe('Of "plain". Default: hex.').optional(),
  prefix: z
    .string()
    .min(1)
    .max(32)
    .describe('Of "plain": what stands before the signature, such as "sha256=".')
    .optional(),
  tolerance,
});

export const publicKeySignature = z.strictObject({
  sig_header: headerName.describe("The header that carries the signature."),
  public_key: secret.describe("The sender's public key, PEM: $ENV.NAME."),
  algorithm: z.enum(["ED25519", "ES256", "RS256", "PS256"]).describe("Ed25519, ECDSA with P-256, or RSA; SHA-256."),
  encoding: z.enum(["hex", "base64"]).describe("How the signature is written. Default: base64.").optional(),
  timestamp_header: headerName.describe("A header whose text is signed in front of the body: seconds.").optional(),
  tolerance,
});

export const jwt = z.strictObject({
  header_key: headerName.describe("Header that carries the token: `Authorization` means `Bearer <token>`."),
  secret_key: secret.describe("The secret that tokens are signed with: $ENV.NAME."),
  algorithm: z.enum(["HS256", "HS384", "HS512"]).describe("The one algorithm that is accepted."),
  audience: z.string().min(1).describe("What must be in `aud`. Absent: anything.").optional(),
  issuer: z.string().min(1).describe("What `iss` must be. Absent: anything.").optional(),
});

export const ipAllowList = z.strictObject({
  allowed_ips: z
    .array(z.string().min(1).max(64))
    .min(1)
    .max(1000)
    .describe('Addresses and networks, IPv4 and IPv6: "192.0.2.1", "198.51.100.0/24", "2001:db8::/32".'),
});

export const verifications = z
  .strictObject({
    HeaderTokenVerifier: headerToken.describe("A header that carries a secret.").optional(),
    HmacSignatureVerifier: hmacSignature.describe("A signature over the body, by a shared secret.").optional(),
    PublicKeySignatureVerifier: publicKeySignature.describe("A signature over the body, by a private key.").optional(),
    JwtVerifier: jwt.describe("A token of the sender.").optional(),
    IpAllowListVerifier: ipAllowList.describe("Addresses that may call.").optional(),
  })
  .refine((given) => Object.keys(given).length > 0, "expected a verification, such as HmacSignatureVerifier")
  .describe("What a call has to prove.");

export const webhook = z
  .strictObject({
    verifications,
    composition_strategy_mode: z
      .enum(["ALL", "ANY"])
      .describe('"ALL" (default): every verification has to pass; "ANY": one does.')
      .optional(),
  })
  .describe("Calls of other services, which prove who they are by a signature, a token or an address: else 401.");

export const verifierShapes = {
  HeaderTokenVerifier: headerToken,
  HmacSignatureVerifier: hmacSignature,
  PublicKeySignatureVerifier: publicKeySignature,
  JwtVerifier: jwt,
  IpAllowListVerifier: ipAllowList,
} as const;
