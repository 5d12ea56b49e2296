/**
 * Checks that a picture's structure goes on to exactly the end of its file: what is two kinds of file at once, or
 * carries something after its end, does not pass. It checks how the file is built, not what it shows.
 */
import { soleSeat } from "../../admission/turns.ts";
import type { TypeWith } from "../../../contract/media-types.ts";
import type { Tap } from "../../bytes.ts";
import { walkBmp } from "../bmp/structure.ts";
import { walkGif } from "../gif/structure.ts";
import { walkHeif } from "../heif/structure.ts";
import { walkJpeg } from "../jpeg/structure.ts";
import { walkPng } from "../png/structure.ts";
import { Follower, type Ending, type Walk } from "./walk.ts";
import { walkWebp } from "../webp/structure.ts";

/** It ends at the byte after which nothing may follow, or throws UnreadableImage. */
type StartWalk = (ending: Ending) => Walk;

const walks: ReadonlyMap<string, StartWalk> = new Map(
  Object.entries({
    "image/jpeg": walkJpeg,
    "image/png": walkPng,
    "image/gif": walkGif,
    "image/webp": walkWebp,
    "image/avif": walkHeif,
    "image/heic": walkHeif,
    "image/heif": walkHeif,
    "image/bmp": walkBmp,
  } satisfies Record<TypeWith<"walked">, StartWalk>),
);

/** The most bytes that are followed before the tap asks whether its turn is over. */
const pieceBytes = 65_536;
/** Work units of a step of the walk. */
const stepWork = 40;

/**
 * Watches the bytes; resolves to why the picture's structure does not parse to its end or what comes after it, null
 * when all is well. The tap is null for types that are not `walked`. Never throws. Holds a few bytes, and no reference
 * to a chunk.
 */
export function createStructureTap(fileType: string, seat = soleSeat): Tap<string | null> | null {
  const walk = walks.get(fileType);
  if (walk === undefined) return null;
  const ending = { allowed: false };
  const follower = new Follower(walk(ending));
  let refusal: string | null = null;
  return {
    async push(chunk) {
      for (let at = 0; at < chunk.length && refusal === null; at += pieceBytes) {
        const piece = chunk.subarray(at, at + pieceBytes);
        const { stepsLeft } = follower;
        try {
          if (follower.push(piece) < piece.length) refusal = "bytes behind the picture's end";
        } catch (error) {
          refusal = error instanceof Error ? error.message : String(error);
        }
        seat.count((stepsLeft - follower.stepsLeft) * stepWork);
        await seat.pause();
      }
    },
    finish: () => refusal ?? (follower.ended || ending.allowed ? null : "the file ends within the picture"),
  };
}
