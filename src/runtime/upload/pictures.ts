/** What files that are pictures tell of themselves, and what only their pixels tell: bundled where somebody asks for it. */
import type { Pictures } from "../call/pictures.ts";
import { gridFields } from "../image/grid-colors.ts";
import { createImageTap } from "../image/image-tap.ts";
import { readRendered } from "../image/images-binding.ts";
import { rendererOf } from "./renderer.ts";

export const pictures: Pictures = {
  watch: createImageTap,
  async readPixels({ rules, call, file, inFlight, seat }, picture, thumbnails) {
    const { deployment } = call;
    const { log, store } = deployment;
    if (picture.fault !== null) log("warn", "image_not_sampled", { file: file.id, fault: picture.fault });
    const images = rendererOf(file.fileType, deployment);
    const wanted = new Set(rules.imageFields.filter((field) => gridFields.includes(field)));
    const { wish = null, sourceSide } = thumbnails ?? {};
    if (images === null || (wanted.size === 0 && wish === null)) return picture;
    try {
      return await inFlight.run(async () => {
        const object = await store.get(file.storageKey);
        const side = wish === null ? undefined : sourceSide;
        return (object && (await readRendered(images, object.stream, wanted, seat, wish, side))) ?? picture;
      });
    } catch (error) {
      log("warn", "image_not_sampled", { file: file.id, fault: `Images binding: ${String(error)}` });
      return picture;
    }
  },
};
