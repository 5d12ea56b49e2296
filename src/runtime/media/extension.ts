/** The file extension of a media type. Knows nothing of the client's file name. */
import { isProvable } from "./media-type.ts";

/** Where the extension is not simply the subtype. */
const extensions: Readonly<Record<string, string>> = {
  "image/jpeg": "jpg",
  "image/svg+xml": "svg",
  "image/tiff": "tif",
  "image/vnd.microsoft.icon": "ico",
  "image/vnd.adobe.photoshop": "psd",
  "video/quicktime": "mov",
  "video/x-matroska": "mkv",
  "audio/x-matroska": "mka",
  "video/x-msvideo": "avi",
  "video/3gpp": "3gp",
  "audio/3gpp": "3gp",
  "video/mpeg": "mpg",
  "video/ogg": "ogv",
  "application/ogg": "ogx",
  "audio/mpeg": "mp3",
  "audio/mp4": "m4a",
  "audio/midi": "mid",
  "text/plain": "txt",
  "text/markdown": "md",
  "text/tab-separated-values": "tsv",
  "text/calendar": "ics",
  "text/vcard": "vcf",
  "application/geo+json": "geojson",
  "application/x-ndjson": "ndjson",
  "application/x-subrip": "srt",
  "application/xhtml+xml": "xhtml",
  "application/gzip": "gz",
  "application/x-7z-compressed": "7z",
  "application/vnd.rar": "rar",
  "application/x-bzip2": "bz2",
  "application/x-xz": "xz",
  "application/zstd": "zst",
  "application/x-tar": "tar",
  "application/epub+zip": "epub",
  "application/msword": "doc",
  "application/vnd.ms-excel": "xls",
  "application/vnd.ms-powerpoint": "ppt",
  "application/x-cfb": "cfb",
  "application/vnd.oasis.opendocument.text": "odt",
  "application/vnd.oasis.opendocument.spreadsheet": "ods",
  "application/vnd.oasis.opendocument.presentation": "odp",
  "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
  "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
  "application/vnd.openxmlformats-officedocument.presentationml.presentation": "pptx",
  "application/vnd.sqlite3": "sqlite",
  "application/x-msdownload": "exe",
  "application/x-elf": "elf",
  "model/gltf-binary": "glb",
};

/** Lower case, without the dot, letters and digits only: `bin` for a type that only a client names. */
export function extensionOf(type: string): string {
  return extensions[type] ?? (isProvable(type) ? type.slice(type.indexOf("/") + 1) : "bin");
}
