/** `Upload-Metadata`: what a form says beside its file. https://tus.io/protocols/resumable-upload#upload-metadata */
import { SluiceError } from "../error.ts";
import type { PreparedRequest } from "../request/request.ts";

/** A key of the header, and none that says something of the file. */
const sendable = /^(?!(?:file(?:name|type)|field|relativePath)$)[!-+\--~]+$/;

/** Of a request with one file. @throws SluiceError for a field that the header cannot carry */
export function writeMetadata({ fields, files }: PreparedRequest): string {
  const texts = new Map<string, string[]>();
  for (const [name, text] of fields) {
    if (!sendable.test(name))
      throw new SluiceError("request_invalid", `"${name}" cannot be sent beside a file in pieces`);
    texts.set(name, [...(texts.get(name) ?? []), text]);
  }
  const file = files.flatMap(({ field, file: { name = field, type } }) => [
    ["filename", name],
    ["filetype", type],
    ["field", field],
  ]);
  // A name stands there once: several texts are one list.
  const rest = [...texts].map(([name, [first = "", ...more]]) => [
    name,
    more.length === 0 ? first : JSON.stringify([first, ...more]),
  ]);
  return [...file, ...rest].map(([name, text = ""]) => `${name} ${toBase64(text)}`).join();
}

const toBase64 = (text: string): string => btoa(String.fromCharCode(...new TextEncoder().encode(text)));
