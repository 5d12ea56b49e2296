import type { FormPart } from "../../../../support/app.ts";
import { png } from "../../../../support/pictures.ts";

/** Larger than the thumbnails of the endpoints. */
export const photo = (shade = 200, name = "a.png"): FormPart => ({
  fileName: name,
  body: png([shade, 30, 30], 128, 96),
});
