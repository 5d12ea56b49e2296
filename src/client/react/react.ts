/** `sluice/react`: the client's calls as state of a component. Has no look and no words of its own. */
export { useDropZone } from "./drop-zone.ts";
export type { DropZone, DropZoneOptions } from "./drop-zone.ts";
export { useFiles } from "./files.ts";
export type { FilesState } from "./files.ts";
export { useUpload } from "./upload.ts";
export type { Upload, UploadState } from "./upload.ts";
