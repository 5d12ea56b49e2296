/** The files of the crash run. */
import { createHash, randomBytes } from "node:crypto";

/** More than one part of the store's, so that a multipart upload is opened. */
export const LARGE_BYTES = 5 * 1024 * 1024 + 123_457;

export function makePicture(bytes: number): Uint8Array<ArrayBuffer> {
  const picture = new Uint8Array(randomBytes(bytes));
  picture.set([0xff, 0xd8, 0xff, 0xe0, 0, 16, 0x4a, 0x46, 0x49, 0x46, 0]);
  return picture;
}

export const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
