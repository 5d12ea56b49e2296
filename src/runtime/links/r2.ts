/**
 * Presigned links on R2's S3 endpoint: the file comes straight from the bucket. The Worker never sees such a link used,
 * so it can be neither revoked nor counted nor bound: it opens until it expires or the object is gone.
 * https://developers.cloudflare.com/r2/api/s3/presigned-urls/
 */
import * as sigv4 from "../sigv4.ts";
import type { ObjectKey } from "../storage/object-key.ts";
import type { R2Access } from "../storage/r2/access.ts";
import { formatDisposition } from "../media/disposition.ts";
import { MAX_LINK_SECONDS, PARAMETERS, SIGNED_HEADERS } from "./parameters.ts";
import { readLimit, terms } from "./terms.ts";
import { contentTypeOf, isInlineType } from "../media/served-type.ts";

export interface R2LinkRequest {
  readonly key: ObjectKey;
  readonly fileType: string;
  /** The name that a browser saves it under. */
  readonly fileName: string;
  /** `attachment` makes the browser save any type. */
  readonly kind: "inline" | "attachment";
  /** A whole number of seconds from 1 to `MAX_LINK_SECONDS`. */
  readonly expiresSeconds: number;
  readonly now: Date;
}

/**
 * The presigned address. R2 sends none of the headers that keep a document from running scripts, so a type that can
 * hold one is always to be saved: type and disposition are part of the link. Throws a RangeError for an impossible
 * lifetime.
 */
export async function presignR2(access: R2Access, request: R2LinkRequest): Promise<string> {
  const { key, fileType, expiresSeconds } = request;
  if (readLimit(expiresSeconds, MAX_LINK_SECONDS) === null) {
    throw new RangeError(`not a link's life: ${expiresSeconds} s`);
  }
  const kind = isInlineType(fileType) ? request.kind : "attachment";
  const scope = { ...access, region: "auto", service: "s3" };
  const datetime = sigv4.formatSigningDate(request.now);
  const parameters = new Map([
    [PARAMETERS.algorithm, sigv4.ALGORITHM],
    [PARAMETERS.credential, sigv4.credentialOf(scope, datetime)],
    [PARAMETERS.date, datetime],
    [PARAMETERS.expires, String(expiresSeconds)],
    [PARAMETERS.signedHeaders, SIGNED_HEADERS],
    [terms.disposition.parameter, formatDisposition({ kind, fileName: request.fileName })],
    [PARAMETERS.type, contentTypeOf(fileType)],
  ]);
  const address = `${access.endpoint}/${sigv4.encodeStrictly(access.bucket)}/${key.split("/").map(sigv4.encodeStrictly).join("/")}`;
  const { pathname, host } = new URL(address);
  const signature = await sigv4.signatureOf(scope, datetime, {
    method: "GET",
    path: pathname,
    parameters,
    headers: [[SIGNED_HEADERS, host]],
    payloadHash: sigv4.UNSIGNED_PAYLOAD,
  });
  return `${address}?${sigv4.canonicalQuery(parameters)}&${PARAMETERS.signature}=${signature}`;
}
