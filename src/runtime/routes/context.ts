/** What the routes share: an invocation's deployment, and the services of one call. */
import type { Context } from "hono";
import type { CallAccount, Ledger } from "../admission/ledger.ts";
import { ownerKey } from "../admission/owner-key.ts";
import type { Services } from "../call/services.ts";
import { clientAddress } from "../client-address.ts";
import type { Bindings, Deployment } from "../deployment.ts";
import { createServices } from "../services.ts";

export interface AppTypes {
  Bindings: Bindings;
  Variables: { requestId: string; deployment: Deployment; ledger: Ledger };
}

export type AppContext = Context<AppTypes>;

/**
 * Does what a caller is to be answered, with services of its own. Keeps the work alive when the client goes away, so that
 * it can be undone: up to 30 s after the answer.
 */
export function answering<Result>(c: AppContext, work: (services: Services) => Promise<Result>): Promise<Result> {
  const { requestId: id, deployment, ledger } = c.var;
  const clientIp = clientAddress(c.req.raw.headers);
  const accounts: CallAccount[] = [];
  const openAccount: Services["openAccount"] = (caller) => {
    const account = ledger.open(ownerKey(caller, clientIp));
    accounts.push(account);
    return account;
  };
  const services = createServices(deployment, { id, url: c.req.url, clientIp }, openAccount);
  const done = async () => {
    try {
      return await work(services);
    } finally {
      for (const account of accounts) account.close();
    }
  };
  const answer = done();
  c.executionCtx.waitUntil(answer.catch(() => undefined).then(() => services.close()));
  return answer;
}
