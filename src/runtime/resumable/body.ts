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

/**
 * Asked for when it is first read, and beyond its first bytes only where somebody goes on: of most files they tell the
 * type, and nothing else is looked at.
 */
export function objectSource(store: Pick<ObjectStore, "get">, key: ObjectKey, size: number): ByteSource {
  let reader: ByteReader | null = null;
  let buffer = new ArrayBuffer(READ_BYTES);
  let position = 0;
  /** Bytes of the object, as far as they have been asked for. */
  let asked = 0;
  const open = async () => {
    const length = Math.min(size - position, position === 0 ? READ_BYTES : Infinity);
    const object = await store.get(key, { offset: position, length });
    if (object === null) throw new Problem("storage_unavailable", { reason: "The object of an upload is missing" });
    asked = position + length;
    return openByteReader(object.stream);
  };
  return {
    async read() {
      if (position === size) return null;
      if (reader === null || position === asked) reader = await open();
      try {
        const chunk = await reader.read(new Uint8Array(buffer));
        ({ buffer } = chunk);
        position += chunk.length;
        return chunk.length === 0 ? null : chunk;
      } catch (cause) {
        throw new Problem("storage_unavailable", { reason: "The object of an upload could not be read", cause });
      }
    },
  };
}
