/** A signed link as the audit table describes it, and what it is asked to be. Knows nothing of SQL or signatures. */
import type { FileRecord } from "../files/record.ts";

/** The file that a link opens: stored, or about to be. */
export type LinkTarget = Pick<
  FileRecord,
  "id" | "owner" | "storageKey" | "fileType" | "originalFileName" | "expiresAt" | "linkEpoch"
>;

/** What a link may say beyond being one. */
export interface LinkTerms {
  /** A whole number of seconds from 1 to seven days. */
  readonly expiresSeconds: number;
  /** Null: as often as one likes. */
  readonly maxDownloads: number | null;
  /** The only address that the link opens from, as http/client-address spells it; null: any. */
  readonly address: string | null;
  /** A Content-Disposition that http/content-disposition accepts; null: as the file's type is served. */
  readonly disposition: string | null;
}

/** An issued link, without its signature: the row must not open anything. */
export interface NewLink {
  /** 21 URL-safe characters. */
  readonly id: string;
  readonly fileId: string;
  /** The file's. */
  readonly owner: string | null;
  /** Who answers the link: this runtime, or R2's S3 endpoint, which knows neither epochs nor counts. */
  readonly kind: "worker" | "r2";
  readonly epoch: number;
  /** The only address that the link opens from; null: any. */
  readonly boundIp: string | null;
  /** Null: not counted. */
  readonly maxDownloads: number | null;
  /** The call that asked for the link, and the address it came from. */
  readonly requestId: string;
  readonly clientIp: string | null;
  /** RFC 3339. */
  readonly issuedAt: string;
  readonly expiresAt: string;
}

export interface LinkRecord extends NewLink {
  /** Downloads that were counted; 0 for a link that is not. */
  readonly downloads: number;
}
