/** Signatures that pretend to be another service's: refused alike whatever is wrong, and nothing of the call is done. */
import { createHash } from "node:crypto";
import { env } from "cloudflare:workers";
import { expect } from "vitest";
import { formOf, type Body } from "../support/doors.ts";
import { bytesOf, files, hookSecrets, moment, senders, standard, type Sender } from "../support/senders.ts";
import { across, suite } from "../support/suite.ts";
import { expectRefused } from "../support/verdicts.ts";
import { callsOf, right, type Headers } from "../support/webhook-calls.ts";
import { openWorld, type Asked } from "../support/world.ts";

const world = openWorld();
const { call, expectStranger } = callsOf(world);
const abi = { envelope: "abi" } as const;

const events = async (): Promise<number> =>
  (await env.DB.prepare("SELECT count(*) AS n FROM gallery WHERE user_id = 'hook'").first<number>("n")) ?? -1;

/** What is right is taken: without it no refusal below would show anything. */
const taken: readonly (readonly [string, (sender: Sender, body: Body) => Headers])[] = [
  ["as it should be", right],
  [
    "the header in capitals",
    (sender, body) =>
      Object.fromEntries(Object.entries(right(sender, body)).map(([key, is]) => [key.toUpperCase(), is])),
  ],
  ["spaces around the header", (sender, body) => mapped(sender, body, (text) => ` ${text} `)],
];
const mapped = (sender: Sender, body: Body, spell: (header: string) => string): Headers => {
  const headers = right(sender, body);
  return { ...headers, [sender.header]: spell(headers[sender.header] ?? "") };
};

suite("38 webhooks: what is right is taken once", [
  ...across(senders, taken, async (sender, headersOf) => {
    const [body, before] = [sender.body(), await events()];
    expect((await call(sender.path, headersOf(sender, body), body)).status).toBe(200);
    expect(await events()).toBe(before + 1);
  }),
  ...across(
    senders,
    [
      ["five times at once", Array.from({ length: 5 }, () => 0)],
      ["again", [0]],
    ] as const,
    async (sender, turns) => {
      const [body, before] = [sender.body(), await events()];
      const send = () => call(sender.path, right(sender, body), body);
      await send();
      await Promise.all(turns.map(send));
      expect(await events()).toBe(before + 1);
    },
  ),
  ...across(
    senders.filter(({ encoding }) => encoding === "hex"),
    [["in capitals, the same bytes", (text: string) => text.toUpperCase()]] as const,
    async (sender, spell) => {
      const body = sender.body();
      expect((await call(sender.path, sender.carry(spell(sender.sign(bytesOf(body)))), body)).status).toBe(200);
    },
  ),
  ...across(
    senders.filter(({ encoding }) => encoding === "base64"),
    [
      ["base64url, the same bytes", (text: string) => text.replaceAll("+", "-").replaceAll("/", "_")],
      ["without padding, the same bytes", (text: string) => text.replaceAll("=", "")],
    ] as const,
    async (sender, spell) => {
      const body = sender.body();
      expect((await call(sender.path, sender.carry(spell(sender.sign(bytesOf(body)))), body)).status).toBe(200);
    },
  ),
]);

/** The right signature, and the wrong text that is sent in its place. */
const spellings: readonly (readonly [string, (text: string, sender: Sender) => string])[] = [
  ["empty", () => ""],
  ["four characters short", (text) => text.slice(0, -4)],
  ["half", (text) => text.slice(0, text.length / 2)],
  ["its end", (text) => text.slice(2)],
  ["one character", (text) => text.slice(0, 1)],
  ["a byte more", (text, { encoding }) => (encoding === "hex" ? `${text}00` : `AAAA${text}`)],
  ["twice over", (text) => text + text],
  ["zeros", (text) => "0".repeat(text.length)],
  ["the first digit changed", (text) => (text.startsWith("0") ? "1" : "0") + text.slice(1)],
  ["backwards", (text) => text.split("").toReversed().join("")],
  ["a space inside", (text) => `${text.slice(0, 8)} ${text.slice(8)}`],
  ["a tab inside", (text) => `${text.slice(0, 8)}\t${text.slice(8)}`],
  ["quoted", (text) => `"${text}"`],
  ["escaped", (text) => `%${text.charCodeAt(0).toString(16)}${text.slice(1)}`],
  ["in hex of hex", (text) => Buffer.from(text).toString("hex")],
  [
    "in the other encoding",
    (text, { encoding }) => {
      const bytes = Buffer.from(text, encoding);
      return bytes.toString(encoding === "hex" ? "base64" : "hex");
    },
  ],
  ["0x", (text) => `0x${text}`],
  ["sha1=", (text) => `sha1=${text}`],
  ["sha512=", (text) => `sha512=${text}`],
  ["SHA256=", (text) => `SHA256=${text}`],
  ["sha256 =", (text) => `sha256 =${text}`],
  ["sha256:", (text) => `sha256:${text}`],
  ["HMAC-SHA256", (text) => `HMAC-SHA256 ${text}`],
  ["Bearer", (text) => `Bearer ${text}`],
  ["digits of another script", (text) => text.replace(/[\da-zA-Z]/, "\uff11")],
  ["arabic digits", (text) => text.replace(/[\da-zA-Z]/, "\u0661")],
  ["true", () => "true"],
  ["null", () => "null"],
  ["*", () => "*"],
  ["a megabyte is not needed: 60,000 characters", () => "ab".repeat(30_000)],
  [
    "nine signatures, the last one right",
    (text, { name }) =>
      name.includes("Stripe")
        ? `${"00,v1=".repeat(8)}${text}`
        : name.includes("Standard")
          ? `${"AAAA v1,".repeat(8)}${text}`
          : `${"00,".repeat(8)}${text}`,
  ],
];

/** Signatures that somebody made without the secret, or over something else. */
const made: readonly (readonly [string, (sender: Sender, bytes: Uint8Array<ArrayBuffer>) => string])[] = [
  ["of another body", (sender, bytes) => sender.sign(changedAt(bytes, bytes.length - 1))],
  ["of the body and a line break", (sender, bytes) => sender.sign(new Uint8Array([...bytes, 10]))],
  ["of no body", (sender) => sender.sign(new Uint8Array(0))],
  ["with another secret", (sender, bytes) => sender.sign(bytes, { secret: "hook-secret-0123456789abcdeg" })],
  ["with no secret", (sender, bytes) => sender.sign(bytes, { secret: "" })],
  ["with the secret's name", (sender, bytes) => sender.sign(bytes, { secret: "HOOK_SECRET" })],
  ["with how it is written in the ABI", (sender, bytes) => sender.sign(bytes, { secret: "$ENV.HOOK_SECRET" })],
  ["with undefined", (sender, bytes) => sender.sign(bytes, { secret: "undefined" })],
  ["with the token of another verification", (sender, bytes) => sender.sign(bytes, { secret: hookSecrets.HOOK_TOKEN })],
  ["with the key of the tokens", (sender, bytes) => sender.sign(bytes, { secret: env.JWT_SECRET_KEY })],
  ["with the secret of links", (sender, bytes) => sender.sign(bytes, { secret: env.LINK_SECRET })],
  [
    "with the text of the secret where its bytes count, or the other way round",
    (sender, bytes) =>
      sender.sign(bytes, {
        secret:
          sender === standard
            ? hookSecrets.STANDARD_SECRET
            : new Uint8Array(Buffer.from(hookSecrets.HOOK_SECRET, "base64")),
      }),
  ],
  ["with SHA-1", (sender, bytes) => sender.sign(bytes, { hash: "sha1" })],
  ["with SHA-384", (sender, bytes) => sender.sign(bytes, { hash: "sha384" })],
  ["with MD5", (sender, bytes) => sender.sign(bytes, { hash: "md5" })],
  ["a hash of the body alone", (sender, bytes) => createHash(lengthHash(sender)).update(bytes).digest(sender.encoding)],
  [
    "a hash of secret and body, which could be lengthened",
    (sender, bytes) =>
      createHash(lengthHash(sender)).update(hookSecrets.HOOK_SECRET).update(bytes).digest(sender.encoding),
  ],
];
const lengthHash = ({ name }: Sender): string => (name.includes("base64") ? "sha512" : "sha256");
const changedAt = (bytes: Uint8Array, at: number): Uint8Array<ArrayBuffer> =>
  new Uint8Array(bytes).map((byte, index) => (index === at ? byte ^ 1 : byte));

const chunked = (bytes: Uint8Array, size = 7): ReadableStream<Uint8Array> => {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) return controller.close();
      controller.enqueue(bytes.slice(at, (at += size)));
    },
  });
};

/** What is sent with the right signature of something else. */
const bodies: readonly (readonly [string, (bytes: Uint8Array<ArrayBuffer>) => Asked["body"]])[] = [
  ["a bit of the first byte", (bytes) => changedAt(bytes, 0)],
  ["a bit in the middle", (bytes) => changedAt(bytes, bytes.length >> 1)],
  ["a bit of the last byte", (bytes) => changedAt(bytes, bytes.length - 1)],
  ["a line break behind it", (bytes) => new Uint8Array([...bytes, 13, 10])],
  ["a space in front of it", (bytes) => new Uint8Array([32, ...bytes])],
  ["twice over", (bytes) => new Uint8Array([...bytes, ...bytes])],
  ["a megabyte behind it", (bytes) => new Uint8Array([...bytes, ...new Uint8Array(900_000).fill(32)])],
  ["the last bytes missing", (bytes) => bytes.slice(0, -3)],
  ["in chunks, changed", (bytes) => chunked(changedAt(bytes, bytes.length - 2))],
  ["nothing", () => new Uint8Array(0)],
];

const forged: readonly (readonly [string, (sender: Sender, body: Body) => Headers])[] = [
  ["no header at all", () => ({})],
  [
    "the header sent twice",
    (sender, body) => {
      const wrong = sender.header === "webhook-signature" ? "v1,AAAA" : sender.prefix + "00".repeat(32);
      return sender.header === "webhook-signature"
        ? { ...right(sender, body), "webhook-timestamp": `${moment()}, ${moment()}` }
        : mapped(sender, body, (text) => `${text}, ${wrong}, ${text}`);
    },
  ],
  ...[
    "x-signature-256",
    "x_signature",
    "signature",
    "x-hub-signature-256",
    "authorization",
    "x-signature2",
    "cookie",
  ].map(
    (name) =>
      [
        `in ${name}`,
        (sender: Sender, body: Body) => {
          const { [sender.header]: text = "", ...others } = right(sender, body);
          return { ...others, [name]: text };
        },
      ] as const,
  ),
];

suite(
  "38 webhooks: signatures forged",
  [
    ...across(senders, spellings, async (sender, spell) => {
      const body = sender.body();
      const headers = sender.carry(spell(sender.sign(bytesOf(body)), sender));
      await expectStranger(sender, await call(sender.path, headers, body));
    }),
    ...across(senders, made, async (sender, make) => {
      const body = sender.body();
      const signature = make(sender, bytesOf(body));
      await expectStranger(sender, await call(sender.path, sender.carry(signature), body));
    }),
    ...across(senders, forged, async (sender, headersOf) => {
      const body = sender.body();
      await expectStranger(sender, await call(sender.path, headersOf(sender, body), body));
    }),
  ],
  { leavesNothing: true },
);

suite(
  "38 webhooks: bodies changed behind their signatures",
  [
    ...across(senders, bodies, async (sender, change) => {
      const body = sender.body();
      const sent = change(bytesOf(body));
      const answer = await call(sender.path, right(sender, body), body, sent === undefined ? {} : { body: sent });
      // A form that breaks off, or that is none, is told so: nobody can tell its end.
      const others = sender === files ? (["body_malformed", "content_type_unsupported"] as const) : [];
      expectRefused(abi, answer, "webhook_unverified", ...others);
    }),
    ...across(
      senders,
      (["gzip", "br", "deflate", "identity, gzip", "x-gzip", "aws-chunked"] as const).map(
        (encoding) => [`Content-Encoding ${encoding}`, { "content-encoding": encoding }] as const,
      ),
      async (sender, more) => {
        const body = sender.body();
        const answer = await call(sender.path, { ...right(sender, body), ...more }, body);
        expectRefused(abi, answer, "content_type_unsupported");
      },
    ),
    ...across(
      senders,
      [
        ["with an Idempotency-Key, right", "right"],
        ["with an Idempotency-Key, wrong", "wrong"],
      ] as const,
      async (sender, which) => {
        const body = sender.body();
        const headers = which === "right" ? right(sender, body) : sender.carry("00".repeat(32));
        const answer = await call(sender.path, { ...headers, "idempotency-key": "once" }, body);
        expectRefused(abi, answer, "idempotency_key_invalid", "webhook_unverified");
      },
    ),
    ...across(
      senders,
      (["HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"] as const).map((method) => [method, method] as const),
      async (sender, method) => {
        const open = world.beside({ ALLOWED_HTTP_METHODS: "POST|GET" });
        const { status } = await open.ask(sender.path, { method, headers: { "x-http-method-override": "POST" } });
        expect([204, 405]).toContain(status);
      },
    ),
    ...across(
      senders,
      [
        ["by its id", (path: string) => `${path.replace("hooks/", "hooks-")}-01`],
        ["with a query", (path: string) => `${path}?x-signature=00`],
        ["an escaped letter", (path: string) => path.replace("hooks", "%68ooks")],
        ["two slashes", (path: string) => `/${path}`],
        ["a slash at the end", (path: string) => `${path}/`],
        ["in capitals", (path: string) => path.toUpperCase()],
      ] as const,
      async (sender, spell) => {
        const answer = await call(spell(sender.path), sender.carry("00".repeat(32)), sender.body());
        expectRefused(abi, answer, "webhook_unverified", "resource_not_found", "method_not_allowed");
      },
    ),
    ...across(senders, [["GET", "GET"]] as const, async (sender, method) => {
      const open = world.beside({ ALLOWED_HTTP_METHODS: "POST|GET" });
      const headers = right(sender, sender.body());
      const answer = await open.ask(sender.path, { method, headers });
      // A form has to be there before anybody looks at it.
      expectRefused(abi, answer, sender === files ? "content_type_unsupported" : "webhook_unverified");
    }),
    {
      door: files.name,
      variant: "30 MB in chunks, with a wrong signature",
      run: async () => {
        const large = formOf([
          { name: "id", body: "large" },
          { fileName: "a.bin", body: new Uint8Array(30_000_000).fill(7) },
        ]);
        const headers = files.carry(files.sign(bytesOf(files.body())));
        await expectStranger(files, await call(files.path, headers, large, { body: chunked(bytesOf(large), 100_000) }));
      },
    },
    {
      door: files.name,
      variant: "a form without files, with a wrong signature",
      run: async () => {
        const fields = formOf([{ name: "id", body: "none" }]);
        expectRefused(abi, await call(files.path, files.carry("00".repeat(32)), fields), "webhook_unverified");
      },
    },
  ],
  { leavesNothing: true },
);
