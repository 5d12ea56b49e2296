/** Luma and chroma of colours (JFIF 1.02, section 7). */

export function lumaOf(red: number, green: number, blue: number): number {
  return 0.299 * red + 0.587 * green + 0.114 * blue;
}

/** Less 128, as all chroma here. */
export function bluenessOf(blue: number, luma: number): number {
  return (blue - luma) / 1.772;
}

export function rednessOf(red: number, luma: number): number {
  return (red - luma) / 1.402;
}
