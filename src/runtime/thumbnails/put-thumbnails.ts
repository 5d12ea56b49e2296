/** Puts what was made of a picture beside it. */
import type { Thumbnail } from "../image/thumbnail/thumbnail.ts";
import type { ObjectKey } from "../storage/object-key.ts";
import type { ObjectStore, PutOptions } from "../storage/object-store.ts";
import type { KeptThumbnail } from "./kept-thumbnails.ts";
import { thumbnailKey } from "./thumbnail-key.ts";

/** More could need a multipart upload, which a call that is cut off would leave open. */
const MAX_JPEG_BYTES = 4 * 1024 * 1024;

/**
 * Side by side. Resolves with what the file's row has of them: nothing where one of them is too large.
 * @param key of the file @throws the first failure, once nothing is under way any more; some may be there then
 */
export async function putThumbnails(
  store: ObjectStore,
  key: ObjectKey,
  made: readonly Thumbnail[],
  options: Pick<PutOptions, "inFlight" | "ready">,
): Promise<readonly KeptThumbnail[]> {
  if (made.some(({ jpeg }) => jpeg !== null && jpeg.length > MAX_JPEG_BYTES)) return [];
  const putting = made.map(async ({ name, width, height, jpeg }, index): Promise<KeptThumbnail> => {
    if (jpeg === null) return { name, width, height, size: null };
    const size = jpeg.length;
    const own = { ...options, contentType: "image/jpeg", maxBytes: size };
    const { stored } = await store.put(thumbnailKey(key, index + 1), sourceOf(jpeg), own);
    await stored;
    return { name, width, height, size };
  });
  await Promise.allSettled(putting);
  return Promise.all(putting);
}

function sourceOf(bytes: Uint8Array) {
  const chunks = [bytes];
  return { read: async () => chunks.shift() ?? null };
}
