/** Where a GIF's frame is on its screen, and in which colours. */
import type { StoredSize } from "../sampler.ts";

/** Up to 256 colours: red, green and blue of each; pixels without one are transparent. */
export interface GifColors {
  /** Three bytes an entry. */
  readonly palette: Uint8Array;
  readonly transparent: number | null;
}

/** An image descriptor (GIF89a, §20), whose image lies within the screen, and its colours. */
export interface ImageDescriptor extends StoredSize {
  readonly screen: StoredSize;
  readonly left: number;
  readonly top: number;
  readonly interlaced: boolean;
  readonly colors: GifColors;
}
