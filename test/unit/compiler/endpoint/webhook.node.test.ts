/** webhook: what compiles to which verifier, and what is refused. */
import { expect, test } from "vitest";
import { abi, diagnose, plan, query, upload } from "../support.ts";

type Members = Record<string, unknown>;
const insert = query(2, "INSERT INTO albums (id, owner) VALUES ($1, $2)", ["$GENERATOR.KSUID", "$PAYLOAD.owner"]);
const open = { tokenize: undefined, protected: undefined };
const hook = (verifications: Members, more: Members = {}, actionables: readonly Members[] = [insert]): Members =>
  abi(actionables, { ...open, webhook: { verifications }, ...more });
const hmac = { sig_header: "X-Signature", secret_key: "$ENV.HOOK_SECRET", algorithm: "SHA256" };
const key = { sig_header: "X-Signature", public_key: "$ENV.HOOK_KEY", algorithm: "ED25519" };
const place = "a.json/webhook/verifications";

test("is compiled to what the Worker checks, and names its secrets", async () => {
  const found = await plan(
    hook({ HmacSignatureVerifier: hmac, IpAllowListVerifier: { allowed_ips: ["192.0.2.0/24", "::/0"] } }),
  );
  expect(found.webhook).toEqual({
    any: false,
    verifiers: [
      { kind: "addresses", networks: ["4:110000000000000000000010", "6:"] },
      {
        kind: "hmac",
        header: "x-signature",
        keyName: "HOOK_SECRET",
        hash: "SHA-256",
        form: "plain",
        encoding: "hex",
        prefix: "",
        toleranceSeconds: 300,
      },
    ],
  });
  expect(found.environment).toEqual(["HOOK_SECRET"]);
  expect(found.isSecret).toBe(true);
});

test.each<[string, Members, string]>([
  ["no verification", hook({}), `${place}: expected a verification, such as HmacSignatureVerifier`],
  [
    "a secret written out",
    hook({ HmacSignatureVerifier: { ...hmac, secret_key: "s3cret" } }),
    `${place}/HmacSignatureVerifier/secret_key: expected a secret of the deployment, written $ENV.NAME`,
  ],
  [
    "another hash",
    hook({ HmacSignatureVerifier: { ...hmac, algorithm: "MD5" } }),
    `${place}/HmacSignatureVerifier/algorithm: expected "SHA256", "SHA384" or "SHA512"`,
  ],
  [
    "a misspelt verifier",
    hook({ HmacVerifier: hmac, HmacSignatureVerifier: hmac }),
    `${place}/HmacVerifier: unknown property "HmacVerifier"; expected HeaderTokenVerifier, HmacSignatureVerifier`,
  ],
  [
    "a misspelt member",
    hook({ HmacSignatureVerifier: { ...hmac, sig_headers: "x" } }),
    `${place}/HmacSignatureVerifier/sig_headers: unknown property "sig_headers"; expected sig_header, secret_key`,
  ],
  [
    "the key of links",
    hook({ HmacSignatureVerifier: { ...hmac, secret_key: "$ENV.LINK_SECRET" } }),
    `${place}: LINK_SECRET signs what this runtime gives out; expected a secret of the sender's own`,
  ],
  [
    "a tolerance without a moment",
    hook({ HmacSignatureVerifier: { ...hmac, tolerance: 5 } }),
    `${place}/HmacSignatureVerifier/tolerance: has no meaning: no moment is signed`,
  ],
  [
    "a prefix beside a form that has none",
    hook({ HmacSignatureVerifier: { ...hmac, form: "stripe", prefix: "x=" } }),
    `${place}/HmacSignatureVerifier/prefix: has no meaning: "stripe" says how it is written`,
  ],
  [
    "a header that Standard Webhooks cannot stand beside",
    hook({ HmacSignatureVerifier: { ...hmac, sig_header: "X-Sig", form: "standard" } }),
    `${place}/HmacSignatureVerifier/sig_header: expected a name that ends in "-signature"`,
  ],
  [
    "no address",
    hook({ IpAllowListVerifier: { allowed_ips: ["192.0.2.1", "192.0.2.300"] } }),
    `${place}/IpAllowListVerifier/allowed_ips/1: "192.0.2.300" is no address or network`,
  ],
  [
    "a network with bits behind it",
    hook({ IpAllowListVerifier: { allowed_ips: ["192.0.2.1/24"] } }),
    `${place}/IpAllowListVerifier/allowed_ips/0: "192.0.2.1/24" has bits behind its first 24`,
  ],
  [
    "an IPv4 address in IPv6",
    hook({ IpAllowListVerifier: { allowed_ips: ["::ffff:192.0.2.1"] } }),
    `${place}/IpAllowListVerifier/allowed_ips/0: "::ffff:192.0.2.1" is an IPv4 address in IPv6: write it as IPv4`,
  ],
  [
    "a GET whose body is signed",
    hook({ HmacSignatureVerifier: hmac }, { methods: ["GET"] }, [query(1, "SELECT id FROM albums")]),
    `${place}/HmacSignatureVerifier: a GET has no body that could be signed`,
  ],
  [
    "files under a private key",
    hook({ PublicKeySignatureVerifier: key }, {}, [upload()]),
    `${place}/PublicKeySignatureVerifier: needs the whole body at once, and an UPLOAD never holds it`,
  ],
  [
    "a write before signed files",
    hook({ HmacSignatureVerifier: hmac }, {}, [insert, upload({}, { id: 3 })]),
    "a.json/actionables/0: writes before the files have come, when the signature over them is not known",
  ],
  [
    "an endpoint that nobody calls",
    hook({ HmacSignatureVerifier: hmac }, { cron_job: { execution_interval: "0 0 0 * * *" } }, [
      query(1, "DELETE FROM albums WHERE title IS NULL"),
    ]),
    "a.json/webhook: nobody calls this endpoint",
  ],
])("refuses %s", async (_, source, line) => {
  const faults = (await diagnose(source)).filter((told) => !told.includes(": warning: "));
  expect(faults).toEqual([expect.stringContaining(line)]);
});
