/**
 * `raw`: a body that is the one file itself. Its type is the Content-Type, and its names are in Content-Disposition (RFC
 * 6266): the file's, and by `form-data; name="…"` the field's. A form is read as ever.
 */
import { displayName } from "../media/display-name.ts";
import { bufferBytesFor, BodyWindow } from "../multipart/body-window.ts";
import { parseBoundary } from "../multipart/boundary.ts";
import { dispositionName, dispositionParameters } from "../multipart/content-disposition.ts";
import { readFileName, unescapePercent } from "../multipart/file-name.ts";
import { isToken, trimBlanks } from "../multipart/parameters.ts";
import { checkLength, readMediaType } from "../multipart/part-headers.ts";
import { defaultMultipartLimits } from "../multipart/read-multipart.ts";
import { malformed, tooLarge } from "../multipart/refusals.ts";
import type { UploadStep } from "../../contract/plan/files.ts";
import { Problem } from "../../contract/problem.ts";
import { fileTooLarge } from "./file-too-large.ts";
import {
  mostBytesOf,
  openBody,
  refuseEncoding,
  type IncomingBody,
  type IncomingFile,
  type Reception,
} from "./incoming-body.ts";

/** Opens the bodies of the step's calls. */
export function openRaw(step: UploadStep): typeof openBody {
  return async (request, accepted, reception) => {
    const isForm = parseBoundary(request.headers.get("content-type") ?? "") !== null;
    return isForm ? openBody(request, accepted, reception) : openFile(request, step, reception);
  };
}

/**
 * Resolves when there is room for the body; nothing of it is read before.
 * @throws Problem `content_type_unsupported` (an encoding), `body_malformed` (headers), `payload_invalid` (no field),
 *   `file_missing`, `body_too_large`, `file_too_large`, `overloaded`
 */
async function openFile(request: Request, step: UploadStep, reception: Reception): Promise<IncomingBody> {
  const { limits, account, fileBufferBytes } = reception;
  const { headers, body } = request;
  refuseEncoding(headers.get("content-encoding"));
  // RFC 9110 §14.5: whoever sends a part of a file would take it for the whole.
  if (headers.has("content-range")) throw malformed("Send the whole file: a Content-Range is not accepted.");
  const { name, fileName } = readNames(headers.get("content-disposition"));
  const field = name ?? onlyFieldOf(step);
  const announcedBytes = mostBytesOf(request);
  if (body === null || announcedBytes === 0) throw nothingSent();
  checkAnnounced(announcedBytes, limits.maxRequestBytes, step, { field, fileName });
  const bufferBytes = bufferBytesFor(announcedBytes);
  await account.enter({ bytes: bufferBytes + fileBufferBytes, uploads: 1 });
  const window = new BodyWindow(body, new Uint8Array(0), {
    // Memory is set aside for what is announced: a body that goes on behind it would get more.
    maxBodyBytes: Math.min(limits.maxRequestBytes, announcedBytes),
    bufferBytes,
    receive: (reading) => account.receive(reading),
  });
  const declaredType = typeOf(headers.get("content-type") ?? "");
  return bodyOf(window, { field, fileName, declaredType }, announcedBytes);
}

interface RequestNames {
  /** Null: none is named. */
  readonly name: string | null;
  /** Empty: none is named. */
  readonly fileName: string;
}

/** A field has a name only in a form's own kind of Content-Disposition: elsewhere the parameter means nothing (RFC 6266 §4.1). */
function readNames(header: string | null): RequestNames {
  if (header === null) return { name: null, fileName: "" };
  const semicolon = header.indexOf(";");
  const kind = trimBlanks(semicolon === -1 ? header : header.slice(0, semicolon));
  const parameters = dispositionParameters(header, semicolon === -1 ? header.length : semicolon);
  if (parameters === null || !isToken(kind)) {
    throw malformed('The Content-Disposition cannot be read: send one like attachment; filename="photo.jpg".');
  }
  const isField = kind.toLowerCase() === "form-data";
  const name = isField ? dispositionName(parameters, "name", unescapePercent) : null;
  const fileName = dispositionName(parameters, "filename", readFileName) ?? "";
  const { maxNameBytes, maxFileNameBytes } = defaultMultipartLimits;
  checkLength(name ?? "", maxNameBytes, "The name of a field is too long.");
  checkLength(fileName, maxFileNameBytes, "The name of a file is too long.");
  return { name, fileName };
}

/** Of files without named fields the name says nothing. @throws Problem `payload_invalid` where one of several is meant */
function onlyFieldOf({ fields }: UploadStep): string {
  const expected = fields?.list.map(({ name }) => name) ?? ["file"];
  const [only, ...others] = expected;
  if (only !== undefined && others.length === 0) return only;
  const list = expected.map((field) => `"${field}"`).join(", ");
  const example = `Content-Disposition: form-data; name="${only ?? ""}"; filename="photo.jpg"`;
  throw new Problem("payload_invalid", {
    detail: `Say which field the file is for, as in ${example}; the fields of files are ${list}.`,
    members: { expected },
  });
}

/** What clients send as the type of anything: `curl --data-binary`, `wget --post-file`. */
const ANYTHING = "application/x-www-form-urlencoded";

function typeOf(contentType: string): string | null {
  const type = readMediaType(contentType);
  return type === ANYTHING ? null : type;
}

/** What is too large by its own word is not read. @throws Problem `body_too_large`, `file_too_large` */
function checkAnnounced(
  bytes: number,
  maxRequestBytes: number,
  step: UploadStep,
  { field, fileName }: Pick<IncomingFile, "field" | "fileName">,
): void {
  // Without a length it shows while it is read.
  if (bytes === Infinity) return;
  // Of a field that there is not, no size is right.
  const { maxFileBytes: limit } = step.fields?.list.find(({ name }) => name === field) ?? step;
  if (bytes > limit) throw fileTooLarge(displayName(fileName), limit);
  if (bytes > maxRequestBytes) throw tooLarge("The request body is larger than is accepted here.", maxRequestBytes);
}

const nothingSent = () => new Problem("file_missing", { detail: "The body is empty: send the file's bytes." });

/** @param announcedBytes Infinity: unknown */
function bodyOf(window: BodyWindow, file: Omit<IncomingFile, "body">, announcedBytes: number): IncomingBody {
  let received = 0;
  let isRead = false;
  const end = () => {
    isRead = true;
    window.release();
    if (announcedBytes === Infinity || received === announcedBytes) return null;
    throw malformed("The body ended before the length that its Content-Length says.");
  };
  const read = async (): Promise<Uint8Array | null> => {
    if (isRead) return null;
    while (window.start === window.end) {
      if (window.ended) return end();
      await window.fill();
    }
    const view = window.bytes.subarray(window.start, window.end);
    window.start = window.end;
    received += view.length;
    return view;
  };
  return {
    // No prototype: as a form's fields.
    payload: Object.create(null) as IncomingBody["payload"],
    isForm: true,
    get isComplete() {
      return isRead;
    },
    readFields: async () => undefined,
    async *files() {
      let first = await read();
      if (first === null) throw nothingSent();
      const readOn = async () => {
        const view = first ?? (await read());
        first = null;
        return view;
      };
      yield { ...file, body: { read: readOn } };
      // Left unread it is passed over, as a part of a form is.
      while ((await readOn()) !== null);
    },
    close: async () => window.cancel(),
  };
}
