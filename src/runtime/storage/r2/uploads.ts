/**
 * Lists the open multipart uploads of a bucket over R2's S3 endpoint: the binding can abort one whose id is known, but
 * cannot list them. So it needs S3 keys of its own.
 */
import * as sigv4 from "../../sigv4.ts";
import { calling } from "./call.ts";
import type { R2Access } from "./access.ts";
import { readUploadPage, type ListUploads, type UploadMarker } from "./upload-page.ts";

/** The time limit for one page, to its last byte. */
const PATIENCE_MILLISECONDS = 30_000;

/** @param now signs every request, so the list is to be read within minutes */
export function createUploadList(access: R2Access, now: Date): ListUploads {
  return (after) =>
    calling("ListMultipartUploads", async () => {
      const response = await get(access, now, after);
      const xml = await response.text();
      if (response.status !== 200) {
        throw new Error(`${response.status} ${/<Code>(\w+)<\/Code>/.exec(xml)?.[1] ?? "without a code"}`);
      }
      const page = readUploadPage(xml);
      const { next } = page;
      if (after !== null && next?.key === after.key && next.uploadId === after.uploadId)
        throw new Error("no next page");
      return page;
    });
}

/** Signed in its headers, as S3 clients sign everything but links: addresses get into logs. */
async function get(access: R2Access, now: Date, after: UploadMarker | null): Promise<Response> {
  const parameters: [name: string, value: string][] = [["uploads", ""]];
  if (after !== null) parameters.push(["key-marker", after.key], ["upload-id-marker", after.uploadId]);
  const url = `${access.endpoint}/${sigv4.encodeStrictly(access.bucket)}?${sigv4.canonicalQuery(parameters)}`;
  const { host, pathname: path } = new URL(url);
  const scope = { ...access, region: "auto", service: "s3" };
  const datetime = sigv4.formatSigningDate(now);
  const payloadHash = sigv4.UNSIGNED_PAYLOAD;
  const headers: [name: string, value: string][] = [
    ["host", host],
    ["x-amz-content-sha256", payloadHash],
    ["x-amz-date", datetime],
  ];
  const signature = await sigv4.signatureOf(scope, datetime, { method: "GET", path, parameters, headers, payloadHash });
  const names = headers.map(([name]) => name).join(";");
  const credential = sigv4.credentialOf(scope, datetime);
  const authorization = `${sigv4.ALGORITHM} Credential=${credential}, SignedHeaders=${names}, Signature=${signature}`;
  return fetch(url, {
    headers: [...headers.slice(1), ["authorization", authorization]],
    // Signed for this host, and meant for no other.
    redirect: "manual",
    signal: AbortSignal.timeout(PATIENCE_MILLISECONDS),
  });
}
