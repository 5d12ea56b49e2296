/** Stores the thumbnails of one file, side by side with the file itself. */
import type { FileRules, ThumbnailRule } from "../../contract/plan/files.ts";
import type { FileThumbnails, ThumbnailContext } from "../call/pictures.ts";
import { BUSY } from "../image/fuel.ts";
import { making } from "../image/thumbnail/making.ts";
import type { Thumbnail } from "../image/thumbnail/thumbnail.ts";
import { WANTED, withAddresses, writeThumbnails, type KeptThumbnail } from "./kept-thumbnails.ts";
import { putThumbnails } from "./put-thumbnails.ts";
import { thumbnailKeys } from "./thumbnail-key.ts";
import { addressThumbnail } from "./thumbnail-links.ts";

/** Of the largest thumbnail's side: enough for it to be as sharp as if it had been made of the picture itself. */
const SOURCE_FACTOR = 2;

/** The least longer side of a picture that they are made of once it is rendered elsewhere. */
export const sourceSideOf = (rules: readonly ThumbnailRule[]): number =>
  SOURCE_FACTOR * Math.max(...rules.map(({ maxEdge }) => maxEdge));

/** As `Thumbnails.open`. */
export function openThumbnails(
  { thumbnails: rules, linksThumbnails }: FileRules,
  context: ThumbnailContext,
): FileThumbnails | null {
  const { file, inFlight, call } = context;
  if (rules === undefined || !file.fileType.startsWith("image/")) return null;
  const needed = making.memoryBytes(rules);
  const isLent = inFlight.borrow(needed);
  if (!isLent)
    call.deployment.log("warn", "thumbnails_left_out", { file: file.id, reason: "too little memory is free" });
  const addressOf = linksThumbnails === true ? readAddresses(rules, context) : null;
  return {
    wish: isLent ? { making, rules } : null,
    sourceSide: sourceSideOf(rules),
    async keep(picture, pixels) {
      const made = picture?.thumbnails ?? (await pixels)?.thumbnails ?? null;
      const kept = made === null ? [] : await storeAll(made, context);
      // A sweep makes what this call alone could not.
      const isLater = kept === null || !isLent || (made === null && picture?.fault === BUSY);
      if (isLent) inFlight.return(needed);
      return {
        thumbnails: isLater ? WANTED : writeThumbnails(kept),
        thumbnailLinks: addressOf === null ? [] : await withAddresses(kept ?? [], addressOf),
      };
    },
  };
}

/** By name. Begun before the file's bytes, so that what they take of the database takes no time of its own. */
function readAddresses(
  rules: readonly ThumbnailRule[],
  { file, call }: ThumbnailContext,
): (name: string) => Promise<string> {
  const addressOf = (name: string) => addressThumbnail({ ...file, linkEpoch: 0 }, name, call.links.thumbnails);
  const begun = new Map(rules.map(({ name }) => [name, addressOf(name)]));
  // If the file fails first, nobody awaits them.
  for (const address of begun.values()) address.catch(() => undefined);
  return (name) => begun.get(name) ?? addressOf(name);
}

/** All, or none, which is null: what a page lists first is then always the same. */
async function storeAll(
  made: readonly Thumbnail[],
  { file, call, inFlight, ready }: ThumbnailContext,
): Promise<readonly KeptThumbnail[] | null> {
  const { store, log } = call.deployment;
  try {
    return await putThumbnails(store, file.storageKey, made, { inFlight, ready });
  } catch (error) {
    try {
      // Where the call itself has failed, everything of it is taken back.
      inFlight.check();
      log("warn", "thumbnails_not_stored", { file: file.id, error: String(error) });
      await store.delete(thumbnailKeys([file.storageKey]));
    } catch {
      // Whatever deletes the file deletes them as well.
    }
    return null;
  }
}
