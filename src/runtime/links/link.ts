/** A signed link as the audit table describes it, and the terms that can be asked of one. */
import type { FileRecord } from "../files/record.ts";
import type { ObjectKey } from "../storage/object-key.ts";
import type { Terms } from "./terms.ts";

/** The file that a link opens: stored, or about to be. */
export type LinkTarget = Pick<
  FileRecord,
  "id" | "owner" | "storageKey" | "fileType" | "originalFileName" | "expiresAt" | "linkEpoch"
>;

/** A file that is to be linked to, or its thumbnail of this name. */
export interface LinkWish {
  readonly key: ObjectKey;
  readonly thumbnail?: string;
}

/** A link for each wish; null: there is no such file, or none that can be read. */
export type IssueAll = (wishes: readonly LinkWish[]) => Promise<readonly (string | null)[]>;

/** What is asked of a link. */
export interface LinkTerms extends Partial<Terms> {
  /** A whole number of seconds from 1 to `MAX_LINK_SECONDS`. */
  readonly expiresSeconds: number;
}

/** An issued link, without its signature: the row must not open anything. It has those of the terms that are stored. */
export interface NewLink extends Terms {
  /** 21 URL-safe characters. */
  readonly id: string;
  readonly fileId: string;
  /** The owner of the file. */
  readonly owner: string | null;
  /** Who answers the link: this runtime, or R2's S3 endpoint, which knows neither epochs nor counts. */
  readonly kind: "worker" | "r2";
  readonly epoch: number;
  /** The call that asked for the link, and the address it came from. */
  readonly requestId: string;
  readonly clientIp: string | null;
  /** RFC 3339. */
  readonly issuedAt: string;
  readonly expiresAt: string;
}

/** A link whose file has not been looked up. */
export type UntargetedLink = Omit<NewLink, "fileId" | "owner" | "epoch">;

export interface LinkRecord extends NewLink {
  /** Counted downloads; 0 for a link that is not counted. */
  readonly downloads: number;
}
