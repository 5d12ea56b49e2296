/**
 * What callers hand over, described by its members alone: the types of browsers, Node, Workers, Deno and React Native all
 * fit, and none of them has to be installed.
 */

/** A `Blob` or `File`. It can be sent again, and its progress is that of the connection where there is XMLHttpRequest. */
export interface BlobLike {
  readonly size: number;
  readonly type: string;
  readonly name?: string;
  readonly lastModified?: number;
  slice(start?: number, end?: number): unknown;
}

/** A `ReadableStream` of bytes. */
export interface StreamLike {
  getReader(): unknown;
}

/**
 * Bytes that come from elsewhere. A stream can be read once, so a call with one is not repeated; a function that opens
 * it anew can be. Where only a form can be sent (browsers, React Native), it is read into memory first.
 */
export interface StreamFile {
  readonly stream: StreamLike | (() => StreamLike);
  readonly name: string;
  readonly type: string;
  readonly size: number;
}

/** A file on a device, as React Native's pickers name it. Only its own FormData can read it. */
export interface DeviceFile {
  readonly uri: string;
  readonly name: string;
  readonly type: string;
  readonly size?: number;
}

export type FileInput = BlobLike | StreamFile | DeviceFile;

/** An `AbortSignal`. */
export interface SignalLike {
  readonly aborted: boolean;
  readonly reason?: unknown;
  addEventListener(type: "abort", listener: () => void): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

/** Of a body, what a form adds included where the browser counts it. */
export interface UploadProgress {
  readonly loaded: number;
  readonly total: number;
}

/** Any `fetch`: its second parameter has another type on each platform. */
export type FetchLike = (url: string, init: never) => Promise<AnswerLike>;

/** What is read of a `Response`. */
export interface AnswerLike {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  text(): Promise<string>;
}

/** `localStorage`, React Native's AsyncStorage, or something of one's own. */
export interface StorageLike {
  getItem(name: string): string | null | Promise<string | null>;
  setItem(name: string, value: string): unknown;
  removeItem(name: string): unknown;
}

export const isBlob = (file: FileInput): file is BlobLike => "slice" in file;
export const isStream = (file: FileInput): file is StreamFile => "stream" in file && !isBlob(file);
