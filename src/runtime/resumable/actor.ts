/** What the Worker and the Durable Object of one resumable upload tell each other. All of it is structured data. */
import type { FileRules } from "../../contract/plan/files.ts";
import type { Json } from "../../contract/json.ts";
import { Problem, type ProblemCode, type ProblemOptions } from "../../contract/problem.ts";
import type { NewFile } from "../files/row.ts";

/** What was judged when the upload was created, and what its end needs of that request. */
export interface Creation {
  /** The id of the endpoint. */
  readonly endpoint: string;
  readonly owner: string | null;
  /** The pending row. */
  readonly file: NewFile;
  /** The name of the form field that it stands for. */
  readonly field: string;
  /** As the client has sent it. */
  readonly fileName: string;
  readonly declaredType: string | null;
  readonly rules: Pick<FileRules, "types" | "stripsMetadata" | "strictImages" | "maxFileBytes">;
  readonly payload: Json;
  /** `Upload-Metadata`, as it was sent. */
  readonly metadata: string | null;
  readonly request: { readonly url: string; readonly headers: [name: string, value: string][] };
  /** RFC 3339; from then on there is no such upload. */
  readonly expiresAt: string;
}

/** Who asks for an upload, by which endpoint: another one has other rules, which were not judged. */
export type Asker = Pick<Creation, "endpoint" | "owner">;

/** How far an upload has come. */
export interface Extent {
  /** Bytes that are durable. */
  readonly offset: number;
  /** Bytes of the whole file; null: the client has yet to tell. */
  readonly length: number | null;
}

export interface Shown extends Extent {
  /** Of the creation. */
  readonly url: string;
  readonly metadata: string | null;
  readonly expiresAt: string;
  /** The end was carried out. */
  readonly isDone: boolean;
}

/** One PATCH. */
export interface Append {
  readonly asker: Asker;
  readonly offset: number;
  /** Of the whole file, where this request tells it. */
  readonly length: number | null;
  /** The body has no more bytes; null: nobody has said. */
  readonly mostBytes: number | null;
  readonly checksum: Checksum | null;
  /** The longest silence of a client. */
  readonly idleMilliseconds: number;
}

export interface Checksum {
  readonly algorithm: ChecksumAlgorithm;
  /** Base64, as it was sent. */
  readonly digest: string;
}

/** As tus writes them, and what they are called here. */
export const checksumAlgorithms = { sha1: "SHA-1", sha256: "SHA-256", md5: "MD5" } as const;
export type ChecksumAlgorithm = keyof typeof checksumAlgorithms;

/** A `Problem`, whose class is lost between isolates. */
export interface RefusedRequest {
  readonly code: ProblemCode;
  readonly detail: string | null;
  readonly members: NonNullable<ProblemOptions["members"]>;
  readonly headers: NonNullable<ProblemOptions["headers"]>;
  readonly reason: string;
}

export const toRefusal = ({ code, detail, members, headers, message: reason }: Problem): RefusedRequest => ({
  code,
  detail,
  members,
  headers,
  reason,
});

export function toProblemAgain({ code, detail, ...options }: RefusedRequest): Problem {
  return new Problem(code, { ...options, ...(detail === null ? {} : { detail }) });
}

export type Appended =
  | { readonly outcome: "missing" }
  | (Extent & { readonly outcome: "appended"; readonly expiresAt: string })
  /** `file`: the row that is left of the upload, of which there is nothing any more; null: it goes on. */
  | { readonly outcome: "refused"; readonly refusal: RefusedRequest; readonly file: NewFile | null };

/** An upload whose bytes are an object. */
export interface Assembled {
  readonly creation: Creation;
  readonly size: number;
  /** Undefined: the object was not in memory all the time, so the bytes have to be read for it. */
  readonly checksumSha256: string | undefined;
  /** What the end has answered, as it was kept; null: it was not carried out. */
  readonly answer: KeptText | null;
}

/** The store has failed. */
export interface NotAssembled {
  readonly refusal: RefusedRequest;
}

/** An answer as text, in which no link is legible. */
export interface KeptText {
  readonly status: number;
  /** Null: it was too long to be kept. */
  readonly text: string | null;
}

/** What the object of an upload does for the Worker; see object/resumable-upload. */
export interface UploadActor {
  /** False: there is an upload already. */
  create(creation: Creation, length: number | null): Promise<boolean>;
  /** How far it is, once the PATCH that may be running has been ended: its client has come back. Null: none of the asker's. */
  show(asker: Asker): Promise<Shown | null>;
  /** Takes bytes, until there are no more or another request for this upload comes. What has arrived is durable then. */
  append(append: Append, body: ReadableStream<Uint8Array> | null): Promise<Appended>;
  /** Null: none of the asker's. Ends no PATCH. */
  progress(asker: Asker): Promise<Extent | null>;
  /** Makes the object of a whole upload, as often as it is asked for. Null: none of the asker's, or not whole. */
  assemble(asker: Asker): Promise<Assembled | NotAssembled | null>;
  /** The end was carried out. */
  keepAnswer(answer: KeptText): Promise<void>;
  /** Ends the upload. Resolves with the row that is left of it; null: there is none of the asker's that has not ended. */
  end(asker: Asker): Promise<NewFile | null>;
}
