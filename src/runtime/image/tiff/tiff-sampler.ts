/**
 * Reads the size and orientation of a TIFF's first picture (TIFF 6.0, sections 2 and 8, and BigTIFF). Where it has
 * other versions, as in the raw files of cameras, the size is that of the largest. Directories are
 * read where they lie, and pixels before them are passed over; one that lies before what names it is not read.
 * Olympus and Panasonic write a number of their own into the header of what else is a TIFF.
 */
import { larger, sizeOf, UnreadableImage, type Sampler } from "../sampler.ts";
import { createWalkSampler, type Facts } from "../structure/walk-sampler.ts";
import { skip, type Walk } from "../structure/walk.ts";

const littleEndianMark = 0x4949;
const bigVersion = 43;
const orientationTag = 274;
const extraSamplesTag = 338;

/** What a directory's fields tell of its picture's edges, and where other directories are. */
type Meaning = "top" | "left" | "bottom" | "right" | "directories";
const plainFields: ReadonlyMap<number, Meaning> = new Map([
  [256, "right"],
  [257, "bottom"],
  [330, "directories"],
]);
/** Panasonic gives a rectangle of its sensor. */
const panasonicVersion = 0x55;
const panasonicFields: ReadonlyMap<number, Meaning> = new Map([
  [4, "top"],
  [5, "left"],
  [6, "bottom"],
  [7, "right"],
]);
/** A CR2's directories tell no size of its pixels; EXIF does. */
const canonMark = 0x4352;
const canonDirectory = 16;
const canonFields: ReadonlyMap<number, Meaning> = new Map([
  ...plainFields,
  [0x8769, "directories"],
  [0xa002, "right"],
  [0xa003, "bottom"],
]);
/** The last is BigTIFF's. */
const shortType = 3;
const longType = 4;
const long8Type = 16;

/** Raw files have up to six directories, of 20 to 100 entries. */
const maxDirectories = 16;
const maxLaterEntries = 1024;

/** A sampler for one TIFF file. */
export function createTiffSampler(): Sampler {
  return createWalkSampler(walkTiff);
}

/** A directory, or a list of so many places of directories. */
interface Place {
  readonly at: number;
  readonly listed: number | null;
}

/** Also finds the orientation in an EXIF block. @throws UnreadableImage */
export function* walkTiff(facts: Facts): Walk {
  const head = yield 8;
  const little = head.getUint16(0) === littleEndianMark;
  const version = head.getUint16(2, little);
  const isBig = version === bigVersion;
  const [wordBytes, entryBytes] = isBig ? [8, 20] : [4, 12];
  const wordAt = (view: DataView, at: number): number =>
    isBig ? Number(view.getBigUint64(at, little)) : view.getUint32(at, little);
  const places: Place[] = [{ at: wordAt(isBig ? yield 8 : head, isBig ? 0 : 4), listed: null }];
  let at = isBig ? 16 : 8;
  let fields = version === panasonicVersion ? panasonicFields : plainFields;
  if (!isBig && places[0]?.at === canonDirectory) {
    if ((yield 2).getUint16(0) === canonMark) fields = canonFields;
    at += 2;
  }

  function* takeDirectory(isFirst: boolean): Walk {
    const count = isBig ? wordAt(yield 8, 0) : (yield 2).getUint16(0, little);
    if (count > (isFirst ? 0xffff : maxLaterEntries)) throw new UnreadableImage("too many entries");
    const edges = { top: 0, left: 0, bottom: 0, right: 0 };
    for (let index = 0; index < count; index++) {
      const entry = yield entryBytes;
      const value = readValue(entry, entryBytes - wordBytes, little);
      const name = entry.getUint16(0, little);
      const meaning = fields.get(name);
      if (meaning === "directories") {
        if (places.length >= maxDirectories) continue;
        // A single one stands in the entry, several where it says.
        const listed = wordAt(entry, 4);
        places.push({ at: wordAt(entry, entryBytes - wordBytes), listed: listed > 1 ? listed : null });
      } else if (meaning !== undefined) edges[meaning] = value;
      else if (!isFirst) continue;
      else if (name === orientationTag && value >= 1 && value <= 8) facts.orientation = value;
      // 1 and 2 are alpha, multiplied and not; 0 is anything else (section 18).
      else if (name === extraSamplesTag) facts.hasAlpha = value === 1 || value === 2;
    }
    facts.size = larger(facts.size, sizeOf(edges.right - edges.left, edges.bottom - edges.top));
    at += (isBig ? 8 : 2) + count * entryBytes;
  }

  if ((places[0]?.at ?? 0) < at) throw new UnreadableImage("a directory in the header");
  facts.hasAlpha = facts.animated = false;
  for (let read = 0; read < maxDirectories; read++) {
    const next = places.filter((place) => place.at >= at).toSorted((one, other) => one.at - other.at)[0];
    if (next === undefined) return;
    places.splice(places.indexOf(next), 1);
    yield skip(next.at - at);
    at = next.at;
    if (next.listed === null) yield* takeDirectory(read === 0);
    for (let left = Math.min(next.listed ?? 0, maxDirectories); left > 0; left--) {
      places.push({ at: wordAt(yield wordBytes, 0), listed: null });
      at += wordBytes;
    }
  }
}

/** The first value of an entry, of the types that a side or an orientation has; 0 for all others. */
function readValue(entry: DataView, at: number, little: boolean): number {
  const type = entry.getUint16(2, little);
  if (type === shortType) return entry.getUint16(at, little);
  if (type === longType) return entry.getUint32(at, little);
  return type === long8Type ? Number(entry.getBigUint64(at, little)) : 0;
}
