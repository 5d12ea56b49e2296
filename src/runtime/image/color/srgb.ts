/** The curve of sRGB (IEC 61966-2-1), between values as they are stored and light. Both go from 0 to 1. */

export function toLight(value: number): number {
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}

/** Light beyond 0 to 1 is cut off. */
export function fromLight(light: number): number {
  const cut = Math.min(1, Math.max(0, light));
  return cut <= 0.0031308 ? cut * 12.92 : 1.055 * cut ** (1 / 2.4) - 0.055;
}
