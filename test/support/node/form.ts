/** Multipart bodies for raw calls. */
import { readFileSync } from "node:fs";

export const boundary = "sluice-test-boundary";

/** A form with one file of the given bytes, declared as nothing. */
export function formOf(fileName: string, bytes: Uint8Array): Buffer {
  return Buffer.concat([
    Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${fileName}"\r\n\r\n`),
    bytes,
    Buffer.from(`\r\n--${boundary}--\r\n`),
  ]);
}

export function formHeaders(token: string): Record<string, string> {
  return { "x-access-token": token, "Content-Type": `multipart/form-data; boundary=${boundary}` };
}

export function readPhoto(name: string): Buffer {
  return readFileSync(new URL(`../photos/${name}`, import.meta.url));
}

/** A photograph with so much after its end that it takes several storage parts. */
export function largePhoto(bytes: number): Buffer {
  const photo = readPhoto("sunset-1600.jpg");
  return Buffer.concat([photo, Buffer.alloc(bytes - photo.length, 0x5a)]);
}
