/** Sends files as a browser or curl would, `multipart/form-data`, and tells how far it is. */
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { request } from "node:http";
import { basename } from "node:path";

export interface UploadOptions {
  readonly url: string;
  readonly token: string;
  readonly paths: readonly string[];
  /** From 0 to 1. */
  readonly onProgress: (share: number) => void;
}

export interface UploadAnswer {
  readonly status: number;
  readonly body: unknown;
  readonly milliseconds: number;
}

const CHUNK_BYTES = 64 * 1024;

/** Resolves with whatever was answered. @throws Error when the connection fails */
export async function uploadFiles({ url, token, paths, onProgress }: UploadOptions): Promise<UploadAnswer> {
  const boundary = `sluice-${randomBytes(12).toString("hex")}`;
  const parts: Buffer[] = [];
  for (const path of paths) {
    parts.push(
      Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${basename(path)}"\r\n\r\n`),
      await readFile(path),
      Buffer.from("\r\n"),
    );
  }
  parts.push(Buffer.from(`--${boundary}--\r\n`));
  const body = Buffer.concat(parts);

  const began = performance.now();
  const { promise, resolve, reject } = Promise.withResolvers<UploadAnswer>();
  const call = request(
    url,
    {
      method: "POST",
      headers: {
        "Content-Type": `multipart/form-data; boundary=${boundary}`,
        "Content-Length": body.length,
        "x-access-token": token,
      },
    },
    (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.on("error", reject);
      answer.on("end", () => {
        const text = Buffer.concat(chunks).toString();
        resolve({ status: answer.statusCode ?? 0, body: parse(text), milliseconds: performance.now() - began });
      });
    },
  );
  call.on("error", reject);
  let sent = 0;
  const send = () => {
    while (sent < body.length) {
      const chunk = body.subarray(sent, sent + CHUNK_BYTES);
      sent += chunk.length;
      onProgress(sent / body.length);
      if (!call.write(chunk)) {
        call.once("drain", send);
        return;
      }
    }
    call.end();
  };
  send();
  return promise;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
