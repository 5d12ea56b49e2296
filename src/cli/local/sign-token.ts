/** Signs development tokens as the shipped ABIs verify them: JWT, HS256, an `exp`. */
import { SignJWT } from "jose";

export interface TokenOptions {
  readonly secret: string;
  readonly claims: Readonly<Record<string, string>>;
  readonly expiresSeconds: number;
}

export function signToken({ secret, claims, expiresSeconds }: TokenOptions): Promise<string> {
  const issuedAt = Math.floor(Date.now() / 1000);
  return new SignJWT({ ...claims })
    .setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + expiresSeconds)
    .sign(new TextEncoder().encode(secret));
}
