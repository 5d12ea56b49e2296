/**
 * Lets only the picture of a GIF file pass: screen, colour tables, frames, their times and the count of loops (GIF89a,
 * 17 to 23). It does not decode: whatever is inside compressed pixels passes as pixels.
 */
import {
  colorTableBytes,
  descriptorBytes,
  extensionBlock,
  graphicControl,
  graphicControlBytes,
  headBytes,
  imageBlock,
  readSubBlocks,
  trailerBlock,
} from "./blocks.ts";
import { isomorphicDecode, type Flow, type StripInput } from "../strip/input.ts";

const application = 0xff;
/** Applications whose extension says how often a film is played, and the sub-block in which it does. */
const loopNames: ReadonlySet<string> = new Set(["NETSCAPE2.0", "ANIMEXTS1.0"]);
const nameBytes = 11;
const loopBytes = 3;
const loopCode = 1;

/**
 * Nothing passes unless the file begins as a GIF. Comments, texts drawn over the picture, which no browser shows, and
 * all other extensions are dropped. The picture ends with its trailer, or where no block begins although one should.
 */
export function* stripGif(input: StripInput): Flow {
  const head = yield* input.exactly(headBytes);
  if (head.length < headBytes || !/^GIF8[79]a/.test(isomorphicDecode(head))) return;
  yield head;
  yield* input.pass(colorTableBytes(head[10] ?? 0));
  for (;;) {
    const [kind] = yield* input.exactly(1);
    if (kind === imageBlock) yield* passImage(input);
    else if (kind === extensionBlock) yield* passExtension(input);
    else {
      if (kind === trailerBlock) yield Uint8Array.of(trailerBlock);
      return;
    }
  }
}

function* passImage(input: StripInput): Flow {
  const descriptor = yield* input.exactly(descriptorBytes);
  yield Uint8Array.of(imageBlock, ...descriptor);
  if (descriptor.length < descriptorBytes) return;
  yield* input.pass(colorTableBytes(descriptor[descriptorBytes - 1] ?? 0) + 1);
  yield* takeSubBlocks(input, true);
}

/** Only what says how frames are shown passes, and of that no more than its kind has. */
function* passExtension(input: StripInput): Flow {
  const [label = 0] = yield* input.exactly(1);
  let sizes = yield* input.exactly(1);
  if (label === graphicControl && sizes[0] === graphicControlBytes) {
    const control = yield* input.exactly(graphicControlBytes);
    if (control.length < graphicControlBytes) return;
    yield Uint8Array.of(extensionBlock, label, graphicControlBytes, ...control, 0);
    sizes = yield* input.exactly(1);
  } else if (label === application && sizes[0] === nameBytes) {
    const name = (yield* input.exactly(nameBytes)).slice();
    sizes = yield* input.exactly(1);
    if (sizes[0] === loopBytes && loopNames.has(isomorphicDecode(name))) {
      const loop = yield* input.exactly(loopBytes);
      if (loop.length === loopBytes && loop[0] === loopCode) {
        yield Uint8Array.of(extensionBlock, label, nameBytes, ...name, loopBytes, ...loop, 0);
      }
      sizes = yield* input.exactly(1);
    }
  }
  const [size = 0] = sizes;
  if (size === 0) return;
  yield* input.drop(size);
  yield* takeSubBlocks(input, false);
}

/** Up to the empty sub-block that ends them; they pass or are dropped. */
function* takeSubBlocks(input: StripInput, passes: boolean): Flow {
  let blocks = 0;
  const findEnd = readSubBlocks(() => blocks++);
  for (;;) {
    const view = input.some(Infinity);
    const to = findEnd(view, 0);
    // To look at one costs about a quarter of what taking something costs.
    input.takes += blocks >> 2;
    blocks &= 3;
    if (to >= 0) input.putBack(view.length - to);
    const taken = to < 0 ? view : view.subarray(0, to);
    if (passes && taken.length > 0) yield taken;
    if (to >= 0 || input.ended) return;
    yield null;
  }
}
