/** What the header of a film's track says of its picture (ISO/IEC 14496-12, 8.3.2). */
import { sizeOf } from "../sampler.ts";
import type { Facts } from "../structure/walk-sampler.ts";

/** In the matrix and the size, 1 is this. */
const one = 0x10000;
const matrixBytes = 36;

/** The size and the turn of a track without sound; those of a single picture in the file, which are read later, replace them. */
export function readTrack(body: DataView, facts: Facts): void {
  // Version 1 has two times and a duration of eight bytes.
  const matrix = body.getUint8(0) === 1 ? 52 : 40;
  const size = sizeOf(
    Math.floor(body.getUint32(matrix + matrixBytes) / one),
    Math.floor(body.getUint32(matrix + matrixBytes + 4) / one),
  );
  if (size === null) return;
  facts.animated = true;
  if (facts.size !== null) return;
  facts.size = size;
  // Which way it is turned makes no difference to its size.
  if (body.getInt32(matrix) === 0) facts.orientation = 6;
}
