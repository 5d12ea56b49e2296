/**
 * Checks that a picture is whole, and that nothing is between its parts or behind its end but what belongs there: see
 * behind.ts. It checks how the file is built, not what it shows or holds. Comments, private chunks and trailers may
 * carry anything, even what another program takes for a file of its own kind: `strip_metadata` removes those.
 */
import { soleSeat } from "../../admission/turns.ts";
import type { TypeWith } from "../../../contract/media-types.ts";
import type { Tap } from "../../bytes.ts";
import { walkBmp } from "../bmp/structure.ts";
import { walkGif } from "../gif/structure.ts";
import { walkHeif } from "../heif/structure.ts";
import { AnnouncedParts } from "./announced-parts.ts";
import { walkJpeg } from "../jpeg/structure.ts";
import { walkPng } from "../png/structure.ts";
import { walkBehind } from "./behind.ts";
import { Follower, inSpan, type Ending, type Walk } from "./walk.ts";
import { walkWebp } from "../webp/structure.ts";

/** From the file's first byte to its end. @throws UnreadableImage */
type StartWalk = (ending: Ending) => Walk;

/** What may stand behind a picture is the same for all formats whose walks end with the picture. */
function wholeFile(walk: (ending: Ending, parts: AnnouncedParts) => Walk): StartWalk {
  return function* (ending) {
    const parts = new AnnouncedParts();
    const span = { at: 0, bytes: Number.POSITIVE_INFINITY };
    yield* inSpan(walk(ending, parts), span);
    yield* walkBehind(span.at, parts, ending);
  };
}

const walks: ReadonlyMap<string, StartWalk> = new Map(
  Object.entries({
    "image/jpeg": wholeFile((_ending, parts) => walkJpeg(parts)),
    "image/png": wholeFile(walkPng),
    "image/gif": wholeFile(walkGif),
    "image/webp": wholeFile(walkWebp),
    "image/avif": walkHeif,
    "image/heic": walkHeif,
    "image/heif": walkHeif,
    "image/bmp": wholeFile(walkBmp),
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
  const ending: Ending = { fault: "the file ends within the picture" };
  const follower = new Follower(walk(ending));
  let refusal: string | null = null;
  return {
    async push(chunk) {
      for (let at = 0; at < chunk.length && refusal === null; at += pieceBytes) {
        const piece = chunk.subarray(at, at + pieceBytes);
        const { stepsLeft } = follower;
        try {
          follower.push(piece);
        } catch (error) {
          refusal = error instanceof Error ? error.message : String(error);
        }
        seat.count((stepsLeft - follower.stepsLeft) * stepWork);
        await seat.pause();
      }
    },
    finish: () => refusal ?? ending.fault,
  };
}
