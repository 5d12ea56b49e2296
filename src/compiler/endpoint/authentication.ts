/** Compiles `tokenize` and `protected`: how callers prove who they are. */
import type { Authentication, TokenIssue } from "../../contract/plan/authentication.ts";
import type { ConfiguredText } from "../../contract/plan/reference.ts";
import { pathFault } from "../text/accessor.ts";
import type { Report } from "../text/diagnostic.ts";
import { pointerStep } from "../text/diagnostic.ts";
import type { Abi } from "../language/schema.ts";

/**
 * Null for an open endpoint, and after a fault that leaves nothing to compile.
 * @param revocableKeys names of the secrets whose tokens some endpoint revokes
 */
export function readAuthentication(
  abi: Abi,
  revocableKeys: ReadonlySet<string>,
  report: Report,
): Authentication | null {
  const { tokenize, protected: protection } = abi;
  const keyFault = tokenize === undefined ? null : findKeyFault(keyNameOf(tokenize));
  if (keyFault !== null) report.fault("/tokenize/encryption_key", keyFault);
  if (protection === undefined) return null;
  if (tokenize === undefined) {
    report.fault("/protected", 'needs "tokenize": the algorithm and key that tokens are verified with');
    return null;
  }
  for (const [index, claim] of protection.extract_claims.entries()) {
    const fault = pathFault([claim]);
    if (fault !== null) report.fault(`/protected/extract_claims${pointerStep(index)}`, fault);
  }
  const repeated = protection.extract_claims.findIndex((claim, index, all) => all.indexOf(claim) !== index);
  if (repeated >= 0) report.fault(`/protected/extract_claims${pointerStep(repeated)}`, "this claim is listed twice");
  const header = protection.provide_as.toLowerCase();
  const { audience, issuer, max_age: maxAgeSeconds } = tokenize;
  return {
    header,
    bearer: header === "authorization",
    algorithm: tokenize.algorithm,
    keyName: keyNameOf(tokenize),
    claims: protection.extract_claims,
    ...(protection.require === undefined ? {} : { require: readRequired(protection.require, report) }),
    ...(audience === undefined ? {} : { audience: [audience].flat().map(configuredText) }),
    ...(issuer === undefined ? {} : { issuer: configuredText(issuer) }),
    ...(maxAgeSeconds === undefined ? {} : { maxAgeSeconds }),
    ...(revocableKeys.has(keyNameOf(tokenize)) ? { isRevocable: true } : {}),
  };
}

type Texts = Pick<Authentication | TokenIssue, "audience" | "issuer">;
type Required = NonNullable<Authentication["require"]>;

function readRequired(required: Required, report: Report): Required {
  if (Object.keys(required).length === 0) {
    report.fault("/protected/require", 'expected at least one claim, such as {"role": ["admin"]}');
  }
  for (const claim of Object.keys(required)) {
    const fault = pathFault([claim]);
    if (fault !== null) report.fault(`/protected/require${pointerStep(claim)}`, fault);
  }
  return required;
}

/** Name of the secret in the environment. */
export const keyNameOf = ({ encryption_key: key }: NonNullable<Abi["tokenize"]>): string => key.replace("$ENV.", "");

/** Names of all environment values that verifying or issuing a token needs. */
export function tokenNames({ keyName, audience, issuer }: Pick<Authentication, "keyName"> & Partial<Texts>): string[] {
  const texts = [audience, issuer].flat().filter((text) => text !== undefined);
  return [keyName, ...texts.flatMap((text) => (text.from === "env" ? [text.name] : []))];
}

function findKeyFault(name: string): string | null {
  if (name === "LINK_SECRET") return "LINK_SECRET signs links; expected a secret of its own for tokens";
  if (!name.endsWith("_PREVIOUS")) return null;
  return "expected the secret's own name: what ends in _PREVIOUS is the value it had before";
}

export function configuredText(text: string): ConfiguredText {
  return text.startsWith("$ENV.")
    ? { from: "env", name: text.slice("$ENV.".length) }
    : { from: "literal", value: text };
}
