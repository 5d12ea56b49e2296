/** Converts between the registry's rows and its records. */
import type { Row } from "../database/database.ts";
import type { TableRow } from "../../contract/tables.ts";
import type { ObjectKey } from "../storage/object-key.ts";
import type { FileRecord } from "./record.ts";

type FileRow = TableRow<"files">;

/** What is known of a file before its bytes arrive. */
export interface NewFile extends Pick<
  FileRecord,
  | "id"
  | "owner"
  | "storageKey"
  | "visibility"
  | "endpoint"
  | "originalFileName"
  | "fileType"
  | "extension"
  | "expiresAt"
  | "createdAt"
> {
  /** The file API manages it. */
  readonly fileApi: boolean;
  /** Of the form that it comes in; null where its endpoint names none. */
  readonly field: string | null;
  /** The upload link whose use it holds; absent: none. */
  readonly uploadLink?: string;
}

/** What its bytes revealed. */
export type FileFindings = Pick<
  FileRecord,
  "fileType" | "fileSize" | "checksumSha256" | "dominantColor" | "thumbhash" | "width" | "height" | "thumbnails"
>;

export function toPendingRow(file: NewFile): Partial<FileRow> {
  return {
    id: file.id,
    owner: file.owner,
    storage_key: file.storageKey,
    status: "pending",
    visibility: file.visibility,
    endpoint: file.endpoint,
    original_file_name: file.originalFileName,
    file_type: file.fileType,
    extension: file.extension,
    file_api: file.fileApi,
    field: file.field,
    expires_at: file.expiresAt,
    created_at: file.createdAt,
    updated_at: file.createdAt,
    ...(file.uploadLink === undefined ? {} : { upload_link: file.uploadLink }),
  };
}

export function toFindingColumns(findings: FileFindings) {
  return {
    file_type: findings.fileType,
    file_size: findings.fileSize,
    checksum_sha256: findings.checksumSha256,
    dominant_color: findings.dominantColor,
    thumbhash: findings.thumbhash,
    width: findings.width,
    height: findings.height,
    thumbnails: findings.thumbnails,
  };
}

/** The table's own constraints make these casts true. */
export function toRecord(row: Row): FileRecord {
  const typed = row as FileRow;
  return {
    id: typed.id,
    owner: typed.owner,
    storageKey: typed.storage_key as ObjectKey,
    status: typed.status,
    visibility: typed.visibility,
    endpoint: typed.endpoint,
    originalFileName: typed.original_file_name,
    fileType: typed.file_type,
    extension: typed.extension,
    fileSize: typed.file_size,
    checksumSha256: typed.checksum_sha256,
    dominantColor: typed.dominant_color,
    thumbhash: typed.thumbhash,
    width: typed.width,
    height: typed.height,
    thumbnails: typed.thumbnails,
    expiresAt: typed.expires_at,
    linkEpoch: typed.link_epoch,
    deletedAt: typed.deleted_at,
    purgeAt: typed.purge_at,
    createdAt: typed.created_at,
    updatedAt: typed.updated_at,
  };
}
