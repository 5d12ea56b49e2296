/** One stored file as the registry describes it. Knows nothing of SQL or of the wire. */
import type { Visibility } from "../plan.ts";
import type { ObjectKey } from "../storage/object-key.ts";

/** `pending`: bytes may be arriving. `stored`: acknowledged. `deleted`: gone for every reader. */
export type FileStatus = "pending" | "stored" | "deleted";

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
  readonly width: number | null;
  readonly height: number | null;
  /** RFC 3339; the file is gone from then on. */
  readonly expiresAt: string | null;
  readonly createdAt: string;
  readonly updatedAt: string;
}
