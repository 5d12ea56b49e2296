/** The taps for any file: its size limit and its checksum. */
import { hex, type Tap } from "../bytes.ts";
import { fileTooLarge } from "../body/file-too-large.ts";

/** Lets `maxBytes` bytes pass. @throws Problem `file_too_large` from `push` at one byte more */
export function createLimitTap(maxBytes: number, fileName: string): Tap<void> {
  let seen = 0;
  return {
    push(chunk) {
      seen += chunk.length;
      if (seen <= maxBytes) return;
      throw fileTooLarge(fileName, maxBytes);
    },
    finish: () => undefined,
  };
}

/** SHA-256 as lower-case hex, by the platform: https://developers.cloudflare.com/workers/runtime-apis/web-crypto/ */
export function createChecksumTap(): Tap<string> {
  const stream = new crypto.DigestStream("SHA-256");
  // An upload that fails never asks for the digest: its rejection is nobody's.
  stream.digest.catch(() => undefined);
  const writer = stream.getWriter();
  return {
    push: (chunk) => writer.write(chunk),
    async finish() {
      await writer.close();
      return hex(await stream.digest);
    },
  };
}
