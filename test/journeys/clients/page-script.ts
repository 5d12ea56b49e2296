/** Runs in the page: what a site's own script would do. */
import Uppy from "@uppy/core";
import XHRUpload from "@uppy/xhr-upload";
import type { Headers, UploadAnswer } from "./client.ts";

export async function uploadByUppy(file: File, endpoint: string, headers: Headers): Promise<UploadAnswer> {
  const uppy = new Uppy().use(XHRUpload, { endpoint, headers, fieldName: "file" });
  uppy.addFile({ name: file.name, type: file.type, data: file });
  const result = await uppy.upload();
  const done = result?.successful?.[0]?.response;
  if (done === undefined) throw new Error(`${String(uppy.getState().error)} ${String(result?.failed?.[0]?.error)}`);
  return { status: done.status, body: done.body };
}

/** Shows the film from near its end. Resolves with what the element then says of itself. */
export async function seekToEnd(video: HTMLVideoElement, url: string): Promise<SoughtVideo> {
  const happened = (name: string) =>
    new Promise<void>((resolve, reject) => {
      video.addEventListener(name, () => resolve(), { once: true });
      video.addEventListener("error", () => reject(new Error(video.error?.message)), { once: true });
    });
  const opened = happened("loadedmetadata");
  video.src = url;
  await opened;
  const sought = happened("seeked");
  video.currentTime = video.duration - 0.2;
  await sought;
  const { duration, currentTime, readyState, videoWidth } = video;
  return { duration, currentTime, readyState, videoWidth };
}

export interface SoughtVideo {
  readonly duration: number;
  readonly currentTime: number;
  readonly readyState: number;
  readonly videoWidth: number;
}
