/** Runs in the page: what a site's own script would do with Uppy's tus plugin, unmodified. */
import Uppy from "@uppy/core";
import Tus from "@uppy/tus";

export interface UppyOutcome {
  /** Addresses of uploads. */
  readonly sent: readonly string[];
  readonly errors: readonly string[];
}

/** How a film in MP4 begins. */
const FILM = new TextEncoder().encode("\0\0\0\u0018ftypisom\0\0\u0002\0isommp41");

/** @param bytes of a file that is made up in the page */
export async function uploadByTus(
  endpoint: string,
  headers: Record<string, string>,
  bytes: number,
): Promise<UppyOutcome> {
  const uppy = new Uppy().use(Tus, { endpoint, headers, chunkSize: 5 * 1024 * 1024, retryDelays: [200, 500, 1000] });
  const data = new Blob([FILM, new Uint8Array(bytes - FILM.length)], { type: "video/mp4" });
  uppy.addFile({ name: "größe.mp4", type: "video/mp4", data });
  const result = await uppy.upload();
  return {
    sent: (result?.successful ?? []).map(({ uploadURL }) => uploadURL ?? ""),
    errors: (result?.failed ?? []).map(({ error }) => String(error)),
  };
}
