/** `thumbnails` of an UPLOAD, and of the file API: small JPEGs beside the pictures that they are made of. */
import { thumbnailSetting } from "../../contract/settings.ts";
import type { Thumbnails } from "../call/pictures.ts";
// First what reads pictures. A bundle has this order, and gzip finds what repeats within 32 KiB: half a KiB less.
import { makeWanted } from "./make-wanted.ts";
import { fileKeyOf } from "../storage/object-key.ts";
import { openThumbnails } from "./file-thumbnails.ts";
import { askedThumbnail } from "./read-thumbnail.ts";
import { thumbnailKeys } from "./thumbnail-key.ts";
import { addressThumbnail, describeThumbnails, linkToThumbnail } from "./thumbnail-links.ts";

export const thumbnails: Thumbnails = {
  storeWith: (store) => ({
    ...store,
    // Whether there are any is not asked: what is missing is no error.
    delete: (keys) => store.delete([...keys, ...thumbnailKeys(keys.filter((key) => fileKeyOf(key) === key))]),
  }),
  open: openThumbnails,
  makeWanted,
  readSetting: (text) => thumbnailSetting("FILE_API_THUMBNAILS", text),
  asked: askedThumbnail,
  addressOf: addressThumbnail,
  linkTo: linkToThumbnail,
  describe: describeThumbnails,
};
