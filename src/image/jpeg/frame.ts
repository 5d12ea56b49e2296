/**
 * Reads a JPEG's frame and scan headers (ITU-T T.81, B.2.2 and B.2.3) and what APP14 says of its colours. It decodes nothing.
 */
import { UnreadableImage } from "../sampler.ts";

export interface FrameComponent {
  readonly id: number;
  /** Sampling factors: blocks of this component in a unit of an interleaved scan. */
  readonly across: number;
  readonly down: number;
  readonly quantizationTable: number;
  /** Blocks that hold pixels, without the padding of interleaved scans. */
  readonly blocksAcross: number;
  readonly blocksDown: number;
}

export interface Frame {
  readonly width: number;
  readonly height: number;
  readonly precisionBits: number;
  readonly progressive: boolean;
  readonly components: readonly FrameComponent[];
  readonly maxAcross: number;
  readonly maxDown: number;
}

interface ScanComponent {
  readonly component: FrameComponent;
  readonly dcTable: number;
  readonly acTable: number;
}

export interface ScanHeader {
  readonly components: readonly ScanComponent[];
  readonly spectralStart: number;
  readonly spectralEnd: number;
  /** Successive approximation: 0 in the first scan of a coefficient. */
  readonly previousBit: number;
  /** The lowest bit that this scan gives. */
  readonly lowBit: number;
}

const blockSide = 8;

function viewOf(body: Uint8Array): DataView {
  return new DataView(body.buffer, body.byteOffset, body.byteLength);
}

/** The size alone, which is known for every kind of JPEG. A height of 0 means that it only comes after the first scan. */
export function readFrameSize(body: Uint8Array): { width: number; height: number } {
  const view = viewOf(body);
  return { width: view.getUint16(3), height: view.getUint16(1) };
}

/** @throws UnreadableImage for what is not sampled, RangeError for a header that is too short */
export function readFrame(code: number, body: Uint8Array): Frame {
  if (code > 0xc2) throw new UnreadableImage(code >= 0xc9 ? "arithmetic coding" : "lossless or hierarchical coding");
  const view = viewOf(body);
  const { width, height } = readFrameSize(body);
  if (width === 0) throw new UnreadableImage("a width of no pixels");
  if (height === 0) throw new UnreadableImage("a height that only comes after the first scan (DNL)");
  const precisionBits = view.getUint8(0);
  if (precisionBits !== 8 && precisionBits !== 12) throw new UnreadableImage(`${precisionBits} bits a sample`);
  const count = view.getUint8(5);
  if (count !== 1 && count !== 3 && count !== 4) throw new UnreadableImage(`${count} components`);
  const declared = Array.from({ length: count }, (_, index) => {
    const at = 6 + index * 3;
    // The sampling factors of a lone component mean nothing: its blocks simply follow each other.
    const sampling = count === 1 ? 0x11 : view.getUint8(at + 1);
    return {
      id: view.getUint8(at),
      across: sampling >> 4,
      down: sampling & 15,
      quantizationTable: view.getUint8(at + 2),
    };
  });
  if (declared.some(({ across, down }) => across < 1 || across > 4 || down < 1 || down > 4)) {
    throw new UnreadableImage("sampling factors outside 1 to 4");
  }
  if (new Set(declared.map(({ id }) => id)).size < count) throw new UnreadableImage("two components with one name");
  const maxAcross = Math.max(...declared.map(({ across }) => across));
  const maxDown = Math.max(...declared.map(({ down }) => down));
  const components = declared.map((component) => ({
    ...component,
    blocksAcross: Math.ceil(Math.ceil((width * component.across) / maxAcross) / blockSide),
    blocksDown: Math.ceil(Math.ceil((height * component.down) / maxDown) / blockSide),
  }));
  return { width, height, precisionBits, progressive: code === 0xc2, components, maxAcross, maxDown };
}

/** @throws UnreadableImage for components that the frame does not have */
export function readScanHeader(frame: Frame, body: Uint8Array): ScanHeader {
  const view = viewOf(body);
  const count = view.getUint8(0);
  const components = Array.from({ length: count }, (_, index) => {
    const id = view.getUint8(1 + index * 2);
    const tables = view.getUint8(2 + index * 2);
    const component = frame.components.find((candidate) => candidate.id === id);
    if (component === undefined) throw new UnreadableImage("a scan of a component that is not in the frame");
    return { component, dcTable: tables >> 4, acTable: tables & 15 };
  });
  if (count === 0 || new Set(components.map(({ component }) => component)).size < count) {
    throw new UnreadableImage("a scan without components or with one twice");
  }
  const at = 1 + count * 2;
  return {
    components,
    spectralStart: view.getUint8(at),
    spectralEnd: view.getUint8(at + 1),
    previousBit: view.getUint8(at + 2) >> 4,
    lowBit: frame.progressive ? view.getUint8(at + 2) & 15 : 0,
  };
}

/** How a frame's components become red, green and blue. */
export type ColorModel = "gray" | "ycc" | "rgb" | "cmyk" | "inverted-cmyk" | "inverted-ycck";

/** The transform of an Adobe APP14 segment, null for another application's segment. */
export function readAdobeTransform(body: Uint8Array): number | null {
  const isAdobe = body.length >= 12 && String.fromCharCode(...body.subarray(0, 5)) === "Adobe";
  return isAdobe ? (body[11] ?? null) : null;
}

/** Adobe's transform decides, then JFIF (which is always YCbCr), then the components' names. */
export function colorModelOf(frame: Frame, adobeTransform: number | null, jfif: boolean): ColorModel {
  if (frame.components.length === 1) return "gray";
  if (frame.components.length === 4) {
    if (adobeTransform === null) return "cmyk";
    return adobeTransform === 2 ? "inverted-ycck" : "inverted-cmyk";
  }
  if (adobeTransform !== null) return adobeTransform === 0 ? "rgb" : "ycc";
  const names = String.fromCharCode(...frame.components.map(({ id }) => id));
  return !jfif && names === "RGB" ? "rgb" : "ycc";
}
