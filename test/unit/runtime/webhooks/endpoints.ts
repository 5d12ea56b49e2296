/** Endpoints that other services call. */
import { authentication } from "../../compiler/support.ts";

export const tableOf = (): string => "CREATE TABLE events (id text PRIMARY KEY NOT NULL, body text)";

const insert = (id: string, body: string) => ({
  id: 2,
  mode: "QUERY",
  sql_query: { query: "INSERT INTO events (id, body) VALUES ($1, $2) RETURNING id", parameters: [id, body] },
});
const json = [insert("$PAYLOAD.id", "$PAYLOAD.text")];
const files = [
  { id: 1, mode: "UPLOAD", uploads: { allowed_mimetypes: ["*/*"], max_upload_file_size: 99_000_000 } },
  insert("storage_key", "$PAYLOAD.text"),
];
const hmac = { sig_header: "X-Signature", secret_key: "$ENV.HOOK_SECRET", algorithm: "SHA256" };
const token = { header_key: "X-Hook-Token", secret_key: "$ENV.HOOK_TOKEN" };
const addresses = { allowed_ips: ["192.0.2.0/25", "2001:db8::/33", "198.51.100.7"] };

const endpoint = (resource: string, verifications: object, more: object = {}) => {
  const { composition_strategy_mode: mode, ...others } = more as { composition_strategy_mode?: string };
  const webhook = { verifications, ...(mode === undefined ? {} : { composition_strategy_mode: mode }) };
  return { id: `${resource}-01`, resource, webhook, actionables: json, ...others };
};
const any = { composition_strategy_mode: "ANY" };
const key = (algorithm: string) => ({ sig_header: "X-Signature", public_key: `$ENV.${algorithm}_KEY`, algorithm });

export const abis: readonly { readonly id: string }[] = [
  endpoint("signed", { HmacSignatureVerifier: hmac }),
  endpoint("signed-as-github", { HmacSignatureVerifier: { ...hmac, prefix: "sha256=" } }),
  endpoint("signed-512", { HmacSignatureVerifier: { ...hmac, algorithm: "sha512", encoding: "base64" } }),
  endpoint("signed-384", { HmacSignatureVerifier: { ...hmac, algorithm: "SHA-384" } }),
  endpoint("signed-as-stripe", { HmacSignatureVerifier: { ...hmac, form: "stripe", tolerance: 60 } }),
  endpoint("signed-as-standard", {
    HmacSignatureVerifier: { sig_header: "webhook-signature", secret_key: "$ENV.STANDARD_SECRET", form: "standard" },
  }),
  endpoint("signed-files", { HmacSignatureVerifier: hmac }, { actionables: files }),
  endpoint("tokened", { HeaderTokenVerifier: token }),
  endpoint("listed", { IpAllowListVerifier: addresses }),
  endpoint("jwt", {
    JwtVerifier: { header_key: "Authorization", secret_key: "$ENV.HOOK_JWT", algorithm: "HS256", issuer: "sender" },
  }),
  endpoint("all-of-them", {
    HmacSignatureVerifier: hmac,
    HeaderTokenVerifier: token,
    IpAllowListVerifier: addresses,
  }),
  endpoint(
    "any-of-them",
    { HmacSignatureVerifier: hmac, HeaderTokenVerifier: token, IpAllowListVerifier: addresses },
    any,
  ),
  endpoint(
    "protected-too",
    { HmacSignatureVerifier: hmac },
    {
      ...authentication,
      protected: { provide_as: "x-access-token", extract_claims: ["id"] },
    },
  ),
  ...["ED25519", "ES256", "RS256", "PS256"].map((algorithm) =>
    endpoint(`key-${algorithm.toLowerCase()}`, { PublicKeySignatureVerifier: key(algorithm) }),
  ),
  endpoint("key-as-discord", {
    PublicKeySignatureVerifier: { ...key("ED25519"), encoding: "hex", timestamp_header: "X-Timestamp" },
  }),
];
