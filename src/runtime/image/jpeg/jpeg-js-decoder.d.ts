/** The decoder of jpeg-js alone: its package entry also loads the encoder, and its own types describe only that entry. */
declare module "jpeg-js/lib/decoder.js" {
  export default function decode(
    bytes: Uint8Array,
    options: {
      useTArray: true;
      formatAsRGBA: true;
      tolerantDecoding: boolean;
      colorTransform: boolean;
      maxResolutionInMP: number;
      maxMemoryUsageInMB: number;
    },
  ): { width: number; height: number; data: Uint8Array };
}
