/** Makes thumbnails of the pixels that samplers hand over. */
import type { ThumbnailRule } from "../../../contract/plan/files.ts";
import type { ToSrgb } from "../color/to-srgb.ts";
import type { Spend } from "../fuel.ts";
import { createReductions, type JpegReductions } from "../jpeg/thumbnail/jpeg-reductions.ts";
import type { StoredSize } from "../sampler.ts";
import { uprightWay } from "../upright.ts";
import { encodeJpeg, type EncoderPlanes } from "./jpeg-encoder.ts";
import { PixelBoxes } from "./pixel-boxes.ts";
import { convertPlanes, fromSrgb } from "./plane-colors.ts";
import { createGifRows, createPngRows } from "./rows.ts";
import type { Thumbnail, ThumbnailDraft, ThumbnailMaking } from "./thumbnail.ts";

/** Work units of writing a pixel of a JPEG, for turns only: there are as many as the rules say. */
const jpegPixelWork = 15;
/** … of a pixel of planes, and of one that is added to boxes, of up to 8 and of 16 bits a channel. */
const planePixelWork = 40;
const pixelWork = 0.5;
const widePixelWork = 3.5;
/** … of what the boxes of a pixel cost at most. */
const boxWork = 0.5;

/** Bytes of a thumbnail's pixel: planes of luma and of half chroma, … */
const planeBytes = 6;
/** … and at the end their coefficients, and room for the longest JPEG, which is cut to what it needs. */
const endBytes = 3 + 4 + 2;
/** Of a pixel of its longer side: what the samples of each row and column weigh. */
const sideBytes = 512;
/** A row of the widest picture in floats, and small things. */
const fixedBytes = 1_310_720;
/** Wider or higher pictures, which only PNG has, get none: rows of theirs would have to be held. */
const maxSide = 65_535;

/** The thumbnails of one picture whose pixels are needed, and where they are made. */
interface Target extends StoredSize {
  readonly rule: ThumbnailRule;
}

/** Planes in the making, of all targets. */
export interface PlaneMaker {
  /** Ends them; one set for each target. Null: a part of the picture never came. */
  end(): readonly EncoderPlanes[] | Promise<readonly EncoderPlanes[] | null>;
  /** What the colours still need. */
  readonly toSrgb: ToSrgb | null;
}

export const making: ThumbnailMaking = {
  memoryBytes(rules) {
    const edges = rules.map(({ maxEdge }) => maxEdge);
    const planes = edges.reduce((sum, edge) => sum + edge * (edge * planeBytes + sideBytes), fixedBytes);
    return planes + Math.max(...edges) ** 2 * endBytes;
  },
  begin: createDraft,
};

/** The size of a thumbnail; null where the picture is no larger. */
export function thumbnailSize({ width, height }: StoredSize, maxEdge: number): StoredSize | null {
  const scale = maxEdge / Math.max(width, height);
  const scaled = (side: number): number => Math.max(1, Math.round(side * scale));
  return scale >= 1 ? null : { width: scaled(width), height: scaled(height) };
}

function createDraft(rules: readonly ThumbnailRule[]): ThumbnailDraft {
  let stored: StoredSize | null = null;
  /** From the largest to the smallest. */
  let targets: readonly Target[] = [];
  let maker: PlaneMaker | null = null;
  let reductions: JpegReductions | null = null;

  /** Boxes of whole pixels, for formats that have them. */
  function openBoxes(size: StoredSize, toSrgb: ToSrgb | null, spend: Spend, work = pixelWork): PixelBoxes {
    const boxes = new PixelBoxes(
      size,
      targets.map(({ width, height, rule: { background } }) => ({
        width,
        height,
        // It is converted with the picture.
        background: toSrgb === null ? background : fromSrgb(background, toSrgb),
      })),
      spend,
      work,
    );
    maker = { end: () => boxes.end(), toSrgb };
    return boxes;
  }

  function start(size: StoredSize): boolean {
    if (Math.max(size.width, size.height) > maxSide) return false;
    stored = size;
    const largestFirst = rules.toSorted((one, other) => other.maxEdge - one.maxEdge);
    targets = largestFirst.flatMap((rule) => {
      const scaled = thumbnailSize(size, rule.maxEdge);
      return scaled === null ? [] : [{ ...scaled, rule }];
    });
    return targets.length > 0;
  }

  const planeWork = (): number => targets.reduce((sum, { width, height }) => sum + width * height, 0) * planePixelWork;

  return {
    start,
    png(header, colors, toSrgb, spend) {
      if (targets.length === 0) return null;
      // All of it before the first row: rows come in calls of the inflater's, through which nothing may be thrown.
      const { width, height, depth } = header;
      const work = depth === 16 ? widePixelWork : pixelWork;
      spend(width * height * (work + boxWork) + planeWork(), 0);
      const boxes = openBoxes(header, toSrgb, (units) => spend(0, units), work);
      return createPngRows(header, colors, boxes);
    },
    gif: (frame, entries, spend) =>
      start(frame.screen) ? createGifRows(frame, entries, openBoxes(frame.screen, null, spend)) : null,
    jpeg(picture) {
      if (stored !== null) return reductions;
      const { frame, profile, spend } = picture;
      if (!start(frame)) return null;
      spend(planeWork(), 0);
      const made = createReductions(picture, targets, making.memoryBytes(rules));
      if (made !== null) maker = { end: () => made.finish(), toSrgb: profile.read(frame.components.length) };
      return (reductions = made);
    },
    async finish(orientation, seat) {
      if (stored === null || (targets.length > 0 && maker === null)) return null;
      const sets = maker === null ? [] : await maker.end();
      if (sets === null) return null;
      const thumbnails: Thumbnail[] = [];
      for (const rule of rules) {
        const planes = sets[targets.findIndex((target) => target.rule === rule)];
        if (planes === undefined) {
          const { width, height } = uprightWay(stored, orientation);
          thumbnails.push({ name: rule.name, width, height, jpeg: null });
        } else {
          seat.count(planes[0].values.length * jpegPixelWork);
          await seat.pause();
          thumbnails.push(toThumbnail(rule, planes, maker?.toSrgb ?? null, orientation));
        }
      }
      return thumbnails;
    },
  };
}

function toThumbnail(
  { name, quality }: ThumbnailRule,
  planes: EncoderPlanes,
  toSrgb: ToSrgb | null,
  orientation: number,
): Thumbnail {
  if (toSrgb !== null) convertPlanes(planes, toSrgb);
  const { width, height } = uprightWay(planes[0], orientation);
  return { name, width, height, jpeg: encodeJpeg(planes, quality, orientation) };
}
