/** Other services that call, and what they prove themselves with: the endpoints of build/compile-abis under `hooks/`. */
import { createHmac } from "node:crypto";
import { png } from "../../../support/pictures.ts";
import { hookSecrets } from "../../../unit/runtime/webhooks/senders.ts";
import { formOf, jsonOf, type Body } from "./doors.ts";

export { hookSecrets };

/** Now, or so many seconds later. */
export const moment = (later = 0): string => String(Math.floor(Date.now() / 1000) + later);

type Bytes = Uint8Array<ArrayBuffer>;
export const bytesOf = ({ bytes }: Body): Bytes =>
  typeof bytes === "string" ? new Uint8Array(new TextEncoder().encode(bytes)) : bytes;

/** How a signature is made, where it is not made as it should be. */
export interface Signing {
  readonly hash?: string;
  readonly secret?: string | Bytes;
  /** The signed moment, where there is one. */
  readonly at?: string;
}

export interface Sender {
  readonly name: string;
  readonly path: string;
  readonly header: string;
  readonly encoding: "hex" | "base64";
  /** Of its own: written in front of the signature. */
  readonly prefix: string;
  /** A right body, of which the id is another one's each time. */
  readonly body: () => Body;
  /** The signature over the body. */
  readonly sign: (body: Bytes, how?: Signing) => string;
  /** The headers that carry a signature. */
  readonly carry: (signature: string, at?: string) => Record<string, string>;
  /** Seconds for which a signature is good; null: for ever. */
  readonly tolerance: number | null;
}

let events = 0;
const newEvent = (): string => `event-${String((events += 1))}`;
const event = (): Body => jsonOf({ id: newEvent(), text: "paid" });
const picture = (): Body =>
  formOf([
    { name: "id", body: newEvent() },
    { fileName: "red.png", type: "image/png", body: png([200, 30, 30]) },
    { name: "text", body: "behind the file" },
  ]);

interface Kind {
  readonly name: string;
  readonly path: string;
  readonly encoding?: "hex" | "base64";
  readonly hash?: string;
  readonly prefix?: string;
  readonly body?: () => Body;
}

/** Signs the body and nothing else. */
function plain({ name, path, encoding = "hex", hash = "sha256", prefix = "", body = event }: Kind): Sender {
  return {
    name,
    path,
    header: "x-signature",
    encoding,
    prefix,
    body,
    sign: (bytes, how = {}) =>
      createHmac(how.hash ?? hash, how.secret ?? hookSecrets.HOOK_SECRET)
        .update(bytes)
        .digest(encoding),
    carry: (signature) => ({ "x-signature": prefix + signature }),
    tolerance: null,
  };
}

const timed = (start: string, bytes: Bytes): Buffer => Buffer.concat([Buffer.from(start), bytes]);

const stripe: Sender = {
  ...plain({ name: "signature, Stripe's", path: "/hooks/stripe" }),
  header: "stripe-signature",
  sign: (bytes, { hash = "sha256", secret = hookSecrets.HOOK_SECRET, at = moment() } = {}) =>
    createHmac(hash, secret)
      .update(timed(`${at}.`, bytes))
      .digest("hex"),
  carry: (signature, at = moment()) => ({ "stripe-signature": `t=${at},v1=${signature}` }),
  tolerance: 60,
};

export const MESSAGE_ID = "msg_1";
const standardKey = new Uint8Array(Buffer.from(hookSecrets.STANDARD_SECRET.slice("whsec_".length), "base64"));
export const standard: Sender = {
  ...plain({ name: "signature, Standard Webhooks", path: "/hooks/standard", encoding: "base64" }),
  header: "webhook-signature",
  sign: (bytes, { hash = "sha256", secret = standardKey, at = moment() } = {}) =>
    createHmac(hash, secret)
      .update(timed(`${MESSAGE_ID}.${at}.`, bytes))
      .digest("base64"),
  carry: (signature, at = moment()) => ({
    "webhook-id": MESSAGE_ID,
    "webhook-timestamp": at,
    "webhook-signature": `v1,${signature}`,
  }),
  tolerance: 300,
};

export const files: Sender = plain({ name: "signature over files", path: "/hooks/files", body: picture });
export const signed: Sender = plain({ name: "signature, hex", path: "/hooks/signed" });
export const github: Sender = plain({ name: "signature, GitHub's", path: "/hooks/github", prefix: "sha256=" });
const base64: Sender = plain({
  name: "signature, base64",
  path: "/hooks/base64",
  encoding: "base64",
  hash: "sha512",
});

export const senders: readonly Sender[] = [signed, github, base64, stripe, standard, files];
