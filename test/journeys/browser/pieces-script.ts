/** Runs in the page: a site's own script over `sluice/client/tus`, by itself and in a component. */
import { createElement, StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { createClient, SluiceError } from "../../../src/client/client.ts";
import { useUpload } from "../../../src/client/react/upload.ts";
import { resumableUploads, type ResumableCallOptions } from "../../../src/client/tus/tus.ts";
import { endpoints, type Endpoints } from "../kills/resumable/client-endpoints.ts";

const MIB = 1024 * 1024;

/** Bytes, as the page was told of them last. */
export let loaded = 0;

const uploadsOf = (origin: string, token: string) =>
  resumableUploads(createClient<Endpoints>(origin, { endpoints, token }), { chunkBytes: 2 * MIB });

const chosen = (): File[] => [...(document.querySelector<HTMLInputElement>("#chosen")?.files ?? [])];

/** The row's id, or the code of what went wrong. */
export async function send(origin: string, token: string, options: ResumableCallOptions = {}): Promise<string> {
  loaded = 0;
  try {
    const onProgress = (progress: { readonly loaded: number }) => (loaded = progress.loaded);
    const { id } = await uploadsOf(origin, token).call("video-01", { files: chosen() }, { ...options, onProgress });
    return id;
  } catch (error) {
    return error instanceof SluiceError ? error.code : String(error);
  }
}

export function mount(origin: string, token: string): void {
  const uploads = uploadsOf(origin, token);
  function Film() {
    const upload = useUpload(uploads, "video-01");
    const { state } = upload;
    return createElement(
      "section",
      null,
      createElement("button", { onClick: () => void upload.send({ files: chosen() }) }, "Send"),
      createElement("button", { onClick: () => upload.abort(), disabled: !upload.isBusy }, "Pause"),
      createElement("p", { role: "status" }, state.status === "done" ? `Stored ${state.data.id}` : state.status),
    );
  }
  const element = document.querySelector("#root");
  if (element !== null) createRoot(element).render(createElement(StrictMode, null, createElement(Film)));
}
