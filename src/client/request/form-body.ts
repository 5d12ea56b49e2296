/**
 * A form as the body of `fetch`: on servers a stream that counts what is taken from it. Loaded where it is used, for pages
 * and apps send forms by XMLHttpRequest.
 */
import { SluiceError } from "../error.ts";
import { toFormData } from "./form.ts";
import { isBlob, type FileInput, type StreamFile, type UploadProgress } from "../platform.ts";
import type { PreparedRequest } from "./request.ts";

export interface FetchBody {
  readonly body: string | FormData | ReadableStream | undefined;
  readonly duplex?: "half";
}

/** @param headers is told the type that `fetch` does not know @param moved is told how many bytes of the files were taken */
export async function toFetchBody(
  request: PreparedRequest,
  headers: Headers,
  moved: (progress: UploadProgress) => void,
): Promise<FetchBody> {
  const { files } = request;
  // Browsers take a stream over HTTP/2 alone, and their service workers have no XMLHttpRequest: there nothing is counted.
  const canStream = "ReadableStream" in globalThis && !("registration" in globalThis);
  if (!canStream || files.some(({ file }) => "uri" in file)) return { body: await toFormData(request) };
  const boundary = `sluice-${crypto.randomUUID()}`;
  headers.set("Content-Type", `multipart/form-data; boundary=${boundary}`);
  return { body: toFormStream(request, boundary, moved), duplex: "half" };
}

/** As a browser writes names of fields and files: https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#multipart-form-data */
const quote = (name: string) => `"${name.replace(/\r\n?|\n/g, "%0D%0A").replace(/"/g, "%22")}"`;

function toFormStream(
  request: PreparedRequest,
  boundary: string,
  moved: (progress: UploadProgress) => void,
): ReadableStream {
  const total = request.files.reduce((sum, { file }) => sum + (file.size ?? 0), 0);
  let loaded = 0;
  const parts = writeForm(request, boundary, (bytes) => moved({ loaded: (loaded += bytes), total }));
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await parts.next();
      if (done === true) controller.close();
      else controller.enqueue(value);
    },
    // Ends the file's own stream as well.
    cancel: () => parts.return(undefined).then(() => undefined),
  });
}

async function* writeForm(
  { fields, files }: PreparedRequest,
  boundary: string,
  count: (bytes: number) => void,
): AsyncGenerator<Uint8Array, undefined> {
  const encoder = new TextEncoder();
  const head = (field: string, more = "") =>
    `--${boundary}\r\nContent-Disposition: form-data; name=${quote(field)}${more}\r\n\r\n`;
  for (const [name, value] of fields) yield encoder.encode(`${head(name)}${value}\r\n`);
  for (const { field, file } of files) {
    const { name = field, type } = file;
    const contentType = type.replace(/[\r\n]/g, "") || "application/octet-stream";
    yield encoder.encode(head(field, `; filename=${quote(name)}\r\nContent-Type: ${contentType}`));
    const reader = bytesOf(file).getReader();
    try {
      for (let read = await reader.read(); !read.done; read = await reader.read()) {
        count(read.value.byteLength);
        yield read.value;
      }
    } finally {
      // Whoever gave the stream hears that nobody reads on; for one that has ended this is no news.
      reader.cancel().catch(() => undefined);
    }
    yield encoder.encode("\r\n");
  }
  yield encoder.encode(`--${boundary}--\r\n`);
}

const openStream = ({ stream }: StreamFile) =>
  (typeof stream === "function" ? stream() : stream) as ReadableStream<Uint8Array<ArrayBuffer>>;

const bytesOf = (file: FileInput): ReadableStream<Uint8Array> =>
  isBlob(file) ? (file as Blob).stream() : openStream(file as StreamFile);

/** For a form that cannot be streamed. @throws SluiceError for a stream with more bytes than its file says: they are all kept */
export async function readStream(file: StreamFile): Promise<Blob> {
  let bytes = 0;
  const bounded = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    transform(chunk, controller) {
      bytes += chunk.byteLength;
      if (bytes > file.size)
        throw new SluiceError("file_changed", `"${file.name}" has more than ${String(file.size)} bytes`);
      controller.enqueue(chunk);
    },
  });
  // The bytes alone would have no type, which the server holds against them.
  return new Blob([await new Response(openStream(file).pipeThrough(bounded)).arrayBuffer()], { type: file.type });
}
