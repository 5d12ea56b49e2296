/** The names of the fields that `upload` and `delete_files` steps return. */
import type { Json } from "./plan.ts";
import type { ImageField } from "./plan/files.ts";

/** Sub0's documented fields of an uploaded file. */
export const uploadFields = [
  "storage_key",
  "original_file_name",
  "new_file_name",
  "url",
  "file_type",
  "extension",
  "file_size",
  "dominant_color",
] as const;

/** This runtime's own: a bare name means one of them only where nothing nearer has that name. */
export const extensionFields = [
  "width",
  "height",
  "palette",
  "thumbhash",
  "has_alpha",
  "animated",
  "checksum_sha256",
  "download_url",
  "thumbnail_url",
  "thumbnails",
  "expires_at",
  "id",
] as const;

/** Beside these, where the upload names its fields: the field in which the file came. */
export const namedField = "field_name";

/** What an ABI can answer and bind of an uploaded file. */
export type UploadAnswer = { readonly [Field in (typeof uploadFields | typeof extensionFields)[number]]: Json };

/** Fields that only the image sampler can fill. */
export const imageFields: readonly ImageField[] = [
  "width",
  "height",
  "dominant_color",
  "palette",
  "thumbhash",
  "has_alpha",
  "animated",
];

/** Fields of each answer of `delete_files`. */
export const deletedFields = ["storage_key", "status"] as const;
