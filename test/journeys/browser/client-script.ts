/** Runs in the page: the examples of docs/client.md, mounted and at hand. `examples` is what the page's blocks are bundled as. */
import { createElement, StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { createClient, SluiceError, type CallOptions } from "../../../src/client/client.ts";
import { endpoints } from "../../support/node/client-endpoints.ts";
import { MyFiles } from "examples/my-files.tsx";
import { PhotoUpload } from "examples/photo-upload.tsx";
import { makeUppy } from "examples/uppy.ts";
import { upload as uploadBySvelte, share as svelteShare } from "examples/svelte-upload.ts";
import { useUpload as useVueUpload } from "examples/vue-upload.ts";
import { effectScope } from "vue";

const name = "upload-gallery-and-store";
const token = async () => (await fetch("/session/token")).text();

export const unheard: string[] = [];
window.addEventListener("unhandledrejection", ({ reason }) => unheard.push(String(reason)));
window.addEventListener("error", ({ message }) => unheard.push(message));

export function mount(what: "upload" | "files"): () => void {
  const element = document.querySelector("#root");
  if (element === null) throw new Error("There is no #root");
  const root = createRoot(element);
  root.render(createElement(StrictMode, null, createElement(what === "upload" ? PhotoUpload : MyFiles)));
  return () => root.unmount();
}

const chosen = (): File[] => [...(document.querySelector<HTMLInputElement>("#chosen")?.files ?? [])];

/** Sends what the field holds. */
export async function send(options: CallOptions = {}, isAborted = false): Promise<unknown> {
  const seen: number[] = [];
  const client = createClient("", { endpoints, token });
  const signal = isAborted ? { signal: AbortSignal.timeout(150) } : {};
  try {
    const onProgress: CallOptions["onProgress"] = ({ loaded, total }) => seen.push(loaded / total);
    const sent = await client.send(name, { files: chosen() }, { ...options, ...signal, onProgress });
    return { ids: sent.data.map(({ id }) => id), isReplayed: sent.isReplayed, seen };
  } catch (error) {
    return error instanceof SluiceError ? error.code : String(error);
  }
}

export async function sendByUppy(): Promise<unknown> {
  const asked: boolean[] = [];
  const uppy = makeUppy("", async (isRefused) => {
    asked.push(isRefused);
    return isRefused ? token() : "stale";
  });
  const errors: string[] = [];
  uppy.on("upload-error", (_, error) => errors.push((error as unknown as SluiceError).code));
  for (const data of chosen()) uppy.addFile({ name: data.name, type: data.type, data });
  const result = await uppy.upload();
  const stored = result?.successful?.map(({ response }) => [
    response?.status,
    response?.uploadURL,
    response?.body?.data,
  ]);
  return { stored, errors, asked, restrictions: uppy.opts.restrictions };
}

export async function sendBySvelte(): Promise<unknown> {
  const seen: (number | null)[] = [];
  const stop = svelteShare.subscribe((share) => seen.push(share));
  const [row] = await uploadBySvelte(chosen()[0]);
  stop();
  return { size: row?.file_size, first: seen.slice(0, 2), sent: seen.at(-2), last: seen.at(-1) };
}

export async function sendByVue(): Promise<unknown> {
  const scope = effectScope();
  const upload = scope.run(() => useVueUpload());
  const sending = upload?.send(chosen()[0]).then(
    (rows) => rows[0]?.file_size,
    (error: unknown) => (error as SluiceError).code,
  );
  const isSending = upload?.share.value === 0;
  const size = await sending;
  const later = upload?.send(chosen()[0]).catch((error: unknown) => (error as SluiceError).code);
  scope.stop();
  return { isSending, size, stopped: await later, share: upload?.share.value };
}
