/** The body that a resumable upload stands for: the fields of its metadata, and the file that is in the store already. */
import type { Json } from "../../contract/json.ts";
import { Problem } from "../../contract/problem.ts";
import type { IncomingBody, IncomingFile } from "../body/incoming-body.ts";
import { openByteReader, type ByteReader } from "../byte-reader.ts";
import type { ByteSource } from "../bytes.ts";
import type { ObjectKey } from "../storage/object-key.ts";
import type { ObjectStore } from "../storage/object-store.ts";

const nothing = async () => undefined;

/** @param file null: it has yet to come */
export function uploadBody(payload: Json, file: IncomingFile | null): IncomingBody {
  return {
    payload,
    isForm: true,
    isComplete: true,
    readFields: nothing,
    async *files() {
      if (file !== null) yield file;
    },
    close: nothing,
  };
}

/** What is read at a time. */
export const READ_BYTES = 256 * 1024;

/** Asked for when it is first read. */
export function objectSource(store: Pick<ObjectStore, "get">, key: ObjectKey): ByteSource {
  let reader: ByteReader | null = null;
  let buffer = new ArrayBuffer(READ_BYTES);
  const open = async () => {
    const object = await store.get(key);
    if (object === null) throw new Problem("storage_unavailable", { reason: "The object of an upload is missing" });
    return openByteReader(object.stream);
  };
  return {
    async read() {
      reader ??= await open();
      try {
        const chunk = await reader.read(new Uint8Array(buffer));
        ({ buffer } = chunk);
        return chunk.length === 0 ? null : chunk;
      } catch (cause) {
        throw new Problem("storage_unavailable", { reason: "The object of an upload could not be read", cause });
      }
    },
  };
}
