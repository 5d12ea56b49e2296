/**
 * Makes the thumbnails that are wanted: of files that were stored before their endpoint had any, and of calls that had no
 * time left. The sweep calls it, so it is bounded by the work of pictures, and what it does not come to waits for the next.
 */
import type { ThumbnailRule } from "../../contract/plan/files.ts";
import { fileRulesOf } from "../../contract/plan/file-rules.ts";
import { fileApiEndpoint } from "../../contract/routes.ts";
import { thumbnailSetting } from "../../contract/settings.ts";
import { createTurns, type Seat } from "../admission/turns.ts";
import type { StoredPictures } from "../call/pictures.ts";
import { making } from "../image/thumbnail/making.ts";
import { createImageTap } from "../image/image-tap.ts";
import { readRendered } from "../image/images-binding.ts";
import type { Thumbnail, ThumbnailWish } from "../image/thumbnail/thumbnail.ts";
import { isListed } from "../media/media-type.ts";
import { createInFlight } from "../storage/in-flight.ts";
import { rendererOf } from "../upload/renderer.ts";
import { sourceSideOf } from "./file-thumbnails.ts";
import { writeThumbnails } from "./kept-thumbnails.ts";
import { putThumbnails } from "./put-thumbnails.ts";
import { thumbnailKeys } from "./thumbnail-key.ts";
import { createWantedThumbnails, type WantedFile } from "./wanted.ts";

/** Files of one sweep: each is some calls of bindings. */
const MAX_FILES = 50;
/** Work units of pictures in one sweep, a few seconds; the picture that passes them is still made. */
const MAX_WORK = 1_000_000_000;

/**
 * Resolves with how many files were looked at.
 * @throws Problem `storage_unavailable`, `database_unavailable`: what is left waits for the next sweep
 */
export async function makeWanted(deployment: StoredPictures): Promise<number> {
  const { database, dialect, store } = deployment;
  const wanted = createWantedThumbnails(database, dialect);
  const work = countWork();
  let looked = 0;
  for (const file of await wanted.find(MAX_FILES, new Date().toISOString())) {
    if (work.units > MAX_WORK) break;
    // One that fails keeps its claim for a while, so that it does not stand before the others in the next sweep.
    const claimedAt = new Date().toISOString();
    if (!(await wanted.claim(file.id, claimedAt))) continue;
    looked++;
    const made = await makeOf(file, { making, rules: rulesFor(file, deployment) }, work.seat, deployment);
    // What an attempt left that was cut off: no key is written twice.
    await store.delete(thumbnailKeys([file.storageKey]));
    const kept = await putThumbnails(store, file.storageKey, made, { inFlight: createInFlight(lender) });
    if (await wanted.settle(file.id, claimedAt, writeThumbnails(kept))) continue;
    // Deleted meanwhile, with such thumbnails as were there then.
    await store.delete(thumbnailKeys([file.storageKey]));
  }
  return looked;
}

/** There is no call whose memory counts. */
const lender = { borrow: () => true, return: () => undefined };

/** Lets calls have their turn as well. */
function countWork(): { units: number; readonly seat: Seat } {
  const turns = createTurns(Infinity, () => scheduler.wait(0));
  const work = {
    units: 0,
    seat: {
      ...turns.join(""),
      take(units: number) {
        work.units += units;
        return true;
      },
    },
  };
  return work;
}

/** From the stored object; empty where none can be made. */
async function makeOf(
  file: WantedFile,
  wish: ThumbnailWish,
  seat: Seat,
  deployment: StoredPictures,
): Promise<readonly Thumbnail[]> {
  const { store, settings, log } = deployment;
  const object = wish.rules.length === 0 ? null : await store.get(file.storageKey);
  if (object === null) return [];
  const images = rendererOf(file.fileType, deployment);
  if (images !== null) {
    const side = sourceSideOf(wish.rules);
    try {
      return (await readRendered(images, object.stream, new Set(), seat, wish, side))?.thumbnails ?? [];
    } catch (error) {
      log("warn", "image_not_sampled", { file: file.id, fault: `Images binding: ${String(error)}` });
      return [];
    }
  }
  const limits = { maxPixels: settings.imageMaxPixels, maxWork: settings.imageMaxWork };
  const tap = createImageTap(file.fileType, new Set(), limits, seat, wish);
  for await (const chunk of object.stream) {
    const pushed = tap?.push(chunk);
    // It has seen enough.
    if (pushed === undefined) break;
    await pushed;
  }
  return (await tap?.finish())?.thumbnails ?? [];
}

/** Of the file's endpoint as it is now. Where the row does not tell in which field a file came, the first that takes its type counts. */
function rulesFor(
  { endpoint, field, fileType }: WantedFile,
  { plans, text }: StoredPictures,
): readonly ThumbnailRule[] {
  if (endpoint === fileApiEndpoint) return thumbnailSetting("FILE_API_THUMBNAILS", text("FILE_API_THUMBNAILS", ""));
  const rules = plans.filter(({ id }) => id === endpoint).flatMap(fileRulesOf);
  const own = field === null ? rules : rules.filter((one) => "name" in one && one.name === field);
  return own.find(({ types, thumbnails }) => thumbnails !== undefined && isListed(fileType, types))?.thumbnails ?? [];
}
