/** What of the runtime only some ABIs use: written by src/abi/cli.ts, never edited by hand. */
import type { Features } from "../build.ts";

export const features: Features = {
  background: null,
  validate: null,
  stripping: null,
  structure: null,
};
