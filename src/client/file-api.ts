/** The file API's calls (docs/file-api.md), with its own names and answers. */
import { runCall, type CallContext, type CallOptions } from "./call.ts";
import type { AnyInput, SignedAddress } from "./endpoints.ts";
import type { FileInput } from "./platform.ts";

/** A small picture of a file. */
export interface ThumbnailDocument {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly url: string;
}

/** A file as the file API answers it. */
export interface FileDocument {
  readonly _id: string;
  /** Its storage key. */
  readonly name: string;
  readonly uploaded_by: string;
  readonly type: string;
  /** Bytes, as text. */
  readonly size: string;
  readonly bucket: string;
  /** Of a private file it answers 404: `link` gives an address that opens. */
  readonly url: string;
  readonly meta: {
    readonly originalName: string;
    readonly visibility: "public" | "private";
    readonly width: number | null;
    readonly height: number | null;
    readonly dominantColor: string | null;
    readonly thumbhash: string | null;
    readonly checksumSha256: string | null;
    readonly expiresAt: string | null;
    /** Of a deleted file. */
    readonly restorableUntil?: string | null;
    /** Where it has any: addresses that open as they are, those of a private file for a while. */
    readonly thumbnails?: readonly ThumbnailDocument[];
    /** Of the first. */
    readonly thumbnailUrl?: string;
  };
  /** False: deleted. */
  readonly status: boolean;
  readonly deletedAt: string | null;
  readonly createdAt: string;
  readonly updatedAt: string;
}

export interface FileQuery {
  /** `""` begins a list, the `nextCursor` of each page goes on. Without one, pages are numbered and files counted. */
  readonly cursor?: string;
  readonly page?: number;
  readonly limit?: number;
  /** `image/png` or `image/*`. */
  readonly type?: string;
  readonly visibility?: "public" | "private";
  readonly prefix?: string;
  /** Part of the original name, in upper or lower case. */
  readonly name?: string;
  readonly from?: string;
  readonly to?: string;
  /** `deleted`: what can be restored, in place of what is stored. */
  readonly status?: "stored" | "deleted";
  /** `newest` unless said; `size`: the largest first. */
  readonly sort?: "newest" | "oldest" | "name" | "size";
}

export interface FilePage {
  readonly data: readonly FileDocument[];
  readonly nextCursor: string | null;
  /** Null in a list by cursor. */
  readonly count: number | null;
  readonly pages: number | null;
}

export interface SignTerms {
  /** Seconds, 1 to 604,800. */
  readonly expires?: number;
  /** `inline`, `attachment`, or `attachment; filename="a.png"`. */
  readonly disposition?: string;
  /** The name of the thumbnail to open in place of the file. */
  readonly thumbnail?: string;
}

export interface IssueTerms extends SignTerms {
  /** Not of a thumbnail. */
  readonly max_downloads?: number;
  /** The one address that it opens from. */
  readonly ip?: string;
}

/** A link as the audit has it. */
export interface LinkAudit {
  readonly id: string;
  readonly kind: string;
  readonly state: "live" | "expired" | "revoked" | "used_up";
  readonly issued_at: string;
  readonly expires_at: string;
  readonly max_downloads: number | null;
  readonly downloads: number | null;
  readonly ip: string | null;
}

/** What the file API takes of the caller. */
export interface FileApiLimits {
  /** Of one file in a form. */
  readonly maxFileBytes: number;
  /** Files come in pieces, too, of so many bytes at most. Both are absent where they do not. */
  readonly resumable?: true;
  readonly maxResumableBytes?: number;
  /** As `image/png`, `image/*` or `*` + `/*`; which it is, the file's bytes tell. */
  readonly types: readonly string[];
  /** Null: the caller may store any amount. */
  readonly quota: {
    readonly maxBytes: number | null;
    readonly maxFiles: number | null;
    /** Stored, in the trash, or on their way. */
    readonly usedBytes: number;
    readonly usedFiles: number;
  } | null;
}

export interface UploadOptions extends CallOptions {
  /** For its owner alone. */
  readonly isPrivate?: boolean;
}

export interface FileCalls {
  upload(file: FileInput, options?: UploadOptions): Promise<FileDocument>;
  list(query?: FileQuery, options?: CallOptions): Promise<FilePage>;
  /** What an upload may be, and how much space is left. */
  limits(options?: CallOptions): Promise<FileApiLimits>;
  get(id: string, options?: CallOptions): Promise<FileDocument>;
  /** An address that opens the file, 300 seconds long by default. */
  link(id: string, terms?: SignTerms, options?: CallOptions): Promise<SignedAddress>;
  /** A link that is counted, or bound to an address. */
  issue(id: string, terms?: IssueTerms, options?: CallOptions): Promise<LinkAudit & { readonly url: SignedAddress }>;
  links(id: string, options?: CallOptions): Promise<readonly LinkAudit[]>;
  /** Ends every link of the file that was issued so far. */
  revoke(id: string, options?: CallOptions): Promise<unknown>;
  /** Of all the caller's files. */
  revokeAll(options?: CallOptions): Promise<unknown>;
  /** The name that it is shown and saved under; its extension stays. */
  rename(id: string, name: string, options?: CallOptions): Promise<FileDocument>;
  delete(id: string, options?: CallOptions): Promise<FileDocument>;
  restore(id: string, options?: CallOptions): Promise<FileDocument>;
}

export function createFileCalls(context: CallContext): FileCalls {
  /** @param address the method, and what follows `/v1/upload` */
  const call = async <Answer>(address: string, input?: AnyInput, options?: CallOptions): Promise<Answer> => {
    const [method = "", rest = ""] = address.split(" ");
    const route = { method, resource: `v1/upload${rest}`, token: "Authorization" };
    return (await runCall(context, route, input, options)).data as Answer;
  };
  const ofOne =
    <Answer>(address: string) =>
    (id: string, options?: CallOptions) =>
      call<Answer>(address, { path: { id } }, options);
  return {
    upload: (file, options) => call(options?.isPrivate ? "POST /private" : "POST", { files: [file] }, options),
    list: (query, options) => call("GET", { query }, options),
    get: ofOne("GET /:id"),
    link: (id, terms, options) => call("GET /url/:id", { path: { id }, query: terms }, options),
    issue: (id, terms = {}, options) => call("POST /:id/links", { path: { id }, body: terms }, options),
    rename: (id, name, options) => call("PATCH /:id", { path: { id }, body: { name } }, options),
    links: ofOne("GET /:id/links"),
    revoke: ofOne("DELETE /:id/links"),
    revokeAll: (options) => call("DELETE /links", {}, options),
    limits: (options) => call("GET /limits", {}, options),
    delete: ofOne("DELETE /:id"),
    restore: ofOne("POST /:id/restore"),
  };
}
