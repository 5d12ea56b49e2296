/** `thumbnails` of an UPLOAD: small JPEGs beside the pictures that they are made of. */
import type { Thumbnails } from "../call/features.ts";

export const thumbnails: Thumbnails = {
  making: {},
  storeWith: (store) => store,
};
