/**
 * Stores one object: a small one by one `put`, a larger one by a multipart upload with equal parts, because R2 refuses a
 * stream of unknown length. One part is filled while the one before it is sent; where no memory can be borrowed for
 * that, bytes are read and sent in turn.
 */
import type { ByteSource } from "../../bytes.ts";
import type { InFlight } from "../in-flight.ts";
import type { ObjectKey } from "../object-key.ts";
import type { PutObject, PutOptions } from "../object-store.ts";
import { calling } from "./call.ts";
import { createPartBuffer, free } from "./part-buffer.ts";

/** As `ObjectStore.put`. */
export async function putObject(
  bucket: R2Bucket,
  key: ObjectKey,
  source: ByteSource,
  options: PutOptions,
): Promise<PutObject> {
  const { inFlight } = options;
  const buffer = createPartBuffer(options.maxBytes);
  let parts: PartUpload | null = null;
  let size = 0;
  try {
    for (let chunk = await source.read(); chunk !== null; chunk = await source.read()) {
      size += chunk.length;
      let rest = buffer.take(chunk);
      while (rest.length > 0) {
        parts ??= openParts(bucket, key, options);
        await parts.send(buffer.hand());
        rest = buffer.take(rest);
      }
    }
  } catch (error) {
    free(buffer.hand());
    await parts?.abort();
    throw error;
  }
  const complete = (bytes: Uint8Array) => parts?.complete(bytes) ?? putNew(bucket, key, bytes, options);
  const { sent: stored, isBorrowed } = sendAway(buffer.hand(), inFlight, complete);
  if (!isBorrowed) await stored;
  return { size, stored };
}

/** Puts only if the key is free: keys are generated, so a taken one is a fault, never a replacement. */
async function putNew(bucket: R2Bucket, key: ObjectKey, bytes: Uint8Array, options: PutOptions): Promise<void> {
  const httpMetadata = { contentType: options.contentType };
  const onlyIf = new Headers({ "If-None-Match": "*" });
  await options.ready;
  const stored = await options.inFlight.run(() =>
    calling("put", () => bucket.put(key, bytes, { httpMetadata, onlyIf })),
  );
  if (stored === null) throw new Error("The generated object key is taken");
}

/** Bytes that are on their way. */
interface Sending {
  readonly sent: Promise<void>;
  /** Their memory is borrowed until then, so that another part's can be used meanwhile. */
  readonly isBorrowed: boolean;
}

function sendAway(
  bytes: Uint8Array<ArrayBuffer>,
  inFlight: InFlight,
  send: (bytes: Uint8Array) => Promise<void>,
): Sending {
  const heldBytes = bytes.buffer.byteLength;
  const isBorrowed = inFlight.borrow(heldBytes);
  const sent = send(bytes).finally(() => {
    free(bytes);
    if (isBorrowed) inFlight.return(heldBytes);
  });
  // Whoever needs the outcome awaits it later, or has failed before.
  sent.catch(() => undefined);
  return { sent, isBorrowed };
}

interface PartUpload {
  /** Resolves when the next part may be filled. */
  send(bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  /** Sends the last part, if it has any bytes, and makes the object. Nothing stays when it fails. */
  complete(last: Uint8Array): Promise<void>;
  /** Never throws: it runs while another error is on its way. R2 drops what it could not abort after seven days. */
  abort(): Promise<void>;
}

function openParts(bucket: R2Bucket, key: ObjectKey, options: PutOptions): PartUpload {
  const { inFlight, ready, onUploadOpened } = options;
  const httpMetadata = { contentType: options.contentType };
  const open = async () => {
    await ready;
    return inFlight.run(() =>
      calling("createMultipartUpload", () => bucket.createMultipartUpload(key, { httpMetadata })),
    );
  };
  const opened = open();
  const noted = opened.then(({ uploadId }) => inFlight.run(async () => onUploadOpened?.(uploadId)));
  noted.catch(() => undefined);

  const uploaded: Promise<R2UploadedPart>[] = [];
  const uploadPart = async (bytes: Uint8Array) => {
    const number = uploaded.length + 1;
    const uploading = opened.then((upload) =>
      inFlight.run(() => calling("uploadPart", () => upload.uploadPart(number, bytes))),
    );
    uploaded.push(uploading);
    await uploading;
  };
  const abort = async () => {
    // A part that arrives after its upload was aborted is an error of its own.
    await Promise.allSettled([noted, ...uploaded]);
    const upload = await opened.catch(() => null);
    await upload?.abort().catch(() => undefined);
  };
  let last: Promise<void> = Promise.resolve();
  return {
    async send(bytes) {
      await last;
      const { sent, isBorrowed } = sendAway(bytes, inFlight, uploadPart);
      last = sent;
      if (!isBorrowed) await sent;
    },
    async complete(bytes) {
      try {
        if (bytes.length > 0) await uploadPart(bytes);
        const [upload, parts] = await Promise.all([opened, Promise.all(uploaded), noted]);
        await inFlight.run(() => calling("completeMultipartUpload", () => upload.complete(parts)));
      } catch (error) {
        await abort();
        throw error;
      }
    },
    abort,
  };
}
