/** One stored file as the registry describes it. */
import type { Visibility } from "../../contract/plan/files.ts";
import type { ObjectKey } from "../storage/object-key.ts";

/**
 * `pending`: bytes may be arriving. `stored`: acknowledged. `deleted`: hidden from every reader; its owner can restore
 * it until `purgeAt`. `expired`: its lifetime is over. `gone`: the object is being removed, and the row follows.
 */
export type FileStatus = "pending" | "stored" | "deleted" | "expired" | "gone";

export interface FileRecord {
  /** 24 hex characters. */
  readonly id: string;
  /** The claim `id`, else `sub`, of who uploaded it; null for an unprotected endpoint. */
  readonly owner: string | null;
  readonly storageKey: ObjectKey;
  readonly status: FileStatus;
  readonly visibility: Visibility;
  /** Id of the ABI that stored it. */
  readonly endpoint: string;
  /** The client's name for it, cleaned for display; never part of a key. */
  readonly originalFileName: string;
  /** Detected media type. */
  readonly fileType: string;
  /** Without the dot. */
  readonly extension: string;
  /** Bytes. */
  readonly fileSize: number;
  /** Lower-case hex; null while pending. */
  readonly checksumSha256: string | null;
  /** `#rrggbb`. */
  readonly dominantColor: string | null;
  /** Base64 of a thumbhash. */
  readonly thumbhash: string | null;
  readonly width: number | null;
  readonly height: number | null;
  /** As thumbnails/kept-thumbnails writes them; null: none. */
  readonly thumbnails: string | null;
  /** RFC 3339; from then on the file has expired. */
  readonly expiresAt: string | null;
  /** Links that were signed for another epoch are revoked. */
  readonly linkEpoch: number;
  /** RFC 3339; null: not deleted. */
  readonly deletedAt: string | null;
  /** RFC 3339: from then on the object of a deleted or expired file may be removed. */
  readonly purgeAt: string | null;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** A thumbnail as answers have it, in pixels. A type and no interface, so that it is JSON. */
export type ThumbnailLink = {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly url: string;
};

/** A file whose bytes have arrived: its record as the call's batch makes it, and what only the call knows. */
export interface StoredFile extends FileRecord {
  readonly palette: readonly { readonly color: string; readonly share: number }[] | null;
  readonly hasAlpha: boolean | null;
  readonly animated: boolean | null;
  /** Null: the call issues no links. */
  readonly downloadUrl: string | null;
  /** Empty: it has none, or the call tells no addresses of them. */
  readonly thumbnailLinks: readonly ThumbnailLink[];
}
