/** What the park knows of a client: its row of the matrix. Knows no client. */
import type { Stage } from "./stage.ts";

/** The columns, in the matrix' order, with their titles. */
export const columns = {
  upload: "upload",
  names: "odd names",
  large: "20 MiB",
  link: "link",
  address: "public address",
  head: "HEAD",
  condition: "304",
  range: "ranges, resume",
} as const;

export type Column = keyof typeof columns;

/** Resolves with the cell's words where there is more to say than "ok". @throws Error naming what is broken */
export type Check = (stage: Stage) => Promise<string | void>;

export type Checks = Partial<Readonly<Record<Column, Check>>>;

export interface Client {
  readonly name: string;
  /** How a machine gets it. */
  readonly source: string;
  /** Null: this machine does not have it, or what it needs. */
  version(stage: Stage): Promise<string | null>;
  /** What is missing here the client does not do. */
  readonly checks: Checks;
}

export type Headers = Readonly<Record<string, string>>;

export interface Upload {
  readonly url: string;
  readonly headers: Headers;
  /** Of the file, whose last segment is the name that the form has. */
  readonly path: string;
  readonly type: string;
}

export interface UploadAnswer {
  readonly status: number;
  /** As the client has parsed it. */
  readonly body: unknown;
}

export interface Download {
  readonly method: "GET" | "HEAD";
  readonly url: string;
  readonly headers: Headers;
  /** Where the body goes. */
  readonly target: string;
}

export interface DownloadAnswer {
  readonly status: number;
  /** Names in small letters. */
  readonly headers: Headers;
}

/** A client that sends any request that it is asked for. */
export interface Library {
  upload(call: Upload): Promise<UploadAnswer>;
  download(call: Download): Promise<DownloadAnswer>;
}

/** @throws Error with what was found instead */
export function expect(isTrue: boolean, what: string, found: unknown = ""): void {
  if (!isTrue) throw new Error(`${what}: ${typeof found === "string" ? found : JSON.stringify(found)}`);
}
