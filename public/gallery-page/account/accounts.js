// The project's own endpoints of accounts, where it has some. Knows no element.
import { createClient } from "../calls/client.js";
import { once, withWords } from "../calls/refusals.js";

const entrance = (resource) => ({ method: "POST", resource, token: null, body: "json" });
const endpoints = {
  "sign-in": entrance("sign-in"),
  "sign-up": entrance("sign-up"),
  "sign-out": { method: "POST", resource: "sign-out", token: "Authorization", body: null },
};

/** Whether an endpoint takes POST there. Asking is no call: it counts for no limit, and is refused nowhere. */
async function isThere(path) {
  const answer = await fetch(path, { method: "OPTIONS", cache: "no-store" }).catch(() => null);
  return (answer?.headers.get("Allow") ?? "").split(", ").includes("POST");
}

/** @returns `signIn(credentials)` and `signUp(credentials)`, which answer a token, and `signOut(token)`: null where there is none */
export async function findAccounts() {
  const [signIn, signUp, signOut] = await Promise.all(["/sign-in", "/sign-up", "/sign-out"].map(isThere));
  const call = (name, input, token) =>
    createClient("", { endpoints, token, storage: null }).call(name, input, once).catch(withWords());
  const enterBy = (name) => async (credentials) => {
    const { token } = await call(name, { body: credentials });
    if (typeof token !== "string") throw new Error("The server let you in, and sent no token.");
    return token;
  };
  return {
    signIn: signIn ? enterBy("sign-in") : null,
    signUp: signUp ? enterBy("sign-up") : null,
    signOut: signOut ? (token) => call("sign-out", {}, token) : null,
  };
}
