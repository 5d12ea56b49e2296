/**
 * What the Worker can do with which pictures. The Worker's own lists decide; a test holds these against them, because
 * the compiler shares nothing with it but the plan.
 */

/** Types whose metadata can be removed. */
export const strippableTypes: ReadonlySet<string> = new Set(["image/jpeg", "image/png", "image/webp"]);

/** Types whose structure can be followed to its end. */
export const checkableTypes: ReadonlySet<string> = new Set([
  "image/jpeg",
  "image/png",
  "image/gif",
  "image/webp",
  "image/avif",
  "image/heic",
  "image/heif",
  "image/bmp",
]);
