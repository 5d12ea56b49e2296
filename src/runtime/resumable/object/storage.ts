/**
 * What a resumable upload has in the storage of its Durable Object. The offset is not noted anywhere: it follows from the
 * parts and the staged bytes, so the two cannot differ.
 */
import { resumablePartBytes as PART_BYTES } from "../../../contract/limits.ts";
import { free } from "../../storage/r2/part-buffer.ts";
import type { Creation, KeptText, Extent } from "../actor.ts";

/** A part that R2 has. */
export interface NotedPart {
  readonly number: number;
  readonly etag: string;
}

export interface UploadStorage {
  /** Undefined: there is no upload. */
  creation(): Creation | undefined;
  create(creation: Creation, length: number | null): void;
  progress(): Extent;
  setLength(length: number): void;
  /** The type that the first bytes have shown. */
  readonly fileType: Cell<string>;
  /** R2's id of the multipart upload. */
  readonly uploadId: Cell<string>;
  /** The object is there. */
  isAssembled(): boolean;
  /** The bytes are in it now, and nowhere else. */
  setAssembled(): void;
  /** SHA-256 of the whole file, where its bytes could be watched. */
  readonly checksum: Cell<string>;
  readonly answer: Cell<KeptText>;
  parts(): readonly NotedPart[];
  /** Bytes behind the parts, fewer than one part has. */
  stagedBytes(): number;
  /** These bytes, piece by piece: each is in memory until the next is asked for. */
  staged(): Iterable<Uint8Array>;
  /** Notes parts, of which the first begins with what is staged, and stages what follows; all or nothing. */
  note(parts: readonly NotedPart[], rest: Uint8Array): void;
}

export interface Cell<Value> {
  get(): Value | undefined;
  set(value: Value): void;
}

/** A value of SQLite may have 2 MB: https://developers.cloudflare.com/durable-objects/platform/limits/ */
const ROW_BYTES = 1024 * 1024;

export function openUploadStorage(storage: DurableObjectStorage): UploadStorage {
  const { kv, sql } = storage;
  const cell = <Value>(name: string): Cell<Value> => ({
    get: () => kv.get<Value>(name),
    set: (value) => kv.put(name, value),
  });
  const creation = cell<Creation>("creation");
  const length = cell<number>("length");
  const isAssembled = cell<boolean>("isAssembled");
  const count = (query: string) => Number(sql.exec(query).one()["total"]);
  const stagedBytes = () => count("SELECT coalesce(sum(length(bytes)), 0) AS total FROM staged");
  const stage = (bytes: Uint8Array) => {
    for (let start = 0; start < bytes.length; start += ROW_BYTES) {
      sql.exec("INSERT INTO staged (bytes) VALUES (?)", bytes.subarray(start, start + ROW_BYTES));
    }
  };
  return {
    creation: () => creation.get(),
    create(created, bytes) {
      storage.transactionSync(() => {
        sql.exec("CREATE TABLE parts (number INTEGER PRIMARY KEY, etag TEXT NOT NULL)");
        sql.exec("CREATE TABLE staged (number INTEGER PRIMARY KEY, bytes BLOB NOT NULL)");
        creation.set(created);
        if (bytes !== null) length.set(bytes);
      });
    },
    progress() {
      const bytes = length.get() ?? null;
      if (isAssembled.get() === true) return { offset: bytes ?? 0, length: bytes };
      const parts = count("SELECT count(*) AS total FROM parts");
      return { offset: parts * PART_BYTES + stagedBytes(), length: bytes };
    },
    setLength: (bytes) => length.set(bytes),
    fileType: cell("fileType"),
    uploadId: cell("uploadId"),
    isAssembled: () => isAssembled.get() === true,
    setAssembled() {
      storage.transactionSync(() => {
        sql.exec("DELETE FROM staged");
        isAssembled.set(true);
      });
    },
    checksum: cell("checksum"),
    answer: cell("answer"),
    parts: () =>
      sql.exec<Record<"number", number> & Record<"etag", string>>("SELECT * FROM parts ORDER BY number").toArray(),
    stagedBytes,
    *staged() {
      const rows = sql.exec("SELECT bytes FROM staged ORDER BY number");
      for (const { bytes } of rows) {
        const row = new Uint8Array(bytes as ArrayBuffer);
        yield row;
        free(row);
      }
    },
    note(parts, rest) {
      storage.transactionSync(() => {
        for (const { number, etag } of parts) sql.exec("INSERT INTO parts (number, etag) VALUES (?, ?)", number, etag);
        if (parts.length > 0) sql.exec("DELETE FROM staged");
        stage(rest);
      });
    },
  };
}
