/** The server's side of SCRAM-SHA-256 (RFC 5802, RFC 7677), for one user of the tests' MongoDB server. */
import { createHash, createHmac, pbkdf2Sync, randomBytes } from "node:crypto";
import type { Binary, Document } from "mongodb";
import { ServerError } from "./mongo-documents.ts";

export interface Login {
  start(payload: Binary): Document;
  /** @throws ServerError when the password was another */
  go(payload: Binary): Document;
}

/** As many as a server asks for: https://www.mongodb.com/docs/manual/reference/parameters/#mongodb-parameter-param.scramSHA256IterationCount */
const ITERATIONS = 15_000;

const hmac = (key: Uint8Array, text: string): Buffer => createHmac("sha256", key).update(text).digest();
const attribute = (message: string, name: string): string =>
  message
    .split(",")
    .find((part) => part.startsWith(`${name}=`))
    ?.slice(2) ?? "";

export function createLogin(user: string, password: string): Login {
  const salt = randomBytes(24);
  let first = "";
  let challenge = "";
  const reply = (message: string, done: boolean): Document => {
    return { conversationId: 1, done, payload: Buffer.from(message) };
  };
  return {
    start(payload) {
      first = payload.toString("utf8").replace(/^n,,/, "");
      if (attribute(first, "n") !== user) throw new ServerError(18, "AuthenticationFailed", "Authentication failed.");
      const nonce = attribute(first, "r") + randomBytes(12).toString("base64");
      challenge = `r=${nonce},s=${salt.toString("base64")},i=${String(ITERATIONS)}`;
      return reply(challenge, false);
    },
    go(payload) {
      const last = payload.toString("utf8");
      const salted = pbkdf2Sync(password, salt, ITERATIONS, 32, "sha256");
      const signed = `${first},${challenge},${last.slice(0, last.lastIndexOf(",p="))}`;
      const clientKey = hmac(salted, "Client Key");
      const signature = hmac(createHash("sha256").update(clientKey).digest(), signed);
      const proof = Buffer.from(clientKey.map((byte, index) => byte ^ (signature[index] ?? 0))).toString("base64");
      if (attribute(last, "p") !== proof) throw new ServerError(18, "AuthenticationFailed", "Authentication failed.");
      return reply(`v=${hmac(hmac(salted, "Server Key"), signed).toString("base64")}`, true);
    },
  };
}
