/** The addresses of thumbnails. */
import { randomHex } from "../bytes.ts";
import type { Thumbnails } from "../call/pictures.ts";
import { fileUrl } from "../links/file-url.ts";
import { signLink } from "../links/signed-link.ts";
import { readThumbnails, withAddresses } from "./kept-thumbnails.ts";

/**
 * A link that is signed has begun at most half of its life ago, at a moment that is the same for a while: who asks again
 * gets the same address, which the browser has in its cache. It has no row in the audit and no id: what ends it is its
 * epoch.
 */
export const addressThumbnail: Thumbnails["addressOf"] = async (file, name, links) => {
  const { base, now, linkKey, expiresSeconds, epochOf, issued } = links;
  const { storageKey: key } = file;
  if (file.visibility === "public") return `${fileUrl(base, key)}?thumbnail=${name}`;
  const stepMs = Math.max(1, Math.floor(expiresSeconds / 2)) * 1000;
  const beganAt = new Date(Math.floor(now.getTime() / stepMs) * stepMs);
  const epoch = file.linkEpoch + (await epochOf(file.owner));
  const url = await signLink(linkKey, {
    base,
    key,
    method: "GET",
    thumbnail: name,
    epoch,
    expiresSeconds,
    now: beganAt,
  });
  issued.push({ url, id: randomHex(16), key, thumbnail: name });
  return url;
};

export const linkToThumbnail: Thumbnails["linkTo"] = async (found, name, links) => {
  if (found === undefined || !has(found.file.thumbnails, name)) return null;
  const { file, epoch } = found;
  return addressThumbnail(file, name, { ...links, epochOf: async () => epoch - file.linkEpoch });
};

/** Nothing where there are none; those of a deleted file have no address. */
export const describeThumbnails: Thumbnails["describe"] = async (file, addressing) => {
  const kept = file.status === "stored" ? readThumbnails(file.thumbnails) : [];
  const [first, ...others] = await withAddresses(kept, (name) => addressing(file, name));
  return first === undefined ? {} : { thumbnails: [first, ...others], thumbnailUrl: first.url };
};

const has = (text: string | null, name: string): boolean => readThumbnails(text).some((one) => one.name === name);
