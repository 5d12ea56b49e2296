/** A call's form, for whoever can write one. */
import { isStream } from "../platform.ts";
import type { PreparedRequest } from "./request.ts";

export async function toFormData({ fields, files }: PreparedRequest): Promise<FormData> {
  const form = new FormData();
  for (const [name, value] of fields) form.append(name, value);
  for (const { field, file } of files) {
    const blob = isStream(file) ? await (await import("./form-body.ts")).readStream(file) : file;
    // React Native's FormData takes its own kind of file as it is.
    form.append(field, blob as Blob, file.name ?? field);
  }
  return form;
}
