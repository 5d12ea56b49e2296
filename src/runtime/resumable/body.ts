/** The body that a resumable upload stands for: the fields of its metadata, and the file that is in the store already. */
import type { Json } from "../../contract/json.ts";
import { Problem } from "../../contract/problem.ts";
import type { IncomingBody, IncomingFile } from "../body/incoming-body.ts";
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

/** Asked for when it is first read. */
export function objectSource(store: Pick<ObjectStore, "get">, key: ObjectKey): ByteSource {
  let reader: ReadableStreamDefaultReader<Uint8Array> | null = null;
  const open = async () => {
    const object = await store.get(key);
    if (object === null) throw new Problem("storage_unavailable", { reason: "The object of an upload is missing" });
    return object.stream.getReader();
  };
  return {
    async read() {
      reader ??= await open();
      try {
        for (;;) {
          const { done, value } = await reader.read();
          if (done) return null;
          if (value.length > 0) return value;
        }
      } catch (cause) {
        throw new Problem("storage_unavailable", { reason: "The object of an upload could not be read", cause });
      }
    },
  };
}
