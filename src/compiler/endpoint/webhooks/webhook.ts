/** Compiles `webhook`: what a call has to prove before anything of it is done. */
import type { Step } from "../../../contract/plan.ts";
import type { Webhook, WebhookVerifier } from "../../../contract/plan/webhook.ts";
import { signsBody } from "../../../contract/plan/webhook.ts";
import type { Abi } from "../../language/schema.ts";
import { pointerStep, type Report } from "../../text/diagnostic.ts";
import { methodsOf } from "../../addresses.ts";
import { keyNameOf } from "../authentication.ts";
import type { Task } from "../order.ts";
import { readNetwork } from "./networks.ts";

type Written = NonNullable<Abi["webhook"]>["verifications"];
type Hmac = NonNullable<Written["HmacSignatureVerifier"]>;

const place = "/webhook/verifications";
const defaultToleranceSeconds = 300;
const nameOf = (accessor: string): string => accessor.replace("$ENV.", "");

/** Null without `webhook`. */
export function compileWebhook(abi: Abi, report: Report): Webhook | null {
  const { webhook, tokenize } = abi;
  if (webhook === undefined) return null;
  const written = webhook.verifications;
  const verifiers = readVerifiers(written, report);
  for (const { keyName } of verifiers.flatMap((one) => ("keyName" in one ? one : []))) {
    if (keyName === "LINK_SECRET" || (tokenize !== undefined && keyName === keyNameOf(tokenize))) {
      report.fault(place, `${keyName} signs what this runtime gives out; expected a secret of the sender's own`);
    }
  }
  checkMethods(abi, verifiers, report);
  return { verifiers, any: webhook.composition_strategy_mode === "ANY" };
}

function readVerifiers(written: Written, report: Report): WebhookVerifier[] {
  const { HeaderTokenVerifier: token, HmacSignatureVerifier: hmac, PublicKeySignatureVerifier: key } = written;
  const { JwtVerifier: jwt, IpAllowListVerifier: addresses } = written;
  const verifiers: WebhookVerifier[] = [];
  if (token !== undefined) {
    verifiers.push({ kind: "token", header: token.header_key.toLowerCase(), keyName: nameOf(token.secret_key) });
  }
  if (jwt !== undefined) verifiers.push(readJwt(jwt));
  if (addresses !== undefined)
    verifiers.push({ kind: "addresses", networks: readNetworks(addresses.allowed_ips, report) });
  if (hmac !== undefined) verifiers.push(readHmac(hmac, report));
  if (key !== undefined) verifiers.push(readKey(key, report));
  return verifiers;
}

function readHmac(hmac: Hmac, report: Report): WebhookVerifier {
  const { form = "plain", algorithm = "SHA256", encoding = "hex", prefix = "", tolerance } = hmac;
  const fault = (name: string, message: string) => report.fault(`${place}/HmacSignatureVerifier/${name}`, message);
  const bits = algorithm.slice(-3);
  for (const name of ["encoding", "prefix"] as const) {
    if (form !== "plain" && hmac[name] !== undefined) fault(name, `has no meaning: "${form}" says how it is written`);
  }
  if (form === "plain" && tolerance !== undefined) {
    fault("tolerance", 'has no meaning: no moment is signed; expected "form": "stripe" or "standard"');
  }
  if (form !== "plain" && bits !== "256") fault("algorithm", `"${form}" is HMAC with SHA-256; expected "SHA256"`);
  if (form === "standard" && !/-signature$/i.test(hmac.sig_header)) {
    fault(
      "sig_header",
      'expected a name that ends in "-signature", such as "webhook-signature": -id and -timestamp stand beside it',
    );
  }
  return {
    kind: "hmac",
    header: hmac.sig_header.toLowerCase(),
    keyName: nameOf(hmac.secret_key),
    hash: bits === "512" ? "SHA-512" : bits === "384" ? "SHA-384" : "SHA-256",
    form,
    encoding,
    prefix,
    toleranceSeconds: tolerance ?? defaultToleranceSeconds,
  };
}

function readKey(key: NonNullable<Written["PublicKeySignatureVerifier"]>, report: Report): WebhookVerifier {
  const { sig_header: header, public_key: name, algorithm, encoding = "base64", timestamp_header: moment } = key;
  if (moment === undefined && key.tolerance !== undefined) {
    report.fault(`${place}/PublicKeySignatureVerifier/tolerance`, 'has no meaning without "timestamp_header"');
  }
  const toleranceSeconds = key.tolerance ?? defaultToleranceSeconds;
  return {
    kind: "publicKey",
    header: header.toLowerCase(),
    keyName: nameOf(name),
    algorithm,
    encoding,
    ...(moment === undefined ? {} : { timestamp: { header: moment.toLowerCase(), toleranceSeconds } }),
  };
}

function readJwt({
  header_key: name,
  secret_key: key,
  algorithm,
  ...who
}: NonNullable<Written["JwtVerifier"]>): WebhookVerifier {
  const header = name.toLowerCase();
  const text = (value: string) => ({ from: "literal", value }) as const;
  return {
    kind: "jwt",
    token: {
      header,
      bearer: header === "authorization",
      algorithm,
      keyName: nameOf(key),
      ...(who.audience === undefined ? {} : { audience: [text(who.audience)] }),
      ...(who.issuer === undefined ? {} : { issuer: text(who.issuer) }),
    },
  };
}

function readNetworks(texts: readonly string[], report: Report): string[] {
  return texts.flatMap((text, index) => {
    const network = readNetwork(text);
    if ("bits" in network) return network.bits;
    report.fault(`${place}/IpAllowListVerifier/allowed_ips${pointerStep(index)}`, network.fault);
    return [];
  });
}

/** Names of the environment values that are needed. */
export function webhookNames(webhook: Webhook | null): string[] {
  return (webhook?.verifiers ?? []).flatMap((one) => {
    if (one.kind === "jwt") return one.token.keyName;
    return "keyName" in one ? one.keyName : [];
  });
}

const bodyVerifiers = { hmac: "HmacSignatureVerifier", publicKey: "PublicKeySignatureVerifier" } as const;
const verifierName = ({ kind }: WebhookVerifier): string =>
  kind === "hmac" || kind === "publicKey" ? bodyVerifiers[kind] : kind;

function checkMethods(abi: Abi, verifiers: readonly WebhookVerifier[], report: Report): void {
  if (!methodsOf(abi).includes("GET")) return;
  for (const verifier of verifiers.filter(signsBody)) {
    report.fault(
      `${place}/${verifierName(verifier)}`,
      'a GET has no body that could be signed; expected "methods": ["POST"]',
    );
  }
}

/** Whether a signature is known before anything is done that cannot be undone. */
export function checkWebhook(
  webhook: Webhook | null,
  tasks: readonly Task[],
  steps: readonly Step[],
  report: Report,
): void {
  const signing = (webhook?.verifiers ?? []).filter(signsBody);
  const upload = steps.findIndex(({ mode }) => mode === "upload");
  if (signing.length === 0 || upload < 0) return;
  if (signing.some(({ kind }) => kind === "publicKey")) {
    const remedy = "expected HmacSignatureVerifier, which is checked while the files pass";
    report.fault(
      `${place}/${bodyVerifiers.publicKey}`,
      `needs the whole body at once, and an UPLOAD never holds it; ${remedy}`,
    );
  }
  for (const [index, step] of steps.slice(0, upload).entries()) {
    const writes = step.mode === "query" ? step.writes : step.mode === "documents" && step.action !== "find";
    if (!writes) continue;
    const why = "writes before the files have come, when the signature over them is not known";
    report.fault(tasks[index]?.place ?? "", `${why}; expected it behind the UPLOAD`);
  }
}
