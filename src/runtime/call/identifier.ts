/** Whom a call is counted for, by what its headers tell: of `rate_limit`, and of a `quota`. */
import type { EarlyReference } from "../../contract/plan/reference.ts";
import { Problem } from "../../contract/problem.ts";
import { nameOf, unauthorized, type Identity } from "../auth/caller.ts";
import { networkOf } from "../client-address.ts";
import type { EngineEnvironment } from "../database/engine.ts";
import { resolve } from "./scope.ts";

/** A call whose headers were read, and nothing else. */
export interface EarlyCall {
  readonly identity: Identity;
  readonly request: Request;
  readonly call: {
    readonly clientIp: string | null;
    readonly now: Date;
    readonly deployment: EngineEnvironment;
  };
}

/**
 * Addresses count by network: whoever has one of IPv6 has 2^64.
 * @throws Problem `identifier_invalid`; `unauthorized` for a claim that names nobody
 */
export function identifierOf(reference: EarlyReference, { identity, request, call }: EarlyCall): string {
  const { clientIp, now, deployment } = call;
  const known = { identity, headers: request.headers, clientIp, now, environment: deployment.text };
  const name = nameOf(resolve(reference, { ...known, payload: null, results: new Map() }));
  if (reference.from === "claim") {
    if (name === null) throw unauthorized(`The claim ${reference.path.join(".")} cannot name anybody`);
    return name;
  }
  if (name === null) throw new Problem("identifier_invalid", { reason: `No usable ${reference.name}` });
  return reference.name === "ip" ? networkOf(name) : name;
}
