/** What the routes share: an invocation's deployment, and the call that a request becomes. */
import type { Context } from "hono";
import type { CallAccount, Ledger } from "../admission/ledger.ts";
import { ownerKey } from "../admission/owner-key.ts";
import { createCall, type Call } from "../call/call.ts";
import { clientAddress } from "../client-address.ts";
import type { Bindings, Deployment } from "../deployment.ts";

export interface AppTypes {
  Bindings: Bindings;
  Variables: {
    requestId: string;
    deployment: Deployment;
    ledger: Ledger;
    /** The path that the app is mounted at in another one; empty at the root. */
    mount: string;
  };
}

export type AppContext = Context<AppTypes>;

/**
 * Runs the work of an answer as a call of its own. Keeps it alive when the client goes away, so that it can be undone:
 * up to 30 s after the answer.
 */
export function answering<Result>(c: AppContext, work: (call: Call) => Promise<Result>): Promise<Result> {
  const { requestId: id, deployment, ledger } = c.var;
  const clientIp = clientAddress(c.req.raw.headers);
  const accounts: CallAccount[] = [];
  const openAccount: Call["openAccount"] = (caller) => {
    const account = ledger.open(ownerKey(caller, clientIp));
    accounts.push(account);
    return account;
  };
  const setField: Call["setField"] = (name, value) => c.res.headers.set(name, value);
  const call = createCall(deployment, { id, base: baseOf(c), clientIp, now: new Date(), setField, openAccount });
  const done = async () => {
    try {
      return await work(call);
    } finally {
      for (const account of accounts) account.close();
    }
  };
  const answer = done();
  c.executionCtx.waitUntil(answer.catch(() => undefined).then(() => call.close()));
  return answer;
}

/** The request's path, below where the app is mounted. */
export const pathOf = (c: AppContext): string => new URL(c.req.url).pathname.slice(c.var.mount.length);

/**
 * What the addresses in answers begin with: the runtime's own paths follow. What a proxy makes of host and mount nobody here
 * can know, so PUBLIC_BASE_URL stands for both.
 */
export const baseOf = (c: AppContext): string =>
  c.var.deployment.settings.publicBaseUrl || new URL(c.req.url).origin + c.var.mount;
