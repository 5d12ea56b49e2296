/** Damages files at random, by a seed: the same seed and number always give the same file. */

/** Whole numbers from 0 to before `below`. */
export type Dice = (below: number) => number;

/** A generator of 32-bit numbers (Steele, Lea and Flood's SplitMix, with MurmurHash3's finalizer) for input `index` of a run. */
export function createDice(seed: number, index: number): Dice {
  let state = mix(seed * 0x9e3779b1) ^ mix(index + 0x7f4a7c15);
  return (below) => {
    state = (state + 0x9e3779b9) | 0;
    return Math.floor((mix(state) / 2 ** 32) * below);
  };
}

function mix(value: number): number {
  let hash = value | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

type Mutation = (file: Uint8Array, dice: Dice, other: Uint8Array) => Uint8Array;

function join(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts));
}

/** Early bytes are the ones that say what the others mean. */
function place(length: number, dice: Dice): number {
  return dice(3) === 0 ? dice(Math.min(length, 200)) : dice(length);
}

const telling = [0x00, 0x01, 0x7f, 0x80, 0xfe, 0xff, 0xd0, 0xd9, 0xda, 0xc0, 0xc4, 0x2c, 0x21, 0x3b] as const;

const mutations: readonly Mutation[] = [
  function flipBit(file, dice) {
    const at = place(file.length, dice);
    return file.with(at, (file[at] ?? 0) ^ (1 << dice(8)));
  },
  function setByte(file, dice) {
    return file.with(place(file.length, dice), dice(2) === 0 ? dice(256) : (telling[dice(telling.length)] ?? 0));
  },
  function setNumber(file, dice) {
    const bytes = [2, 4][dice(2)] ?? 2;
    if (file.length < bytes) return file;
    const changed = file.slice();
    const view = new DataView(changed.buffer);
    const at = Math.min(place(file.length, dice), file.length - bytes);
    const value = [0, 1, 2, dice(64), dice(65_536), file.length, 0x7fff, 0xffff, 0x7fffffff, 0xffffffff][dice(10)] ?? 0;
    if (bytes === 2) view.setUint16(at, value & 0xffff, dice(2) === 0);
    else view.setUint32(at, value, dice(2) === 0);
    return changed;
  },
  function insert(file, dice) {
    const at = place(file.length, dice);
    const filling = dice(256);
    const bytes = new Uint8Array(1 + dice(dice(8) === 0 ? 4000 : 20)).map(() => (dice(2) === 0 ? filling : dice(256)));
    return join(file.subarray(0, at), bytes, file.subarray(at));
  },
  function remove(file, dice) {
    const at = place(file.length, dice);
    return join(file.subarray(0, at), file.subarray(at + 1 + dice(dice(4) === 0 ? 500 : 8)));
  },
  function truncate(file, dice) {
    return file.slice(0, place(file.length, dice));
  },
  function repeat(file, dice) {
    const from = place(file.length, dice);
    const piece = file.subarray(from, from + 1 + dice(200));
    const pieces = Array.from({ length: 1 + dice(30) }, () => piece);
    return join(file.subarray(0, from), ...pieces, file.subarray(from));
  },
  function move(file, dice) {
    const from = place(file.length, dice);
    const piece = file.slice(from, from + 4 + dice(400));
    const rest = join(file.subarray(0, from), file.subarray(from + piece.length));
    const to = dice(rest.length + 1);
    return join(rest.subarray(0, to), piece, rest.subarray(to));
  },
  function splice(file, dice, other) {
    return join(file.subarray(0, place(file.length, dice)), other.subarray(dice(other.length)));
  },
  function shufflePieces(file, dice) {
    const pieces = cutPieces(file);
    if (pieces.length < 3) return file;
    const one = 1 + dice(pieces.length - 1);
    const other = 1 + dice(pieces.length - 1);
    const changed = [...pieces];
    [changed[one], changed[other]] = [pieces[other] ?? file, pieces[one] ?? file];
    if (dice(3) === 0) changed.splice(one, dice(2), ...Array.from({ length: dice(20) }, () => pieces[other] ?? file));
    return join(...changed);
  },
];

/** A JPEG at its markers, a PNG or RIFF at its chunks' names; roughly, which is right for this. */
function cutPieces(file: Uint8Array): Uint8Array[] {
  const cuts = [0];
  for (let at = 2; at < file.length - 4 && cuts.length < 200; at++) {
    const isMarker = file[0] === 0xff && file[at] === 0xff && (file[at + 1] ?? 0) >= 0xc0;
    const isName = file[0] !== 0xff && [0, 1, 2, 3].every((letter) => ((file[at + letter] ?? 0) & 0xc0) === 0x40);
    if (isMarker || isName) cuts.push(isName ? Math.max(0, at - 4) : at);
  }
  return cuts.map((from, index) => file.subarray(from, cuts[index + 1] ?? file.length));
}

/** One to six mutations. */
export function mutate(file: Uint8Array, other: Uint8Array, dice: Dice): Uint8Array {
  let changed = file;
  for (let left = 1 + Math.min(dice(6), dice(6)); left > 0 && changed.length > 0; left--) {
    changed = mutations[dice(mutations.length)]?.(changed, dice, other) ?? changed;
  }
  return changed;
}
