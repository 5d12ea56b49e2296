/**
 * Feeds damaged pictures to everything in src/image that reads files: the tap, the structure check and the metadata stripper.
 * `npm run suite -- fuzz --seed 1 --count 20000 --from 0`. Proves, or exits with 1: nothing throws but refusals, results
 * make sense, no input takes 100 ms of CPU beyond what its bytes may honestly take, and memory stays within 32 MB of the base.
 * With `--untimed` a slow input is only reported: for machines that others work on too.
 * Every input is made from the seed and its number alone, so a run can go on from any number, and one input can be tried again.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import { parseArgs } from "node:util";
import type { ByteSource } from "../../../src/runtime/bytes.ts";
import { createImageTap, type ImageLimits, type ImageResult } from "../../../src/runtime/image/image-tap.ts";
import { stripMetadata } from "../../../src/runtime/image/strip/strip.ts";
import { createStructureTap } from "../../../src/runtime/image/structure/tap.ts";
import { mediaTypes } from "../../../src/contract/media-types.ts";
import { making } from "../../../src/runtime/image/thumbnail/making.ts";
import type { Thumbnail, ThumbnailWish } from "../../../src/runtime/image/thumbnail/thumbnail.ts";
import type { ImageField, ThumbnailRule } from "../../../src/contract/plan/files.ts";
import { plantCorpus, type Seedling } from "./corpus.ts";
import { Problem } from "../../../src/contract/problem.ts";
import { createDice, mutate, type Dice } from "./mutations.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    count: { type: "string", default: "20000" },
    from: { type: "string", default: "0" },
    untimed: { type: "boolean", default: false },
  },
});
const [seed, count, from] = [Number(values.seed), Number(values.count), Number(values.from)];

const mebibyte = 1024 * 1024;
const maxMemory = 32 * mebibyte;
const maxExtraMilliseconds = 100;
/** What any decoder may take for a byte; inputs are 100 KB at most, so this allows some milliseconds. */
const honestMillisecondsPerByte = 100e-6;
/** What passing a chunk to three readers takes, most of it awaiting. */
const honestMillisecondsPerChunk = 1e-3;
/** From here on an input is tried again: the machine may have been busy with something else. */
const suspectMilliseconds = 10;
const retries = 3;
/** What readers left behind is collected so often, because it is not what they hold. */
const inputsPerCollection = 5;
const warmInputs = 300;
const everything: ReadonlySet<ImageField> = new Set([
  "width",
  "height",
  "dominant_color",
  "palette",
  "thumbhash",
  "has_alpha",
  "animated",
]);

const rules: readonly ThumbnailRule[] = [
  { name: "large", maxEdge: 200, quality: 90, background: [255, 255, 255] },
  { name: "small", maxEdge: 9, quality: 1, background: [3, 100, 200] },
];

interface Input extends Seedling {
  readonly limits: Partial<ImageLimits>;
  readonly wish: ThumbnailWish | null;
  readonly chunkBytes: number;
}

function makeInput(corpus: readonly Seedling[], index: number): Input {
  const dice = createDice(seed, index);
  const seedling = pick(corpus, dice);
  const other = pick(corpus, dice);
  const file = mutate(seedling.file, other.file, dice);
  const limits =
    [{}, {}, { smallJpegPixels: 0 }, { maxWork: dice(100_000) }, { maxPixels: dice(100_000) }][dice(5)] ?? {};
  const chunkBytes = dice(3) === 0 ? file.length : 1 + dice(dice(4) === 0 ? 16 : 5000);
  const type = dice(30) === 0 ? other.type : seedling.type;
  return { ...seedling, type, file, limits, chunkBytes, wish: dice(2) === 0 ? null : { making, rules } };
}

function pick(corpus: readonly Seedling[], dice: Dice): Seedling {
  const seedling = corpus[dice(corpus.length)];
  if (seedling === undefined) throw new Error("no corpus");
  return seedling;
}

/** Yields a file from one recycled buffer, wiped before it is filled again. */
function sourceOf({ file, chunkBytes }: Input): ByteSource {
  const recycled = new Uint8Array(Math.min(chunkBytes, file.length));
  let at = 0;
  return {
    async read() {
      if (at >= file.length) return null;
      recycled.fill(0x5a);
      const chunk = recycled.subarray(0, Math.min(recycled.length, file.length - at));
      chunk.set(file.subarray(at, at + chunk.length));
      at += chunk.length;
      return chunk;
    },
  };
}

async function readPicture(input: Input): Promise<ImageResult> {
  const tap = createImageTap(input.type, everything, input.limits, undefined, input.wish);
  if (tap === null) throw new Error(`no tap for ${input.type}`);
  const source = sourceOf(input);
  for (let chunk = await source.read(); chunk !== null; chunk = await source.read()) await tap.push(chunk);
  return tap.finish();
}

async function readStructure(input: Input): Promise<void> {
  const tap = createStructureTap(input.type);
  const source = sourceOf(input);
  for (let chunk = await source.read(); chunk !== null; chunk = await source.read()) await tap?.push(chunk);
  const refusal = await tap?.finish();
  if (refusal !== undefined && refusal !== null && refusal === "") throw new Error("a refusal without a reason");
}

async function strip(input: Input): Promise<void> {
  if (mediaTypes.get(input.type)?.stripped !== true) return;
  const stripped = stripMetadata(input.type, sourceOf(input));
  let bytes = 0;
  try {
    for (let chunk = await stripped.read(); chunk !== null; chunk = await stripped.read()) bytes += chunk.length;
  } catch (error) {
    if (!(error instanceof Problem && error.code === "metadata_not_removable")) throw error;
  }
  // An orientation that is kept gets a new, short EXIF block.
  if (bytes > input.file.length + 1000) throw new Error(`stripping made ${bytes} of ${input.file.length} bytes`);
}

/** @throws when a result contradicts itself */
function checkResult(result: ImageResult): void {
  const { width, height, dominantColor, palette, thumbhash, fault } = result;
  const says = (text: string): Error => new Error(`${text}: ${JSON.stringify(result)}`);
  if ((width === null) !== (height === null)) throw says("half a size");
  if (width !== null && !(width > 0 && Number.isInteger(width))) throw says("a strange size");
  if ((dominantColor === null) !== (palette === null)) throw says("a colour without a palette");
  if (dominantColor !== null && (fault !== null || thumbhash === null || width === null))
    throw says("a colour and a fault");
  if (result.thumbnails !== null) checkThumbnails(result.thumbnails, result);
  if (palette !== null && palette[0]?.color !== dominantColor) throw says("another first colour");
  for (const { color, share } of palette ?? []) {
    if (!/^#[0-9a-f]{6}$/.test(color) || !(share >= 0 && share <= 1)) throw says("a strange palette");
  }
}

/** @throws when they are not those of the rules, or no JPEGs */
function checkThumbnails(thumbnails: readonly Thumbnail[], { width, height }: ImageResult): void {
  const edge = Math.max(width ?? 0, height ?? 0);
  for (const [index, { maxEdge, name }] of rules.entries()) {
    const made = thumbnails[index];
    const wanted = Math.min(edge, maxEdge);
    if (made?.name !== name || Math.max(made.width, made.height) !== wanted)
      throw new Error("a thumbnail of another size");
    if ((made.jpeg === null) !== edge <= maxEdge) throw new Error("a thumbnail that is not needed, or lacks");
    const ends = made.jpeg === null ? "" : [...made.jpeg.subarray(0, 2), ...made.jpeg.subarray(-2)].join();
    if (made.jpeg !== null && ends !== "255,216,255,217") throw new Error("a thumbnail that is no JPEG");
  }
}

async function run(input: Input): Promise<{ result: ImageResult; milliseconds: number }> {
  const before = process.cpuUsage();
  const result = await readPicture(input);
  await readStructure(input);
  await strip(input);
  const { user, system } = process.cpuUsage(before);
  checkResult(result);
  return { result, milliseconds: (user + system) / 1000 };
}

interface Totals {
  inputs: number;
  colors: number;
  faults: number;
  sizes: number;
  slowest: { index: number; name: string; bytes: number; extra: number };
  peak: number;
}

function extraOf({ file, chunkBytes }: Input, milliseconds: number): number {
  const chunks = Math.ceil(file.length / chunkBytes);
  return milliseconds - file.length * honestMillisecondsPerByte - chunks * honestMillisecondsPerChunk;
}

/** On the heap and beside it, what readers have dropped since the last collection included. */
function usedBytes(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** The best time of what seems slow counts. */
async function bestExtra(input: Input, first: number): Promise<number> {
  let best = first;
  for (let left = retries; left > 0 && best > suspectMilliseconds; left--) {
    best = Math.min(best, extraOf(input, (await run(input)).milliseconds));
  }
  return best;
}

async function fuzzOne(corpus: readonly Seedling[], index: number, totals: Totals): Promise<void> {
  const input = makeInput(corpus, index);
  const { result, milliseconds } = await run(input);
  totals.inputs++;
  if (result.dominantColor !== null) totals.colors++;
  if (result.width !== null) totals.sizes++;
  if (result.fault !== null) totals.faults++;
  const first = extraOf(input, milliseconds);
  if (first <= totals.slowest.extra) return;
  const extra = await bestExtra(input, first);
  if (extra > totals.slowest.extra) totals.slowest = { index, name: input.name, bytes: input.file.length, extra };
  if (extra > maxExtraMilliseconds && !values.untimed) throw new Error(`${extra.toFixed(0)} ms beyond its honest size`);
}

/** Native parts of what was collected are only freed in later turns of the event loop. */
async function collect(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) {
    globalThis.gc?.();
    await nextTurn();
  }
}

/** What is used after an input; measured alone when what others left may be in it. */
async function memoryOf(corpus: readonly Seedling[], index: number): Promise<number> {
  const used = usedBytes() - base;
  if (used <= Math.max(totals.peak, maxMemory / 4)) return used;
  await collect();
  await run(makeInput(corpus, index));
  return usedBytes() - base;
}

const describeTotals = ({ inputs, colors, faults, sizes, slowest, peak }: Totals): string =>
  `${inputs} inputs, ${sizes} sizes, ${colors} colours, ${faults} faults; slowest #${slowest.index} (${slowest.name}, ` +
  `${slowest.bytes} bytes) ${slowest.extra.toFixed(1)} ms beyond its size; peak ${(peak / mebibyte).toFixed(1)} MiB above the base`;

const corpus = await plantCorpus();
for (let index = 0; index < warmInputs; index++) await run(makeInput(corpus, index));
await collect();
const base = usedBytes();
const totals: Totals = {
  inputs: 0,
  colors: 0,
  faults: 0,
  sizes: 0,
  slowest: { index: -1, name: "", bytes: 0, extra: 0 },
  peak: 0,
};
console.log(`corpus ${corpus.length} files, seed ${seed}, from ${from} to ${from + count}`);
for (let index = from; index < from + count; index++) {
  try {
    if (index % inputsPerCollection === 0) globalThis.gc?.();
    await fuzzOne(corpus, index, totals);
    totals.peak = Math.max(totals.peak, await memoryOf(corpus, index));
    if (totals.peak > maxMemory) throw new Error(`${(totals.peak / mebibyte).toFixed(1)} MiB above the base`);
  } catch (error) {
    console.error(`FAILED at --seed ${seed} --from ${index} --count 1 (${makeInput(corpus, index).name})`);
    throw error;
  }
  if ((index + 1 - from) % 10_000 === 0) console.log(`to ${index + 1}: ${describeTotals(totals)}`);
}
console.log(`done: ${describeTotals(totals)}`);
