/** Where the samples of a track are in the file (ISO/IEC 14496-12, 8.7): in chunks of so many, each of its own size. */
import { UnreadableImage } from "../sampler.ts";
import type { Range } from "../strip/ranges.ts";
import { boxesIn, fullBoxBytes } from "./boxes.ts";

const countBytes = 4;

/**
 * From the boxes in the body of `stbl`.
 * @throws UnreadableImage when one is missing, RangeError when one ends within a field
 */
export function sampleRanges(table: DataView): Range[] {
  const boxes = new Map([...boxesIn(table, 0)].map(({ name, body }) => [name, body]));
  const bodyOf = (name: string): DataView | undefined => boxes.get(name);
  const chunks = bodyOf("stco") ?? bodyOf("co64");
  const [sizes, runs] = [bodyOf("stsz"), bodyOf("stsc")];
  if (chunks === undefined || sizes === undefined || runs === undefined) {
    throw new UnreadableImage("a track that does not tell where its samples are");
  }
  const isLong = bodyOf("stco") === undefined;
  const count = chunks.getUint32(fullBoxBytes);
  const nextBytes = bytesOfChunks(sizes, runs);
  const ranges: Range[] = [];
  for (let at = fullBoxBytes + countBytes; ranges.length < count; at += isLong ? 8 : 4) {
    const from = isLong ? Number(chunks.getBigUint64(at)) : chunks.getUint32(at);
    ranges.push([from, from + nextBytes()]);
  }
  return ranges;
}

/** Tells the bytes of one chunk after the other. A run of chunks with as many samples each says with which it begins. */
function bytesOfChunks(sizes: DataView, runs: DataView): () => number {
  const allAlike = sizes.getUint32(fullBoxBytes);
  const samples = sizes.getUint32(fullBoxBytes + countBytes);
  const runCount = runs.getUint32(fullBoxBytes);
  const runAt = (run: number): number => fullBoxBytes + countBytes + run * 12;
  let [chunk, run, sample] = [0, 0, 0];
  return () => {
    chunk++;
    while (run + 1 < runCount && runs.getUint32(runAt(run + 1)) <= chunk) run++;
    const perChunk = runs.getUint32(runAt(run) + 4);
    if (allAlike > 0) return allAlike * perChunk;
    const end = Math.min(samples, sample + perChunk);
    let bytes = 0;
    for (; sample < end; sample++) bytes += sizes.getUint32(fullBoxBytes + 2 * countBytes + sample * 4);
    return bytes;
  };
}
