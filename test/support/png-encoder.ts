/** Makes PNG files for tests: every colour type, depth, filter and interlacing, and files that are wrong on purpose. */

export interface PngOptions {
  readonly width: number;
  readonly height: number;
  /** IHDR's colour type: 0, 2, 3, 4 or 6. */
  readonly colorType: number;
  readonly depth: number;
  readonly interlaced?: boolean;
  /** Filter of a row; cycles through all five by default. */
  readonly filterOf?: (row: number) => number;
  /** The channels of a pixel, each from 0 to 2^depth − 1 (for a palette: the index). */
  readonly pixel: (x: number, y: number) => readonly number[];
  readonly palette?: Uint8Array;
  readonly transparency?: Uint8Array;
  /** Chunks between IHDR and IDAT, and after IDAT. */
  readonly before?: readonly Uint8Array[];
  readonly after?: readonly Uint8Array[];
  /** Bytes of image data per IDAT chunk. */
  readonly idatBytes?: number;
  /** Bytes after the end of the zlib stream. */
  readonly zlibTail?: Uint8Array;
}

const channelsOf: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

export const pngSignature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

export async function encodePng(options: PngOptions): Promise<Uint8Array> {
  const { width, height, colorType, depth, interlaced = false, idatBytes = 8192 } = options;
  const packed = concatBytes([await deflate(filteredRows(options)), options.zlibTail ?? new Uint8Array(0)]);
  const idats: Uint8Array[] = [];
  for (let at = 0; at < packed.length; at += idatBytes) {
    idats.push(pngChunk("IDAT", packed.subarray(at, at + idatBytes)));
  }
  return concatBytes([
    pngSignature,
    pngHeader(width, height, depth, colorType, interlaced),
    ...(options.palette ? [pngChunk("PLTE", options.palette)] : []),
    ...(options.transparency ? [pngChunk("tRNS", options.transparency)] : []),
    ...(options.before ?? []),
    ...idats,
    ...(options.after ?? []),
    pngChunk("IEND", new Uint8Array(0)),
  ]);
}

export function pngHeader(
  width: number,
  height: number,
  depth: number,
  colorType: number,
  interlaced = false,
): Uint8Array {
  const body = new DataView(new ArrayBuffer(13));
  body.setUint32(0, width);
  body.setUint32(4, height);
  body.setUint8(8, depth);
  body.setUint8(9, colorType);
  body.setUint8(12, interlaced ? 1 : 0);
  return pngChunk("IHDR", new Uint8Array(body.buffer));
}

export function pngChunk(name: string, body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(12 + body.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, body.length);
  bytes.set(new TextEncoder().encode(name), 4);
  bytes.set(body, 8);
  view.setUint32(8 + body.length, crc32(bytes.subarray(4, 8 + body.length)));
  return bytes;
}

/** zlib format. */
async function deflate(bytes: Uint8Array): Promise<Uint8Array> {
  return compress(new Blob([bytes.slice()]).stream());
}

async function compress(source: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<Uint8Array> {
  return new Uint8Array(await new Response(source.pipeThrough(new CompressionStream("deflate"))).arrayBuffer());
}

/** zlib format of `length` equal bytes, made without holding them. */
export async function deflateZeros(length: number): Promise<Uint8Array> {
  const piece = new Uint8Array(1 << 20);
  let left = length;
  const source = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      controller.enqueue(piece.slice(0, Math.min(left, piece.length)));
      left -= Math.min(left, piece.length);
      if (left === 0) controller.close();
    },
  });
  return compress(source);
}

export function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

const adam7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

function filteredRows(options: PngOptions): Uint8Array {
  const { width, height, depth, colorType, interlaced = false, pixel, filterOf = (row) => row % 5 } = options;
  const pixelBytes = Math.max(1, ((channelsOf[colorType] ?? 1) * depth) >> 3);
  const rows: Uint8Array[] = [];
  for (const [left, top, stepX, stepY] of interlaced ? adam7 : ([[0, 0, 1, 1]] as const)) {
    const columns = Math.ceil((width - left) / stepX);
    if (columns <= 0) continue;
    let above: Uint8Array | null = null;
    for (let y = top, row = 0; y < height; y += stepY, row++) {
      const samples = Array.from({ length: columns }, (_, index) => pixel(left + index * stepX, y)).flat();
      const raw = packSamples(samples, depth);
      rows.push(filterRow(filterOf(row), raw, above ?? new Uint8Array(raw.length), pixelBytes));
      above = raw;
    }
  }
  return concatBytes(rows);
}

function packSamples(samples: readonly number[], depth: number): Uint8Array {
  const bytes = new Uint8Array(Math.ceil((samples.length * depth) / 8));
  for (const [index, sample] of samples.entries()) {
    if (depth === 16) {
      bytes[index * 2] = sample >> 8;
      bytes[index * 2 + 1] = sample & 255;
    } else {
      const bit = index * depth;
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) | (sample << (8 - depth - (bit & 7)));
    }
  }
  return bytes;
}

function filterRow(filter: number, raw: Uint8Array, above: Uint8Array, pixelBytes: number): Uint8Array {
  const row = new Uint8Array(raw.length + 1);
  row[0] = filter;
  for (let at = 0; at < raw.length; at++) {
    const left = raw[at - pixelBytes] ?? 0;
    const up = above[at] ?? 0;
    const upperLeft = at < pixelBytes ? 0 : (above[at - pixelBytes] ?? 0);
    const predictions = [0, left, up, (left + up) >> 1, paeth(left, up, upperLeft)];
    row[at + 1] = (raw[at] ?? 0) - (predictions[filter] ?? 0);
  }
  return row;
}

function paeth(left: number, up: number, upperLeft: number): number {
  const estimate = left + up - upperLeft;
  const [toLeft, toUp, toUpperLeft] = [left, up, upperLeft].map((value) => Math.abs(estimate - value)) as [
    number,
    number,
    number,
  ];
  if (toLeft <= toUp && toLeft <= toUpperLeft) return left;
  return toUp <= toUpperLeft ? up : upperLeft;
}

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}
