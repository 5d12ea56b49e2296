/** `Upload-Checksum` of tus: the sum of one request's bytes. https://tus.io/protocols/resumable-upload#checksum */
import { Problem } from "../../contract/problem.ts";
import { checksumAlgorithms, type Checksum, type ChecksumAlgorithm } from "./actor.ts";

export interface Digest {
  write(chunk: Uint8Array): Promise<void>;
  /** @throws Problem `checksum_mismatch` */
  check(): Promise<void>;
}

export function createDigest({ algorithm, digest }: Checksum): Digest {
  const stream = new crypto.DigestStream(checksumAlgorithms[algorithm]);
  // A request that fails never asks for it.
  stream.digest.catch(() => undefined);
  const writer = stream.getWriter();
  return {
    write: (chunk) => writer.write(chunk),
    async check() {
      await writer.close();
      if (toBase64(await stream.digest) === digest) return;
      throw new Problem("checksum_mismatch", { detail: "Send these bytes again: nothing of them was kept." });
    },
  };
}

const toBase64 = (bytes: ArrayBuffer): string => btoa(String.fromCharCode(...new Uint8Array(bytes)));

/** @throws Problem `parameter_invalid` */
export function readChecksum(header: string | null): Checksum | null {
  if (header === null) return null;
  const [algorithm = "", digest = "", ...more] = header.split(" ");
  if (
    more.length === 0 &&
    Object.hasOwn(checksumAlgorithms, algorithm) &&
    /^[A-Za-z0-9+/]{20,48}={0,2}$/.test(digest)
  ) {
    return { algorithm: algorithm as ChecksumAlgorithm, digest };
  }
  const names = Object.keys(checksumAlgorithms).join(", ");
  throw new Problem("parameter_invalid", {
    detail: `Upload-Checksum is an algorithm, a space and a sum in Base64; algorithms are ${names}.`,
    members: { parameter: "Upload-Checksum" },
  });
}
