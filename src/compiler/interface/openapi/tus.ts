/** What requests of tus 1.0 and their answers have in their headers, and what a creation adds to its endpoint. */
import { mostResumableBytes } from "../../../contract/limits.ts";
import { text, type Schema } from "../schema.ts";
import { parameter } from "./own-operation.ts";

export const versionSchema = { type: "string", enum: ["1.0.0"] } as const;
export const bytes: Schema = { type: "integer", minimum: 0, maximum: mostResumableBytes };

export const header = (schema: Schema, description?: string) => ({
  ...(description === undefined ? {} : { description }),
  schema,
});
export const version = { "Tus-Resumable": header(versionSchema) };
export const offset = { "Upload-Offset": header(bytes, "Bytes that are durable.") };
export const expiry = { "Upload-Expires": header(text, "An HTTP date; from then on there is no such upload.") };

export const checksumParameter = parameter(
  "Upload-Checksum",
  "header",
  text,
  "`sha1`, `sha256` or `md5`, a space, the sum in Base64.",
);
export const preference = parameter(
  "Prefer",
  "header",
  text,
  "`return=representation`: the last bytes get the answer.",
);
export const length = (description: string) => parameter("Upload-Length", "header", bytes, description);

/** Of the POST to an endpoint that creates an upload, where it has `Tus-Resumable`. */
export const creationParameters: readonly object[] = [
  parameter("Tus-Resumable", "header", versionSchema, "With it the call creates a resumable upload, and has no form."),
  length("Of a creation: bytes of the whole file; this or `Upload-Defer-Length`."),
  parameter("Upload-Defer-Length", "header", { type: "string", enum: ["1"] }, "The length is told by a PATCH."),
  parameter(
    "Upload-Metadata",
    "header",
    text,
    "Keys and values in Base64: `filename`, `filetype`, `field`, and the text fields of the form.",
  ),
  checksumParameter,
  preference,
];

/** The body of a PATCH, and of a creation that brings the first bytes. */
export const chunk = { "application/offset+octet-stream": { schema: { type: "string", format: "binary" } } };

export const creationSuccess = {
  "201": {
    description: "Created: the upload's address takes the bytes.",
    headers: { ...version, ...offset, ...expiry, Location: header({ type: "string", format: "uri" }) },
  },
};
