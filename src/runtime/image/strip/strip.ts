/**
 * Removes the metadata of a picture as its bytes pass: places, serial numbers, thumbnails, comments, and whatever comes
 * after the picture. Pixels are not touched; each format's own file decides what stays.
 *
 * What is not understood does not pass. A broken picture may lose more than its metadata, never less; one that does not
 * even begin as its type comes out empty. A file that says only behind its pixels what is metadata is refused.
 */
import { soleSeat } from "../../admission/turns.ts";
import { Problem } from "../../../contract/problem.ts";
import type { TypeWith } from "../../../contract/media-types.ts";
import type { ByteSource } from "../../bytes.ts";
import { stripGif } from "../gif/strip.ts";
import { stripHeif } from "../heif/strip.ts";
import { stripJpeg } from "../jpeg/strip.ts";
import { UnreadableImage } from "../sampler.ts";
import { StripInput, type Flow } from "./input.ts";
import { stripPng } from "../png/strip.ts";
import { stripWebp } from "../webp/strip.ts";

type Stripper = (input: StripInput) => Flow;

const strippers: ReadonlyMap<string, Stripper> = new Map(
  Object.entries({
    "image/jpeg": stripJpeg,
    "image/png": stripPng,
    "image/webp": stripWebp,
    "image/gif": stripGif,
    "image/avif": stripHeif,
    "image/heic": stripHeif,
    "image/heif": stripHeif,
  } satisfies Record<TypeWith<"stripped">, Stripper>),
);

/** Shorter pieces are joined, so that a picture in tiny pieces does not cost its readers a step for each. */
const longPieceBytes = 4096;
const gatheredBytes = 16_384;
/** What a stripper is given before it is asked whether the turn is over. */
const pieceBytes = 65_536;
/** Work units of each read from the input. */
const takeWork = 50;

/**
 * The same picture without metadata, in the same orientation. `fileType` is one that is `stripped`. Takes over `source`
 * and reads it to its end, even where the picture ends earlier. The chunks are views: of the source's chunks, or of one
 * recycled buffer. Beside what the source throws, its reader throws a Problem `metadata_not_removable`.
 * @param name the file's display name, for messages
 */
export function stripMetadata(fileType: string, source: ByteSource, seat = soleSeat, name = "file"): ByteSource {
  const strip = strippers.get(fileType);
  if (strip === undefined) throw new Error(`metadata of ${fileType} cannot be removed`);
  const input = new StripInput();
  const flow = strip(input);
  const gathered = new Uint8Array(gatheredBytes);
  /** The part of the source's current chunk that the stripper has not been given yet. */
  let rest: Uint8Array | null = new Uint8Array(0);
  const feed = async (): Promise<void> => {
    seat.count(input.takes * takeWork);
    await seat.pause();
    if (rest?.length === 0) rest = await source.read();
    input.feed(rest?.subarray(0, pieceBytes) ?? null);
    rest = rest?.subarray(pieceBytes) ?? null;
  };
  const nextStep = (): ReturnType<typeof flow.next> => {
    try {
      return flow.next();
    } catch (error) {
      if (!(error instanceof UnreadableImage)) throw error;
      const detail = `The metadata of "${name}" cannot be removed: ${error.message}.`;
      throw new Problem("metadata_not_removable", { detail, members: { file: name } });
    }
  };
  /** A piece of the source's current chunk that is still to be handed out. */
  let piece: Uint8Array | null = null;
  return {
    async read() {
      let filled = 0;
      for (;;) {
        if (piece === null) {
          const step = nextStep();
          if (step.done === true) break;
          if (step.value instanceof Promise) {
            await step.value;
            continue;
          }
          piece = step.value;
        }
        if (piece === null) {
          await feed();
        } else if (piece.length < longPieceBytes && piece.length <= gathered.length - filled) {
          gathered.set(piece, filled);
          filled += piece.length;
          piece = null;
        } else if (filled > 0) {
          return gathered.subarray(0, filled);
        } else {
          const long = piece;
          piece = null;
          return long;
        }
      }
      while ((await source.read()) !== null);
      return filled > 0 ? gathered.subarray(0, filled) : null;
    },
  };
}
