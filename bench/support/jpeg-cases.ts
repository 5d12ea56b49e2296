/** JPEGs whose thumbnails bench/thumbnails.ts measures. */
import type { JpegOptions, Sharp } from "sharp";

export interface Case {
  readonly name: string;
  readonly pixels: readonly [width: number, height: number];
  readonly convert: (picture: Sharp) => Sharp;
  /** The share of sharp's CPU at most; none: for comparison. */
  readonly atMost?: number;
}

const encoded =
  (options: JpegOptions) =>
  (picture: Sharp): Sharp =>
    picture.jpeg(options);
const baseline = encoded({ quality: 90 });
const progressive = encoded({ quality: 90, progressive: true });
/** So coarse that its thumbnails need the scans that refine it. */
const coarse = encoded({ quality: 40, progressive: true });
const large = [4000, 3000] as const;

export const jpegCases: readonly Case[] = [
  { name: "JPEG 12 MP, baseline", pixels: large, convert: baseline, atMost: 0.9 },
  { name: "JPEG 12 MP, progressive", pixels: large, convert: progressive, atMost: 0.2 },
  { name: "JPEG 12 MP, 4:4:4", pixels: large, convert: encoded({ quality: 95, chromaSubsampling: "4:4:4" }) },
  { name: "JPEG 50 MP, baseline", pixels: [8660, 5774], convert: baseline, atMost: 0.8 },
  { name: "JPEG 4 MP, baseline", pixels: [2400, 1600], convert: baseline, atMost: 1.5 },
  { name: "JPEG 1.7 MP, baseline", pixels: [1600, 1067], convert: baseline, atMost: 1.5 },
  { name: "JPEG 0.8 MP, baseline", pixels: [1000, 750], convert: baseline, atMost: 1.5 },
  { name: "JPEG 4 MP, progressive", pixels: [2400, 1600], convert: progressive, atMost: 2 },
  { name: "JPEG 1.7 MP, progressive", pixels: [1600, 1067], convert: progressive, atMost: 2 },
  { name: "JPEG 1.7 MP, progressive, quality 40", pixels: [1600, 1067], convert: coarse, atMost: 2 },
  { name: "JPEG 0.8 MP, progressive, quality 40", pixels: [1000, 750], convert: coarse, atMost: 2 },
];
