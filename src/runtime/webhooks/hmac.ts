/** HMAC (RFC 2104) of a message that comes in pieces: WebCrypto has it for whole messages only, and digests of streams. */
export type HashName = "SHA-256" | "SHA-384" | "SHA-512";

const blockBytes: Readonly<Record<HashName, number>> = { "SHA-256": 64, "SHA-384": 128, "SHA-512": 128 };

interface Hmac {
  push(bytes: Uint8Array): Promise<void>;
  finish(): Promise<Uint8Array>;
}

/** @param prefix comes before what is pushed */
export async function createHmac(hash: HashName, secret: Uint8Array<ArrayBuffer>, prefix: Uint8Array): Promise<Hmac> {
  const block = new Uint8Array(blockBytes[hash]);
  const isLong = secret.length > block.length;
  block.set(isLong ? new Uint8Array(await crypto.subtle.digest(hash, secret)) : secret);
  const stream = new crypto.DigestStream(hash);
  // A call that fails never asks for the digest.
  stream.digest.catch(() => undefined);
  const writer = stream.getWriter();
  await writer.write(block.map((byte) => byte ^ 0x36));
  await writer.write(prefix);
  return {
    push: (bytes) => writer.write(bytes),
    async finish() {
      await writer.close();
      const inner = new Uint8Array(await stream.digest);
      const outer = new Uint8Array(block.length + inner.length);
      outer.set(block.map((byte) => byte ^ 0x5c));
      outer.set(inner, block.length);
      return new Uint8Array(await crypto.subtle.digest(hash, outer));
    },
  };
}
