/** Pieces of SVG that contact sheets are made of. */

export const text = (x: number, y: number, words: string, more = ""): string =>
  `<text x="${x}" y="${y}" ${more}>${words}</text>`;

export const rectangle = (x: number, y: number, width: number, height: number, color: string): string =>
  `<rect x="${x}" y="${y}" width="${width}" height="${height}" fill="${color}" stroke="#0002"/>`;

interface Box {
  readonly width: number;
  readonly height: number;
}

/** As large as fits into the box, at its left. */
export function picture(x: number, y: number, { width, height }: Box, png: Buffer): string {
  const link = `data:image/png;base64,${png.toString("base64")}`;
  const place = `x="${x}" y="${y}" width="${width}" height="${height}"`;
  return `<image ${place} preserveAspectRatio="xMinYMid meet" href="${link}"/>`;
}

export function sheet({ width, height }: Box, fontSize: number, body: string): Buffer {
  const style = `font-family="sans-serif" font-size="${fontSize}" fill="#222"`;
  const ground = '<rect width="100%" height="100%" fill="#f4f4f2"/>';
  return Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" ${style}>${ground}${body}</svg>`,
  );
}
