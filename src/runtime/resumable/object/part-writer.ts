/**
 * Brings the bytes of one PATCH into the store: whole parts to R2, the rest into the object's own storage. Some is
 * read while the one before it is sent, where there is memory for both.
 */
import type { UploadStorage, NotedPart } from "./storage.ts";
import type { Loan, PartMemory } from "./part-memory.ts";
import { resumablePartBytes as PART_BYTES } from "../../../contract/limits.ts";
import { calling } from "../../storage/r2/call.ts";
import { createPartBuffer, free } from "../../storage/r2/part-buffer.ts";

/** What is read while a part is sent: together they are what an upload takes at most. */
const AHEAD_BYTES = PART_BYTES / 4;

export interface PartWriter {
  /** Copies the chunk. Resolves when the next one may come. @throws Problem `storage_unavailable` */
  write(chunk: Uint8Array): Promise<void>;
  /** Makes durable what was written. @throws Problem `storage_unavailable` */
  finish(): Promise<void>;
  /** Gives everything back, once nothing is under way any more: a part that arrives late would replace its successor. */
  close(): Promise<void>;
}

export interface WriterOptions {
  readonly storage: UploadStorage;
  readonly memory: PartMemory;
  /** Opens the multipart upload, or goes on with it. */
  readonly openUpload: () => Promise<R2MultipartUpload>;
  /** No more bytes can come. */
  readonly mostBytes: number;
  /** Nothing is noted before `finish`: the bytes have yet to prove themselves. */
  readonly isChecked: boolean;
}

/** @throws Problem `overloaded` */
export function createPartWriter({ storage, memory, openUpload, mostBytes, isChecked }: WriterOptions): PartWriter {
  /** Bytes at the buffer's beginning that are staged already. */
  let staged = storage.stagedBytes();
  const most = staged + mostBytes;
  const filling = memory.mustBorrow(Math.min(PART_BYTES, most));
  const buffer = createPartBuffer(most, PART_BYTES, AHEAD_BYTES);
  for (const bytes of storage.staged()) buffer.take(bytes);
  let filled = staged;
  let number = storage.parts().length;
  const unnoted: NotedPart[] = [];
  let sending: Promise<void> = Promise.resolve();

  const send = async (bytes: Uint8Array<ArrayBuffer>, part: number, loan: Loan | null) => {
    try {
      const upload = await openUpload();
      const { etag } = await twice(() => calling("uploadPart", () => upload.uploadPart(part, bytes)));
      if (isChecked) unnoted.push({ number: part, etag });
      else storage.note([{ number: part, etag }], new Uint8Array(0));
    } finally {
      free(bytes);
      loan?.close();
    }
  };

  return {
    async write(chunk) {
      if (filled + chunk.length > AHEAD_BYTES) await sending;
      filled += chunk.length;
      for (let rest = buffer.take(chunk); rest.length > 0; rest = buffer.take(rest)) {
        filled = rest.length;
        number++;
        staged = 0;
        const loan = memory.borrow(AHEAD_BYTES);
        sending = send(buffer.hand(), number, loan);
        // Awaited before the next part, and at the end.
        sending.catch(() => undefined);
        if (loan === null) await sending;
      }
    },
    async finish() {
      await sending;
      const rest = buffer.hand();
      try {
        storage.note(unnoted, rest.subarray(staged));
      } finally {
        free(rest);
      }
    },
    async close() {
      await sending.catch(() => undefined);
      free(buffer.hand());
      filling.close();
    },
  };
}

/** Of what may fail once for no reason, and does no harm when it is done twice. */
async function twice<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch {
    return work();
  }
}
