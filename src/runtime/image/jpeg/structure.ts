/** The structure of a JPEG (ITU-T T.81, annex B) from SOI to EOI. Coded blocks are not decoded. */
import { UnreadableImage } from "../sampler.ts";
import * as marker from "./marker.ts";
import { isRestart, isStartOfFrame } from "./marker.ts";
import { AnnouncedParts } from "../structure/announced-parts.ts";
import { bytesOf, skip, type Run, type ReadRequest, type Walk } from "../structure/walk.ts";

const markerPrefix = 0xff;
const lengthBytes = 2;

/** Ends after EOI, having added what the picture announces to `parts`. @throws UnreadableImage */
export function* walkJpeg(parts: AnnouncedParts): Walk {
  const start = yield 2;
  if (start.getUint16(0) !== ((markerPrefix << 8) | marker.startOfImage)) throw new UnreadableImage("no JPEG start");
  yield* walkPicture(parts);
}

/** The same behind SOI; what a part announces in its turn does not count. @throws UnreadableImage */
export function* walkPicture(parts: AnnouncedParts | null = null): Walk {
  let frames = 0;
  let scans = 0;
  let code = yield* takeMarker();
  while (code !== marker.endOfImage) {
    // The markers that stand alone have their places, and none of those is here.
    if (code < marker.startOfFrame || isRestart(code) || code === marker.startOfImage) {
      throw new UnreadableImage("a marker out of place");
    }
    const bodyBytes = (yield lengthBytes).getUint16(0) - lengthBytes;
    if (bodyBytes < 0) throw new UnreadableImage("a segment shorter than its length");
    if (isStartOfFrame(code)) frames++;
    if (code === marker.startOfScan && frames === 0) throw new UnreadableImage("a scan before the frame");
    if (frames > 1) throw new UnreadableImage("a second frame");
    yield* takeBody(bodyBytes, code === marker.exif || code === marker.iccProfile ? parts : null);
    if (code === marker.startOfScan) {
      scans++;
      code = yield* passScan();
    } else code = yield* takeMarker();
  }
  if (scans === 0) throw new UnreadableImage("no scan");
}

/** Passes over a segment's body; one that may announce parts is read. */
function* takeBody(bytes: number, parts: AnnouncedParts | null): Walk {
  const start = parts === null || bytes < 4 ? new Uint8Array(0) : bytesOf(yield 4, 4);
  const rest = bytes - start.length;
  if (!AnnouncedParts.mayAnnounce(String.fromCharCode(...start))) yield skip(rest);
  else parts?.add(Uint8Array.of(...start, ...bytesOf(yield rest, rest)));
}

/** Takes a marker, with the fill bytes that may stand before its code (B.1.1.2). */
function* takeMarker(): Generator<ReadRequest, number, DataView> {
  if ((yield 1).getUint8(0) !== markerPrefix) throw new UnreadableImage("bytes between segments");
  let code = markerPrefix;
  while (code === markerPrefix) code = (yield 1).getUint8(0);
  return code;
}

/** Passes over coded blocks and restart markers; returns the code of the marker that ends them. */
function* passScan(): Generator<ReadRequest, number, DataView> {
  let code = 0;
  let afterPrefix = false;
  const findMarker: Run = (bytes, from) => {
    for (let at = from; at < bytes.length;) {
      if (!afterPrefix) {
        const prefix = bytes.indexOf(markerPrefix, at);
        if (prefix < 0) return -1;
        afterPrefix = true;
        at = prefix + 1;
        continue;
      }
      code = bytes[at++] as number;
      afterPrefix = code === markerPrefix;
      // 0 says that the 0xFF before it belongs to the blocks.
      if (code !== 0 && !afterPrefix && !isRestart(code)) return at;
    }
    return -1;
  };
  yield findMarker;
  return code;
}
