// The project's own endpoints of accounts, where it has some. Knows no element.
import { askServer } from "./server.js";

/** Whether an endpoint takes POST there. Asking is no call: it counts for no limit, and is refused nowhere. */
async function isThere(path) {
  const answer = await fetch(path, { method: "OPTIONS", cache: "no-store" }).catch(() => null);
  return (answer?.headers.get("Allow") ?? "").split(", ").includes("POST");
}

/** @returns `signIn(credentials)` and `signUp(credentials)`, which answer a token, and `signOut(token)`: null where there is none */
export async function findAccounts() {
  const [signIn, signUp, signOut] = await Promise.all(["/sign-in", "/sign-up", "/sign-out"].map(isThere));
  const enterAt = (path) => async (credentials) => {
    const { token } = await askServer("POST", path, { payload: credentials });
    if (typeof token !== "string") throw new Error("The server let you in, and sent no token.");
    return token;
  };
  return {
    signIn: signIn ? enterAt("/sign-in") : null,
    signUp: signUp ? enterAt("/sign-up") : null,
    signOut: signOut ? (token) => askServer("POST", "/sign-out", { token }) : null,
  };
}
